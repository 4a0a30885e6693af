import { stripComments } from 'jsonc-parser'
import t from 'tap'
import { editGroup, groupsIn, readGroupForm } from '../../../../lib/definitions/group-form/edit-group.js'
import {
  FIELDS_OF_GROUP,
  FIELDS_OF_MEMBER,
  MEMBER_KINDS,
  type GroupChange,
  type GroupFieldName,
  type MemberFieldName
} from '../../../../lib/definitions/group-form/group-form.js'
import { parse } from '../../../../lib/definitions/load.js'
import { groupSamples } from './group-samples.js'

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
  weight: '7',
  markErrorCodes: '101504, 101505',
  retriesBeforeSuspension: '7',
  retryDelay: '70',
  suspendErrorCodes: '101503 101508',
  enabledErrorCodes: '101503',
  disabledErrorCodes: '101504',
  initialDuration: '7000',
  progressionFactor: '1.5',
  maximumDuration: '70000'
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
    { addProperty: { name: 'seven', value: '7', isExpression: false, scope: 'axis2' } }
  ]
}

/** JSON with a comment before and after each value on its line. */
const commented = (json: string): string =>
  json.replace(/^( *)(".*?[^{[])(,?)$/gm, '$1// before $2\n$1$2$3 // after')

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

t.test(
  'in every sample, each change of the form gives the same model in XML and in JSON, and no comment is lost',
  async t => {
    let count = 0
    for (const xml of groupSamples()) {
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
