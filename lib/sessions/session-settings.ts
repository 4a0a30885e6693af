import { Type, type Static, type TObject } from '@sinclair/typebox'
import { Duration, describe, omitUndefined } from '../contracts/fields.js'
import type { SessionAffinity, SessionKind } from '../contracts/session-affinity.js'
import type { Reader } from '../contracts/xml-form.js'
import type { Element } from '../xml/element.js'
import { boundedIds } from '../soap/session-id.js'
import { asElements, type Inside } from '../xml/markup.js'

/** The fields of every session kind. */
export const sessionSettings = {
  sessionTimeout: describe(Type.Optional(Duration), 'Session timeout in milliseconds.', 120000),
  expiry: describe(
    Type.Optional(Type.Union([Type.Literal('sliding'), Type.Literal('absolute')])),
    'Whether the timeout counts from the last or from the first message.',
    'sliding'
  ),
  maxSessions: describe(
    Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 })),
    'Capacity of the session table. When it is full, the least recently used session is evicted.',
    1000000
  ),
  onLost: describe(
    Type.Optional(Type.Union([Type.Literal('strict'), Type.Literal('redispatch')])),
    'If the member of a session is not available: fail its messages, or bind the session to another member.',
    'strict'
  )
}

type SessionSettings = Static<TObject<typeof sessionSettings>>

/** `<session type expiry maxSessions onLost><sessionTimeout>ms</sessionTimeout></session>` */
export function readSettings (element: Element, reader: Reader): object {
  const maxSessions = element.attribute('maxSessions')
  const isValid = maxSessions !== undefined && /^[1-9]\d*$/.test(maxSessions)
  if (maxSessions !== undefined && !isValid) {
    reader.problem(element, `maxSessions expects a whole number above 0, not "${maxSessions}"`)
  }
  return omitUndefined({
    sessionTimeout: reader.number(element, 'sessionTimeout'),
    expiry: element.attribute('expiry'),
    maxSessions: isValid ? Number(maxSessions) : undefined,
    onLost: element.attribute('onLost')
  })
}

/** The inverse of `readSettings`. */
export const writeSettings = ({ sessionTimeout, ...attributes }: SessionSettings): Inside =>
  [attributes, ...asElements({ sessionTimeout })]

/** Default: a sliding timeout of two minutes, a million sessions, strict. */
export function sessionPolicyOf (settings: SessionSettings): Pick<SessionAffinity, 'policy' | 'onLost'> {
  const { sessionTimeout = 120_000, expiry = 'sliding', maxSessions = 1_000_000, onLost = 'strict' } = settings
  return { policy: { timeout: sessionTimeout, expiry, maxSessions }, onLost }
}

/** A session kind whose sessions are kept in a table. Requests with ids of more than 65,536 characters are refused. */
export const tableSession = (kind: SessionKind, config: SessionSettings): SessionAffinity =>
  ({ ...kind, idsInRequest: request => boundedIds(kind.idsInRequest(request)), ...sessionPolicyOf(config) })
