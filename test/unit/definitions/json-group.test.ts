import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripComments } from 'jsonc-parser'
import t from 'tap'
import { algorithms } from '../../../lib/algorithms/index.js'
import { editGroup, groupsIn, readGroupForm } from '../../../lib/definitions/group-form/edit-group.js'
import {
  FIELDS_OF_GROUP,
  FIELDS_OF_MEMBER,
  MEMBER_KINDS,
  SYNAPSE_ALGORITHMS,
  type GroupChange,
  type GroupFieldName,
  type MemberFieldName
} from '../../../lib/definitions/group-form/group-form.js'
import { parse } from '../../../lib/definitions/load.js'
import { differences } from './differences.js'

const TEXT = `{
  // Owner: team-orders; Größe
  "endpoints": {
    "OrdersLB": {
      "kind": "loadbalance",
      "session": { "kind": "simpleClientSession", "sessionTimeout": 600000 }, // ten minutes
      "members": [
        {
          "kind": "address",
          "name": "orders-1", /* old hardware */
          "uri": "http://orders-1:9001/a?x=1&y=2",
          "suspendOnFailure": {
            // agreed with operations
            "initialDuration": 20000,
            "progressionFactor": 2.0 // doubled
          }
        },
        // until March
        { "kind": "address", "name": "orders-2", "uri": "http://orders-2:9001/" },
        { "kind": "reference", "key": "Elsewhere" },
      ]
    },
    "Elsewhere": { "kind": "address", "uri": "http://elsewhere:9001/" }
  }
}
`

const changed = (change: GroupChange, text = TEXT, name: string | number = 'OrdersLB'): string[] =>
  differences(text, editGroup(text, name, change) ?? 'not possible')

t.test('a group in JSON is read as the same form as one in XML, with the line of each value', async t => {
  const form = readGroupForm(TEXT, 'OrdersLB')!
  t.match(form, {
    kind: 'loadbalance',
    fields: {
      name: { value: 'OrdersLB' },
      algorithm: { value: undefined, line: 4 },
      session: { value: 'simpleClientSession', line: 6 },
      sessionTimeout: { value: '600000', line: 6 }
    }
  })
  t.strictSame(
    form.members.map(({ kind, line, fields: { name, uri, key } }) => [kind, line, name.value, uri.value, key.value]),
    [
      ['address', 8, 'orders-1', 'http://orders-1:9001/a?x=1&y=2', undefined],
      ['address', 19, 'orders-2', 'http://orders-2:9001/', undefined],
      ['reference', 20, undefined, undefined, 'Elsewhere']
    ]
  )
  t.match(form.members[0]!.fields.progressionFactor, { value: '2.0', line: 15, partLine: 12 })
  t.equal(readGroupForm(TEXT, 'Unknown'), undefined)
  t.equal(readGroupForm('{ "endpoints": ', 'OrdersLB'), undefined)
  t.equal(readGroupForm('['.repeat(1_000_000), 0), undefined, 'deep nesting is refused')
})

t.test('a value in JSON is replaced where it stands, with its type', async t => {
  t.strictSame(changed({ set: 'sessionTimeout', value: '900000' }), [
    '-      "session": { "kind": "simpleClientSession", "sessionTimeout": 600000 }, // ten minutes',
    '+      "session": { "kind": "simpleClientSession", "sessionTimeout": 900000 }, // ten minutes'
  ])
  t.strictSame(changed({ member: 1, set: 'uri', value: 'http://a/?b="2"' }), [
    '-        { "kind": "address", "name": "orders-2", "uri": "http://orders-2:9001/" },',
    '+        { "kind": "address", "name": "orders-2", "uri": "http://a/?b=\\"2\\"" },'
  ])
  t.strictSame(changed({ member: 0, set: 'progressionFactor', value: '2,5' }), [
    '-            "progressionFactor": 2.0 // doubled',
    '+            "progressionFactor": "2,5" // doubled'
  ])
  t.strictSame(changed({ set: 'name', value: 'Ordersß' }), ['-    "OrdersLB": {', '+    "Ordersß": {'])
})

t.test('a value that is not set yet in JSON is written beside its neighbours', async t => {
  t.strictSame(changed({ set: 'onLost', value: 'redispatch' }), [
    '-      "session": { "kind": "simpleClientSession", "sessionTimeout": 600000 }, // ten minutes',
    '+      "session": { "kind": "simpleClientSession", "sessionTimeout": 600000, "onLost": "redispatch" }, // ten minutes'
  ])
  t.strictSame(changed({ set: 'failover', value: 'false' }), ['+      "failover": false,'])
  t.strictSame(changed({ set: 'algorithm', value: 'leastRequests' }), [
    '+      "algorithm": {',
    '+        "kind": "leastRequests"',
    '+      },'
  ])
  t.strictSame(changed({ member: 0, set: 'maximumDuration', value: '120000' }), [
    '-            "progressionFactor": 2.0 // doubled',
    '+            "progressionFactor": 2.0, // doubled',
    '+            "maximumDuration": 120000'
  ])
  t.strictSame(changed({ member: 0, set: 'duration', value: '5000' }), [
    '+          },',
    '+          "timeout": {',
    '+            "duration": 5000'
  ])
  t.strictSame(changed({ member: 1, set: 'duration', value: '5000' }), [
    '-        { "kind": "address", "name": "orders-2", "uri": "http://orders-2:9001/" },',
    '+        { "kind": "address", "name": "orders-2", "uri": "http://orders-2:9001/", "timeout": { "duration": 5000 } },'
  ])
})

