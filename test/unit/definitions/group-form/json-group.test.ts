import t from 'tap'
import { algorithms } from '../../../../lib/algorithms/index.js'
import { editGroup, groupsIn, readGroupForm } from '../../../../lib/definitions/group-form/edit-group.js'
import { SYNAPSE_ALGORITHMS, type GroupChange } from '../../../../lib/definitions/group-form/group-form.js'
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
  const addProperty = { name: 'a', value: '<1>', isExpression: false, scope: 'default' }
  const added = editGroup(TEXT, 'OrdersLB', { addProperty })!
  t.match(readGroupForm(added, 'OrdersLB')!.properties, [{ name: 'a', value: '<1>', scope: 'default' }])
  t.equal(editGroup(added, 'OrdersLB', { property: 0 }), TEXT)
})

t.test('weights, lists of error codes and properties are changed in JSON in place', async t => {
  const after = (change: GroupChange): string | undefined => changed(change)[1]
  t.match(after({ member: 1, set: 'weight', value: '3' }), '"properties": [')
  const weighted = editGroup(TEXT, 'OrdersLB', { member: 1, set: 'weight', value: '3' })!
  t.equal(readGroupForm(weighted, 'OrdersLB')!.members[1]!.fields.weight.value, '3')
  t.equal(editGroup(weighted, 'OrdersLB', { member: 1, set: 'weight', value: undefined }), TEXT)
  t.match(after({ member: 1, set: 'suspendErrorCodes', value: '101503 101508' }),
    '"suspendOnFailure": { "errorCodes": [101503, 101508] }')
  t.match(after({ member: 1, set: 'markErrorCodes', value: 'soon' }), '"markForSuspension": { "errorCodes": "soon" }')
  const property = { name: 'a', value: '//x', isExpression: true, scope: 'axis2' }
  const added = editGroup(TEXT, 'OrdersLB', { addProperty: property })!
  t.match(readGroupForm(added, 'OrdersLB')!.properties, [property])
  const renamed = editGroup(added, 'OrdersLB', { property: 0, set: 'value', value: '//y' })!
  t.equal(renamed, added.replace('//x', '//y'))
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

t.test('a comment inside of a session is not lost: the change is refused', async t => {
  const group = (session: string): string =>
    `{"endpoints":{"G":{"kind":"loadbalance","session":${session},"members":[{"name":"a","uri":"http://a"}]}}}`
  const none = { set: 'session', value: undefined } as const
  t.equal(editGroup(group('{ "kind": "header", /* agreed */ "name": "X-Id" }'), 'G', none), undefined)
  t.match(editGroup(group('{ "kind": "header", "name": "X-Id" }'), 'G', none), /^((?!header).)*$/)
})
