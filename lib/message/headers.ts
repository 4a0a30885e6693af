/**
 * HTTP headers as they came: a flat list `name, value, name, value …`, order and casing kept.
 * Node gives and takes them in this shape, so nothing is copied into an object and back on the way through.
 */
export type Headers = readonly string[]

const same = (name: string | undefined, lower: string): boolean =>
  name !== undefined && name.length === lower.length &&
  (name === lower || (beginAlike(name, lower) && name.toLowerCase() === lower))

/** Spares most headers the lower case. */
const beginAlike = (one: string, other: string): boolean => (one.charCodeAt(0) | 0x20) === (other.charCodeAt(0) | 0x20)

/** The value of the first header of this name (given in lower case), or undefined. */
export function headerOf (headers: Headers, lower: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (same(headers[at], lower)) return headers[at + 1]
  }
  return undefined
}

/** All values of this name (given in lower case), in order. */
export const valuesOf = (headers: Headers, lower: string): string[] =>
  headers.filter((_, at) => at % 2 === 1 && same(headers[at - 1], lower))

/** The list without any header of these names (given in lower case). The same list, when there was none. */
export function withoutHeaders (headers: Headers, ...lower: readonly string[]): Headers {
  if (!headers.some((name, at) => at % 2 === 0 && lower.some(each => same(name, each)))) return headers
  const kept: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    if (!lower.some(each => same(headers[at], each))) kept.push(headers[at]!, headers[at + 1]!)
  }
  return kept
}

/** The list with exactly one header of this name, in the place of the first or at the end. */
export function withHeader (headers: Headers, name: string, value: string): Headers {
  const lower = name.toLowerCase()
  const changed: string[] = []
  let placed = false
  for (let at = 0; at < headers.length; at += 2) {
    if (!same(headers[at], lower)) changed.push(headers[at]!, headers[at + 1]!)
    else if (!placed) { changed.push(headers[at]!, value); placed = true }
  }
  if (!placed) changed.push(name, value)
  return changed
}

/** Whether a value holds what no header may: a line break, which would start a header of its own, or another control character (RFC 9110, section 5.5). */
// eslint-disable-next-line no-control-regex
export const containsLineBreak = (value: string): boolean => /[\0-\x08\n-\x1f\x7f]/.test(value)
