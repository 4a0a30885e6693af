/**
 * HTTP headers as a flat list `name, value, name, value …` in their original order and casing. Node reads and writes
 * this shape, so headers are not copied into an object and back.
 */
export type Headers = readonly string[]

const Z = 0x5a
/** How far small letters are behind capital ones. */
const TO_LOWER = 0x20

/**
 * Whether a header has this name, in any case. Compares letter by letter, which costs less than `toLowerCase`: of the
 * characters of a name up to Z, only letters have another character of names after them by as much.
 */
export function isNamed (name: string, lower: string): boolean {
  if (name === lower) return true
  if (name.length !== lower.length) return false
  for (let at = 0; at < lower.length; at++) {
    const code = name.charCodeAt(at)
    const wanted = lower.charCodeAt(at)
    if (code !== wanted && (code > Z || code + TO_LOWER !== wanted)) return false
  }
  return true
}

/** Returns the value of the first header of this name, or undefined. @param lower the name in lower case */
export function headerOf (headers: Headers, lower: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (isNamed(headers[at]!, lower)) return headers[at + 1]
  }
  return undefined
}

/** Returns all values of this name, in order. @param lower the name in lower case */
export const valuesOf = (headers: Headers, lower: string): string[] =>
  headers.filter((_, at) => at % 2 === 1 && isNamed(headers[at - 1]!, lower))

/**
 * Returns the list without headers of these names; the same list if there is none. @param lower the names in lower
 * case
 */
export function withoutHeaders (headers: Headers, ...lower: readonly string[]): Headers {
  if (!headers.some((name, at) => at % 2 === 0 && lower.some(each => isNamed(name, each)))) return headers
  const kept: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    if (!lower.some(each => isNamed(headers[at]!, each))) kept.push(headers[at]!, headers[at + 1]!)
  }
  return kept
}

/** Returns the list with exactly one header of this name, at the place of the first or at the end. */
export function withHeader (headers: Headers, name: string, value: string): Headers {
  const lower = name.toLowerCase()
  const changed: string[] = []
  let placed = false
  for (let at = 0; at < headers.length; at += 2) {
    if (!isNamed(headers[at]!, lower)) changed.push(headers[at]!, headers[at + 1]!)
    else if (!placed) {
      changed.push(headers[at]!, value)
      placed = true
    }
  }
  if (!placed) changed.push(name, value)
  return changed
}

/**
 * Whether a value contains a line break, which would start another header, or another control character.
 * @see RFC 9110, section 5.5
 */
// eslint-disable-next-line no-control-regex
export const containsLineBreak = (value: string): boolean => /[\0-\x08\n-\x1f\x7f]/.test(value)
