/** Path and query of a request target. @see RFC 9112, section 3.2 */

/** What cannot be part of a harmless path without a closer look: a backslash, a percent sign, or two dots. */
const SUSPICIOUS = /[\\%]|\.\./

/**
 * Returns the origin-form of a request target: without scheme and authority of an absolute-form, and without a
 * fragment, which no client may send.
 */
export function originForm (url: string): string {
  if (url.charCodeAt(0) === SLASH && !url.includes('#')) return url
  const target = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '')
  return target.startsWith('/') || target === '*' ? target : `/${target}`
}

const SLASH = 47

/**
 * Whether a path stays below the address that it is appended to: it has no `..` segment, no backslash and no malformed
 * escape, also after one percent-decoding. A server may take `..;x` for `..`.
 */
export function staysBelow (path: string): boolean {
  if (!SUSPICIOUS.test(path)) return true
  try {
    const decoded = decodeURIComponent(path)
    return !/[\\\0]/.test(decoded) && !decoded.split('/').some(segment => /^\.\.(?:;|$)/.test(segment))
  } catch {
    return false
  }
}

export interface SuffixOptions {
  /** The number of segments of the route, before the suffix. */
  readonly segments: number
  /** Whether the router takes several slashes for one. */
  readonly ignoreDuplicateSlashes: boolean
}

/** What follows the address of a proxy, as it was written: the path with its slash, and the query with its `?`. */
export type Suffix = readonly [path: string, query: string]

/** Returns what follows the address of a proxy. */
export function suffixOf (url: string, options: SuffixOptions): Suffix {
  const { segments, ignoreDuplicateSlashes } = options
  const mark = url.indexOf('?')
  const end = mark < 0 ? url.length : mark
  let at = 0
  for (let left = segments; at >= 0 && left > 0; left--) {
    if (ignoreDuplicateSlashes) while (url.charCodeAt(at + 1) === SLASH) at++
    at = url.indexOf('/', at + 1)
  }
  return [at < 0 || at > end ? '' : url.slice(at, end), url.slice(end)]
}

/** The number of segments of a path: `/services/A` has two. */
export const segmentsOf = (path: string): number => path.split('/').filter(segment => segment !== '').length
