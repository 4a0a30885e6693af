import { valuesOf, withHeader, withoutHeaders, type Headers } from '../message/headers.js'

/** One `name=value`, its value without the quotes that some put around it. */
export interface Cookie { readonly name: string, readonly value: string }

/** The cookies of a request, in order (RFC 6265, section 4.2). */
export const cookiesOf = (headers: Headers): Cookie[] =>
  valuesOf(headers, 'cookie').flatMap(line => line.split(';')).flatMap(part => cookieIn(part) ?? [])

/** The cookies that an answer sets, in order; not those that it takes back (RFC 6265, section 5.2). @param now milliseconds since 1970 */
export const cookiesSet = (headers: Headers, now: number): Cookie[] =>
  valuesOf(headers, 'set-cookie').flatMap(line => {
    const [pair = '', ...attributes] = line.split(';')
    const cookie = cookieIn(pair)
    return cookie === undefined || cookie.value === '' || isExpired(attributes, now) ? [] : [cookie]
  })

/** The headers of a request without the cookies of these names; the others keep their order, and a header that is left empty goes. */
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
  return { name: part.slice(0, at).trim(), value: value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value }
}

/** Max-Age stands above Expires. */
function isExpired (attributes: readonly string[], now: number): boolean {
  const value = (name: string): string | undefined => attributes.map(cookieIn).findLast(attribute => attribute?.name.toLowerCase() === name)?.value
  const age = value('max-age')
  if (age !== undefined && /^-?\d+$/.test(age)) return Number(age) <= 0
  return Date.parse(value('expires') ?? '') <= now
}
