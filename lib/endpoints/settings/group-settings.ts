import { Type } from '@sinclair/typebox'
import { Duration, describe } from '../../contracts/fields.js'
import { isParameter, type ParameterReference, type Reader, type Writer } from '../../contracts/xml-form.js'
import { healthCheckField } from './health-check-settings.js'
import type { Element } from '../../xml/element.js'
import type { Tag } from '../../xml/markup.js'

/**
 * Reads the children of a group: endpoints, or members by host and port.
 * @see Apache Synapse, EndpointFactory, LoadbalanceEndpointFactory
 */
export function readMembers (group: Element, reader: Reader): unknown[] {
  const endpoints = group.all('endpoint')
  const members = group.all('member')
  if (endpoints.length > 0 && members.length > 0) {
    reader.problem(
      group,
      'a group has either endpoints or members, not both',
      'write a member as <endpoint><address uri="http://host:port/path"/></endpoint>'
    )
  }
  const keys = new Set<string>()
  for (const each of endpoints) {
    const key = each.attribute('key')
    if (key !== undefined && keys.has(key)) {
      reader.problem(each, `the endpoint "${key}" is in this group twice`, 'give it a weight instead')
    }
    if (key !== undefined) keys.add(key)
  }
  return [...endpoints, ...members].map(reader.endpoint)
}

/** The inverse of `readMembers`. */
export const writeMembers = (members: readonly unknown[], writer: Writer): Tag[] =>
  members.map(config => {
    const tag = writer.endpoint(config)
    return (config as { kind: string }).kind === 'member' ? (tag.at(-1) as Tag) : tag
  })

/** The algorithm of a group that names none. */
export const DEFAULT_ALGORITHM = { kind: 'roundRobin' } as const

/**
 * The settings of every group that spreads messages. Made for each kind, so that the reference shows them with each.
 */
export const balancingFields = () => ({
  algorithm: describe(Type.Optional(Type.Ref('Algorithm')), 'The order of the members. Default: round robin.'),
  session: describe(Type.Optional(Type.Ref('Session')), 'Keeps a client at the member that first served it.'),
  failover: describe(
    Type.Optional(Type.Boolean({ default: true })),
    'Whether the next member is tried after a failure. A first message of a session always fails over.'
  ),
  retry: describe(
    Type.Optional(Type.Literal('unsent')),
    '`unsent`: a message that a member may have received is not sent again.'
  ),
  failureStatus: failureStatusField(),
  minReady: describe(
    Type.Optional(Type.String({ pattern: '^(?:100|\\d{1,2})%$' })),
    'A share of ready members: below it, suspensions by failures after sending are ignored, so that a message that ' +
        'breaks every member leaves some. Default: none.'
  ),
  healthCheck: healthCheckField('members that have no check of their own'),
  slowStart: describe(
    Type.Optional(Duration),
    'Time in ms in which the share of new messages of a member that is new, or back from a suspension, grows ' +
        'to its full size.'
  )
})

/** A new one for each kind, as `balancingFields`. */
export const failureStatusField = () =>
  describe(
    Type.Optional(Type.Array(Type.Integer({ minimum: 100, maximum: 599 }))),
    'HTTP statuses that are failures of members that name none themselves. In XML with spaces between.'
  )

/** The name of the kind of an algorithm or a session. */
export const kindOf = (config: unknown): string | undefined => (config as { kind: string } | undefined)?.kind

/** `minReady="50%"` as a share from 0 to 1. */
export const shareOf = (minReady: string): number => Number(minReady.slice(0, -1)) / 100

/** `slowStart="30000"` */
export function readSlowStart (group: Element, reader: Reader): number | ParameterReference | undefined {
  const text = group.attribute('slowStart')?.trim()
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? undefined : Number(text)
  if (isParameter(text)) return text
  reader.problem(group, `slowStart expects milliseconds, not "${text}"`)
  return undefined
}
