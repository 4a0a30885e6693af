import { valuesOf, withHeader, withoutHeaders, type Headers } from '../message/headers.js'

/** A pattern for a token, such as the name of a cookie or header. @see RFC 9110, section 5.6.2 */
export const TOKEN = '^[!#$%&\'*+.^_`|~0-9A-Za-z-]+$'

/** A cookie; its value without enclosing quotes. */
export interface Cookie { readonly name: string, readonly value: string }

/** Returns the cookies of a request in order. @see RFC 6265, section 4.2 */
export const cookiesOf = (headers: Headers): Cookie[] =>
  valuesOf(headers, 'cookie').flatMap(line => line.split(';')).flatMap(part => cookieIn(part) ?? [])

/**
 * Returns the cookies that a response sets, in order, without those that it deletes.
 * @param now milliseconds since 1970
 * @see RFC 6265, section 5.2
 */
export const cookiesSet = (headers: Headers, now: number): Cookie[] =>
  valuesOf(headers, 'set-cookie').flatMap(line => {
    const [pair = '', ...attributes] = line.split(';')
    const cookie = cookieIn(pair)
    return cookie === undefined || cookie.value === '' || isExpired(attributes, now) ? [] : [cookie]
  })

/** Removes the cookies of these names. The others keep their order; a Cookie header without cookies is removed. */
export function withoutCookies (headers: Headers, names: ReadonlySet<string>): Headers {
  const parts = valuesOf(headers, 'cookie').flatMap(line => line.split(';'))
  const kept = parts.filter(part => !names.has(cookieIn(part)?.name ?? ''))
  if (kept.length === parts.length) return headers
  const rest = kept.map(part => part.trim()).filter(Boolean)
  return rest.length === 0 ? withoutHeaders(headers, 'cookie') : withHeader(headers, 'Cookie', rest.join('; '))
}

function cookieIn (part: string): Cookie | undefined {
  const at = part.indexOf('=')
  if (at < 0) return undefined
  const value = part.slice(at + 1).trim()
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"')
  return { name: part.slice(0, at).trim(), value: isQuoted ? value.slice(1, -1) : value }
}

/** Max-Age has precedence over Expires. @see RFC 6265, section 4.1.2.2 */
function isExpired (attributes: readonly string[], now: number): boolean {
  const value = (name: string): string | undefined =>
    attributes.map(cookieIn).findLast(attribute => attribute?.name.toLowerCase() === name)?.value
  const age = value('max-age')
  if (age !== undefined && /^-?\d+$/.test(age)) return Number(age) <= 0
  return Date.parse(value('expires') ?? '') <= now
}
