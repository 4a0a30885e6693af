import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import { describe } from '../contracts/fields.js'
import { omitUndefined, session } from '../contracts/kind.js'
import { cookiesOf, withoutCookies } from './http-cookies.js'
import { sessionPolicyOf, readSettings, sessionSettings, writeSettings } from './session-settings.js'

/** In characters: a key shorter than this can be guessed. */
const MIN_KEY_LENGTH = 32
/** With sliding expiry a cookie is written anew once this part of its time is over. */
const RENEW_AFTER = 1 / 4

/**
 * A cookie of our own names the member: no table, nothing lost in a restart, and every gateway with the same keys knows it.
 *
 *     member . time . signature      HMAC-SHA-256 of the group, the member and the time
 *
 * `member` is a fingerprint: the cookie tells nobody who or where the member is. `time` is when it was written, in milliseconds.
 * The first key signs, each verifies: a new one is put before the old one, which goes when the sessions of its time are over.
 * A key `$SYSTEM:NAME` stands for those in an environment variable. Members never see the cookie.
 */
export const cookie = session({
  name: 'cookie',
  description: 'A signed cookie of our own names the member; no table is needed, and a restart loses nothing.',
  fields: {
    ...sessionSettings,
    name: describe(Type.Optional(Type.String({ pattern: '^[!#$%&\'*+.^_`|~0-9A-Za-z-]+$' })), 'What the cookie is called; unset: made from the name of the group.'),
    path: describe(Type.Optional(Type.String({ pattern: '^/[\\x21-\\x3a\\x3c-\\x7e]*$' })), 'Where the client sends it.', '/'),
    keys: describe(Type.Array(Type.String({ pattern: '^\\S+$' }), { minItems: 1 }), 'The first one signs, each verifies; `$SYSTEM:NAME` stands for an environment variable. At least 32 characters.')
  },
  read: (element, reader) => omitUndefined({
    ...readSettings(element, reader),
    name: element.attribute('name')?.trim(),
    path: element.attribute('path')?.trim(),
    keys: element.attribute('keys')?.split(/\s+/).filter(Boolean)
  }),
  write ({ name, path, keys, ...config }) {
    const [attributes, ...nodes] = writeSettings(config)
    return [{ name, path, keys: keys.join(' '), ...attributes }, ...nodes]
  },
  build ({ name, path = '/', keys: given, ...config }, { now, environment }) {
    const keys = given.flatMap(key => keysIn(key, environment))
    const { policy, onLost } = sessionPolicyOf(config)
    return {
      policy,
      onLost,
      heldByClient (group, members) {
        const called = name ?? `member-${createHash('sha256').update(group).digest('base64url').slice(0, 8)}`
        const seal = cookieCodec(group, members, keys)
        return request => {
          const known = cookiesOf(request.headers).filter(each => each.name === called).slice(0, 2)
            .map(({ value }) => seal.open(value)).find(opened => opened !== undefined && now() - opened.since <= policy.timeout)
          const headers = withoutCookies(request.headers, new Set([called]))
          return {
            member: known?.member ?? -1,
            request: headers === request.headers ? request : { ...request, headers },
            markResponse (answer, member) {
              const stays = known?.member === member && (policy.expiry === 'absolute' || now() - known.since < policy.timeout * RENEW_AFTER)
              if (stays && known.current) return answer
              const value = seal.close(member, stays ? known.since : Math.floor(now()))
              const secure = request.secure === true ? '; Secure' : ''
              return { ...answer, headers: [...answer.headers, 'Set-Cookie', `${called}=${value}; Path=${path}; HttpOnly; SameSite=Lax${secure}`] }
            }
          }
        }
      }
    }
  }
})

/** What a genuine cookie says; `current`: the first key signed it. */
interface DecodedCookie { readonly member: number, readonly since: number, readonly current: boolean }

function cookieCodec (group: string, members: readonly string[], keys: readonly string[]) {
  const sign = (key: string, ...parts: string[]): Buffer => createHmac('sha256', key).update(JSON.stringify([group, ...parts])).digest()
  const prints = keys.map(key => members.map(member => sign(key, member).toString('base64url').slice(0, 12)))
  return {
    close (member: number, since: number): string {
      const [print, time] = [prints[0]![member]!, since.toString(36)]
      return `${print}.${time}.${sign(keys[0]!, print, time).toString('base64url')}`
    },
    open (value: string): DecodedCookie | undefined {
      const [, print, time, signature] = /^([\w-]{12})\.([0-9a-z]{1,9})\.([\w-]{43})$/.exec(value) ?? []
      if (print === undefined || time === undefined || signature === undefined) return undefined
      const key = keys.findIndex(each => timingSafeEqual(sign(each, print, time), Buffer.from(signature, 'base64url')))
      const member = prints[key]?.indexOf(print) ?? -1
      return member < 0 ? undefined : { member, since: parseInt(time, 36), current: key === 0 }
    }
  }
}

/** @throws Error if a key is too short, or the environment does not have it; it never says the key */
function keysIn (key: string, environment: (name: string) => string | undefined): string[] {
  const variable = key.startsWith('$SYSTEM:') ? key.slice('$SYSTEM:'.length) : undefined
  const found = variable === undefined ? [key] : environment(variable)?.split(/\s+/).filter(Boolean) ?? []
  if (found.length === 0) throw new Error(`the environment variable ${variable} holds no keys`)
  if (found.some(each => each.length < MIN_KEY_LENGTH)) throw new Error(`a key of a cookie must have at least ${MIN_KEY_LENGTH} characters`)
  return found
}
