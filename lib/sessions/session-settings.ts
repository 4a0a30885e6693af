import { Type, type Static, type TObject } from '@sinclair/typebox'
import { Duration, describe } from '../contracts/fields.js'
import { omitUndefined, type SessionAffinity, type Reader, type SessionKind } from '../contracts/kind.js'
import type { Element } from '../xml/element.js'
import { asElements, type Inside } from '../xml/markup.js'

/** What every kind of session has. `sessionTimeout` is in milliseconds. */
export const sessionSettings = {
  sessionTimeout: describe(Type.Optional(Duration), 'How long a session lasts, in milliseconds.', 120000),
  expiry: describe(Type.Optional(Type.Union([Type.Literal('sliding'), Type.Literal('absolute')])), 'Counted from its last message, or from its first.', 'sliding'),
  maxSessions: describe(Type.Optional(Type.Integer({ minimum: 1 })), 'As many are remembered; the one that was not used for longest goes first.', 1000000),
  onLost: describe(Type.Optional(Type.Union([Type.Literal('strict'), Type.Literal('redispatch')])), 'Where its member is gone: it waits for it, or begins anew elsewhere.', 'strict')
}

type Settings = Static<TObject<typeof sessionSettings>>

/** `<session type expiry maxSessions onLost><sessionTimeout>ms</sessionTimeout></session>` */
export function readSettings (element: Element, reader: Reader): object {
  const most = element.attribute('maxSessions')
  if (most !== undefined && !/^[1-9]\d*$/.test(most)) reader.problem(element, `maxSessions expects a whole number above 0, not "${most}"`)
  return omitUndefined({
    sessionTimeout: reader.number(element, 'sessionTimeout'),
    expiry: element.attribute('expiry'),
    maxSessions: most === undefined || !/^[1-9]\d*$/.test(most) ? undefined : Number(most),
    onLost: element.attribute('onLost')
  })
}

/** The inverse of `readSettings`. */
export const writeSettings = ({ sessionTimeout, ...attributes }: Settings): Inside =>
  [attributes, ...asElements({ sessionTimeout })]

/** Two minutes, counted from the last use, unless told. */
export const sessionPolicyOf = ({ sessionTimeout = 120_000, expiry = 'sliding', maxSessions = 1_000_000, onLost = 'strict' }: Settings): Pick<SessionAffinity, 'policy' | 'onLost'> =>
  ({ policy: { timeout: sessionTimeout, expiry, maxSessions }, onLost })

/** A kind of session that is remembered in a table, with its settings. */
export const tableSession = (kind: SessionKind, config: Settings): SessionAffinity => ({ ...kind, ...sessionPolicyOf(config) })