t.test('a value that is removed from JSON takes the objects with it that become empty, and no comment', async t => {
  t.strictSame(changed({ member: 0, set: 'initialDuration', value: undefined }), [
    '-            "initialDuration": 20000,'
  ])
  t.strictSame(changed({ member: 0, set: 'progressionFactor', value: undefined }), [
    '-            "initialDuration": 20000,',
    '-            "progressionFactor": 2.0 // doubled',
    '+            "initialDuration": 20000',
    '+            // doubled'
  ])
  const once = editGroup(TEXT, 'OrdersLB', { member: 1, set: 'duration', value: '5000' })!
  t.equal(editGroup(once, 'OrdersLB', { member: 1, set: 'duration', value: undefined }), TEXT)
  t.strictSame(changed({ set: 'session', value: undefined }), [
    '-      "session": { "kind": "simpleClientSession", "sessionTimeout": 600000 }, // ten minutes',
    '+      // ten minutes'
  ])
})

t.test('members in JSON are added, duplicated, moved and removed; comments stay where they are', async t => {
  t.strictSame(changed({ add: 'address', name: 'orders-3' }), [
    '+        { "kind": "address", "name": "orders-3", "uri": "http://localhost:9000/" },'
  ])
  t.strictSame(changed({ remove: 1 }), [
    '-        { "kind": "address", "name": "orders-2", "uri": "http://orders-2:9001/" },'
  ])
  t.strictSame(changed({ duplicate: 1, name: 'orders-4' }), [
    '+        { "kind": "address", "name": "orders-4", "uri": "http://orders-2:9001/" },'
  ])
  const moved = editGroup(TEXT, 'OrdersLB', { move: 0, to: 1 })!
  t.strictSame(
    readGroupForm(moved, 'OrdersLB')!.members.map(({ fields }) => fields.name.value),
    ['orders-2', 'orders-1', undefined]
  )
  t.equal(moved.length, TEXT.length)
})

t.test('properties of a group in JSON are added and removed', async t => {
  const added = editGroup(TEXT, 'OrdersLB', { addProperty: 'a', value: '<1>' })!
  t.match(readGroupForm(added, 'OrdersLB')!.properties, [{ name: 'a', value: '<1>', scope: 'default' }])
  t.equal(editGroup(added, 'OrdersLB', { removeProperty: 'a' }), TEXT)
})

t.test('a value in JSON that has several parts is changed in the source only', async t => {
  const text = TEXT.replace(
    '"uri": "http://orders-1:9001/a?x=1&y=2"',
    '"uri": "http://a/", "timeout": { "duration": { "xpath": "1" } }'
  )
  t.equal(readGroupForm(text, 'OrdersLB')!.members[0]!.fields.duration.value, '{1}')
  t.equal(editGroup(text, 'OrdersLB', { member: 0, set: 'duration', value: '1' }), undefined)
})

t.test('each member of a large group in JSON has its line, whatever brackets its texts contain', t => {
  const members = Array.from({ length: 200 }, (_, at) => {
    return { kind: 'address', name: `${'['.repeat(300)}${at}`, uri: 'http://a' }
  })
  const text = JSON.stringify({ endpoints: { G: { kind: 'loadbalance', members } } }, null, 2)
  const lines = text.split('\n')
  const form = readGroupForm(text, 'G')!
  t.strictSame(
    form.members.map(({ fields }) => lines[fields.name.line - 1]?.trim()),
    members.map(({ name }) => `"name": "${name}",`)
  )
  t.strictSame(
    form.members.map(({ line }) => lines[line - 1]?.trim()),
    members.map(() => '{')
  )
  t.end()
})

t.test('groups in JSON are listed with the artefact that they stand in', async t => {
  const inner = { kind: 'loadbalance', name: 'in', members: [] }
  const text = JSON.stringify({ proxies: { P: { endpoint: { kind: 'failover', members: [inner] } } } })
  t.strictSame(groupsIn(text), [
    { name: undefined, artefact: 'P' },
    { name: 'in', artefact: 'P' }
  ])
  t.equal(readGroupForm(text, 0)!.kind, 'failover')
})

t.test('the algorithms of the form are those of the gateway', async t => {
  for (const [name, known] of Object.entries(SYNAPSE_ALGORITHMS)) {
    const { aliases = [] } = algorithms.find(each => each.name === name)!
    t.ok(aliases.includes(known) && aliases.includes(`org.apache.synapse.endpoints.algorithms.${known}`), name)
  }
})

