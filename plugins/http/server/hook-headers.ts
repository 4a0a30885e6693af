import type { IncomingHttpHeaders } from 'node:http'
import { matcherOfRepeated } from '../../../lib/message/repeated-text.js'

/** Headers of a response by name, in lower case. */
export type HookHeaders = Readonly<Record<string, number | string | string[] | undefined>>

/** Set by the length of the message that is sent. */
const LENGTHS = new Set(['content-length', 'transfer-encoding'])
/** Set by the framing of the message that is sent. */
const FRAMING = new Set([...LENGTHS, 'connection', 'keep-alive'])

/** Stands for a Content-Type that Fastify refuses; the one that came is forwarded. */
export const HIDDEN_TYPE = 'application/octet-stream'

/** Whether Fastify accepts a Content-Type. It refuses what is not `type/subtype`. */
export const isMediaType = matcherOfRepeated(/^[ \t]*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(?:;|$)/)

/** The values of raw headers by name, in lower case. */
export function valuesByName (raw: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase()
    const known = values.get(name)
    if (known === undefined) values.set(name, [raw[at + 1]!])
    else known.push(raw[at + 1]!)
  }
  return values
}

/**
 * Returns the raw headers of a request with what hooks have changed in `request.headers`: values set, replaced or
 * deleted there. Order and casing of the others stay. Returns the same list where nothing has changed.
 */
export function withHookChanges (raw: readonly string[], current: IncomingHttpHeaders): readonly string[] {
  const values = valuesByName(raw)
  const changed = new Set<string>()
  for (const [name, list] of values) if (!isSame(name, list, current[name])) changed.add(name)
  const added = Object.keys(current).filter(name => !values.has(name) && current[name] !== undefined)
  if (changed.size === 0 && added.length === 0) return raw
  const out: string[] = []
  const append = (name: string, value: string | string[] | undefined): void => {
    for (const each of [value ?? []].flat()) out.push(name, String(each))
  }
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const lower = raw[at]!.toLowerCase()
    if (!changed.has(lower)) out.push(raw[at]!, raw[at + 1]!)
    else if (values.delete(lower)) append(raw[at]!, current[lower])
  }
  for (const name of added) append(name, current[name])
  return out
}

/** Of these Node keeps the first value; it joins the values of all others. @see Node.js, message.headers */
const FIRST_WINS = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent'
])

/** Whether the current value is Node's view of these values. */
function isSame (name: string, values: readonly string[], current: string | string[] | undefined): boolean {
  if (current === undefined) return FRAMING.has(name)
  if (typeof current !== 'string') {
    return current.length === values.length && current.every((each, at) => each === values[at])
  }
  if (name === 'content-type' && current === HIDDEN_TYPE && !isMediaType(values[0]!)) return true
  return current === (FIRST_WINS.has(name) ? values[0] : values.join(name === 'cookie' ? '; ' : ', '))
}

/**
 * Returns the headers of a response with those that hooks of the host have set. A header of the response replaces one
 * of the same name, except for Set-Cookie, of which all are sent.
 * @param host names in lower case; undefined: hooks have set none
 */
export function withHookHeaders (host: HookHeaders | undefined, headers: string[]): string[] {
  if (host === undefined) return headers
  const own = new Set<string>()
  for (let at = 0; at < headers.length; at += 2) own.add(headers[at]!.toLowerCase())
  const out: string[] = []
  for (const [name, value] of Object.entries(host)) {
    if (value === undefined || LENGTHS.has(name) || (own.has(name) && name !== 'set-cookie')) continue
    for (const each of [value].flat()) out.push(name, String(each))
  }
  return out.length === 0 ? headers : [...out, ...headers]
}
