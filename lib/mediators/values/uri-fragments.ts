import { MediationError, mediationError } from '../../message/fault.js'

export const FRAGMENTS = ['protocol', 'user', 'host', 'port', 'path', 'query', 'ref'] as const
export type FragmentName = (typeof FRAGMENTS)[number]

/** The parts of a URI, decoded. Undefined: it has no such part. The port is its digits. */
export type UriFragments = Readonly<Partial<Record<FragmentName, string>>>

/** @see RFC 3986, appendix B */
const URI = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/i
const AUTHORITY = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/
/** Characters that a URI never contains. */
const ILLEGAL = /[\s\p{Cc}<>"{}|\\^`]/u

const malformed = (uri: string, reason: string): MediationError =>
  mediationError(`"${uri.slice(0, 200)}" is not a URI: ${reason}`)

/**
 * Splits a URI. Percent-encoded characters are decoded.
 * @throws MediationError for a text that is not a URI
 * @see Java: URI; Synapse: URIFragments
 */
export function fragmentsOf (uri: string): UriFragments {
  const illegal = ILLEGAL.exec(uri)
  if (illegal !== null) throw malformed(uri, `it contains ${JSON.stringify(illegal[0])}`)
  const [, protocol, authority, path = '', query, ref] = URI.exec(uri)!
  const [, user, host = '', port = ''] = AUTHORITY.exec(authority ?? '') ?? []
  const parts = { protocol, user, host, port, path, query, ref }
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, value]) =>
      value === undefined || (value === '' && !['query', 'ref'].includes(name)) ? [] : [[name, decoded(value, uri)]])
  )
}

function decoded (text: string, uri: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw malformed(uri, 'a % in it does not begin two hexadecimal digits, or they are not UTF-8')
  }
}

/**
 * Joins parts to a URI; characters that are not allowed in their part are percent-encoded.
 * @throws MediationError for a host or scheme with a path that does not begin with a slash
 * @see Java: URI with seven arguments, toASCIIString
 */
export function uriOf ({ protocol, user, host, port, path = '', query, ref }: UriFragments): string {
  const authority = host === undefined
    ? ''
    : `//${user === undefined ? '' : `${encoded(user, '')}@`}${host}` +
    (port === undefined ? '' : `:${port}`)
  const start = `${protocol === undefined ? '' : `${protocol}:`}${authority}`
  if (start !== '' && path !== '' && !path.startsWith('/')) {
    throw malformed(`${start}${path}`, 'its path does not begin with a slash')
  }
  return start + encoded(path, '@/') + (query === undefined ? '' : `?${encoded(query, '@/?[]')}`) +
    (ref === undefined ? '' : `#${encoded(ref, '@/?[]')}`)
}

/** Encodes what is neither unreserved, punctuation of URIs, nor among these characters. */
const encoded = (text: string, allowed: string): string =>
  Array.from(text, each => /[\w\-.~!*'(),;:$&+=]/.test(each) && each.charCodeAt(0) < 128
    ? each
    : allowed.includes(each) ? each : encodeURIComponent(/\p{Cs}/u.test(each) ? '\ufffd' : each)).join('')