/** A valid value for each field that is not the one of any sample. */
const VALUES: Readonly<Record<GroupFieldName | MemberFieldName, string>> = {
  name: 'seven',
  algorithm: 'leastRequests',
  failover: 'false',
  dynamic: 'false',
  retry: 'unsent',
  slowStart: '7000',
  session: 'cookie',
  sessionName: 'X-Seven',
  sessionKeys: 'seven-seven-seven-seven-seven-seven another-another-another-another',
  sessionTimeout: '7000',
  expiry: 'absolute',
  maxSessions: '7',
  onLost: 'redispatch',
  key: 'Seven',
  keyExpression: "get-property('seven')",
  template: 'seven',
  uri: 'http://seven:7/',
  uriTemplate: 'http://seven:7/{uri.var.a}',
  service: 'Seven',
  port: 'SevenPort',
  hostName: 'seven',
  httpPort: '7',
  httpsPort: '8',
  format: 'pox',
  duration: '7000',
  responseAction: 'discard',
  retriesBeforeSuspension: '7',
  retryDelay: '70',
  initialDuration: '7000',
  progressionFactor: '1.5',
  maximumDuration: '70000'
}

/** Texts with groups: all XML samples of the tests, and the one that is shipped. */
function samples (): string[] {
  const folder = new URL('../../../../test/', import.meta.url).pathname
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.xml'))
    .map(name => readFileSync(join(folder, name), 'utf8'))
    .concat(readFileSync(join(folder, '../config/lb-proxy.xml'), 'utf8'))
    .filter(text => groupsIn(text).length > 0)
}

/** All that the form can do with a group. */
function changesOf (text: string, group: number): GroupChange[] {
  const { kind, members } = readGroupForm(text, group)!
  return [
    ...FIELDS_OF_GROUP[kind].map(set => ({ set, value: VALUES[set] })),
    ...FIELDS_OF_GROUP[kind].map(set => ({ set, value: undefined })),
    ...members.flatMap(({ kind }, member) =>
      (FIELDS_OF_MEMBER[kind] ?? []).flatMap(set => [
        { member, set, value: VALUES[set] },
        { member, set, value: undefined }
      ])
    ),
    ...MEMBER_KINDS.map(add => ({ add, name: 'seven' })),
    ...members.flatMap((_, at) => [{ remove: at }, { duplicate: at, name: 'seven' }, { move: at, to: 0 }]),
    { addProperty: 'seven', value: '7' }
  ]
}

/** JSON with a comment before and behind each value on its line. */
const commented = (json: string): string =>
  json.replace(/^( *)(".*?[^{[])(,?)$/gm, '$1// before $2\n$1$2$3 // behind')

t.test(
  'in every sample, each change of the form gives the same model in XML and in JSON, and no comment is lost',
  async t => {
    let count = 0
    for (const xml of samples()) {
      const { definitions, problems } = parse(xml)
      if (problems.some(({ severity }) => severity === 'error')) continue
      const json = commented(JSON.stringify(definitions, null, 2))
      t.same(parse(json).definitions, definitions, 'comments change nothing')
      const inJson = groupsIn(json)
      for (const [group, { name }] of groupsIn(xml).entries()) {
        const same =
          name === undefined ? (inJson.length === 1 ? 0 : -1) : inJson.findIndex(each => each.name === name)
        if (same < 0) continue
        for (const change of changesOf(xml, group)) {
          const [a, b] = [editGroup(xml, group, change), editGroup(json, same, change)]
          if (a === undefined || b === undefined) continue
          const label = `${JSON.stringify(change)} in ${name} of ${xml.slice(0, 100)}`
          const [inXml, read] = [parse(a), parse(b)]
          if (inXml.problems.some(({ severity }) => severity === 'error')) continue
          count++
          if (JSON.stringify(sorted(inXml.definitions)) !== JSON.stringify(sorted(read.definitions))) {
            t.same(read.definitions, inXml.definitions, label)
          }
          if (!('set' in change) || change.value === undefined) continue
          const lost = comments(json).find(comment => !b.includes(comment))
          if (lost !== undefined) t.fail(`${label}: ${lost}`)
        }
      }
    }
    t.ok(count > 100, `${count} changes`)
  }
)

const comments = (json: string): string[] => {
  const bare = stripComments(json, ' ')
  return [...json.matchAll(/\/\/ .*/g)]
    .filter(({ index }) => bare.slice(index, index + 2).trim() === '')
    .map(([text]) => text)
}

/** With keys in one order: only lists have an order of their own. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, each]) => [key, sorted(each)])
      )
      : value

t.test('a comment inside of a session is not lost: the change is refused', async t => {
  const group = (session: string): string =>
    `{"endpoints":{"G":{"kind":"loadbalance","session":${session},"members":[{"name":"a","uri":"http://a"}]}}}`
  const none = { set: 'session', value: undefined } as const
  t.equal(editGroup(group('{ "kind": "header", /* agreed */ "name": "X-Id" }'), 'G', none), undefined)
  t.match(editGroup(group('{ "kind": "header", "name": "X-Id" }'), 'G', none), /^((?!header).)*$/)
})
