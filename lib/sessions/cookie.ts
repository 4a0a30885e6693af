import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../contracts/fields.js'
import { session } from '../contracts/kind.js'
import { cookiesOf, TOKEN, withoutCookies } from './cookie-headers.js'
import { sessionPolicyOf, readSettings, sessionSettings, writeSettings } from './session-settings.js'

/** In characters. A shorter key could be guessed. */
const MIN_KEY_LENGTH = 32
/** With sliding expiry, a cookie is renewed after this fraction of the timeout. */
const RENEW_AFTER = 1 / 4
/** At most this many cookies of a request are verified. */
const MAX_COOKIES = 2

/**
 * A signed cookie names the member: there is no table, a restart loses nothing, and every gateway with the same keys
 * accepts it.
 *
 *     member . time . signature      HMAC-SHA-256 of the group, the member and the time
 *
 * `member` is a fingerprint that does not reveal the member's address. `time` is the time of writing in milliseconds.
 * The first key signs, each key verifies: to rotate, put the new key first and remove the old one after the timeout.
 * The key `$SYSTEM:NAME` stands for the keys in an environment variable. The cookie is not forwarded to members.
 */
export const cookie = session({
  name: 'cookie',
  description: 'A signed cookie of the gateway names the member. It needs no table, and a restart loses nothing.',
  fields: {
    ...sessionSettings,
    name: describe(
      Type.Optional(Type.String({ pattern: TOKEN })), 'Cookie name. Default: derived from the name of the group.'
    ),
    path: describe(
      Type.Optional(Type.String({ pattern: '^/[\\x21-\\x3a\\x3c-\\x7e]*$' })), 'Path attribute of the cookie.', '/'
    ),
    keys: describe(
      Type.Array(Type.String({ pattern: '^\\S+$' }), { minItems: 1 }),
      'Keys of at least 32 characters. The first signs, each verifies. `$SYSTEM:NAME` reads an environment variable.'
    )
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
        const cookieName = name ?? defaultName(group)
        const codec = cookieCodec(group, members, keys)
        return request => {
          const known = cookiesOf(request.headers)
            .filter(each => each.name === cookieName)
            .slice(0, MAX_COOKIES)
            .map(({ value }) => codec.decode(value))
            .find(decoded => decoded !== undefined && now() - decoded.since <= policy.timeout)
          const headers = withoutCookies(request.headers, new Set([cookieName]))
          return {
            member: known?.member ?? -1,
            request: headers === request.headers ? request : { ...request, headers },
            markResponse (response, member) {
              const isFresh = (since: number): boolean =>
                policy.expiry === 'absolute' || now() - since < policy.timeout * RENEW_AFTER
              const stays = known?.member === member && isFresh(known.since)
              if (stays && known.signedByFirstKey) return response
              const value = codec.encode(member, stays ? known.since : Math.floor(now()))
              const secure = request.secure === true ? '; Secure' : ''
              const setCookie = `${cookieName}=${value}; Path=${path}; HttpOnly; SameSite=Lax${secure}`
              return { ...response, headers: [...response.headers, 'Set-Cookie', setCookie] }
            }
          }
        }
      }
    }
  }
})

/** The cookie name of a group: a short hash, since the name of a group may have any characters. */
const defaultName = (group: string): string =>
  `member-${createHash('sha256').update(group).digest('base64url').slice(0, 8)}`

/** The content of a genuine cookie. */
interface DecodedCookie { readonly member: number, readonly since: number, readonly signedByFirstKey: boolean }

function cookieCodec (group: string, members: readonly string[], keys: readonly string[]) {
  const sign = (key: string, ...parts: string[]): Buffer =>
    createHmac('sha256', key).update(JSON.stringify([group, ...parts])).digest()
  const fingerprints = keys.map(key => members.map(member => sign(key, member).toString('base64url').slice(0, 12)))
  return {
    encode (member: number, since: number): string {
      const [print, time] = [fingerprints[0]![member]!, since.toString(36)]
      return `${print}.${time}.${sign(keys[0]!, print, time).toString('base64url')}`
    },
    decode (value: string): DecodedCookie | undefined {
      const [, print, time, signature] = /^([\w-]{12})\.([0-9a-z]{1,9})\.([\w-]{43})$/.exec(value) ?? []
      if (print === undefined || time === undefined || signature === undefined) return undefined
      const given = Buffer.from(signature, 'base64url')
      const key = keys.findIndex(each => timingSafeEqual(sign(each, print, time), given))
      const member = fingerprints[key]?.indexOf(print) ?? -1
      return member < 0 ? undefined : { member, since: parseInt(time, 36), signedByFirstKey: key === 0 }
    }
  }
}

/** Resolves `$SYSTEM:NAME`. @throws Error, without the key, for one that is too short or not in the environment */
function keysIn (key: string, environment: (name: string) => string | undefined): string[] {
  const variable = key.startsWith('$SYSTEM:') ? key.slice('$SYSTEM:'.length) : undefined
  const found = variable === undefined ? [key] : environment(variable)?.split(/\s+/).filter(Boolean) ?? []
  if (found.length === 0) throw new Error(`the environment variable ${variable} holds no keys`)
  if (found.some(each => each.length < MIN_KEY_LENGTH)) {
    throw new Error(`a key of a cookie must have at least ${MIN_KEY_LENGTH} characters`)
  }
  return found
}
