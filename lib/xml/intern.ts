/** The number of cached strings. Their length is bounded too, so that messages cannot fill the memory. */
const SLOTS = 512
const MAX_INTERNED = 128

const known: string[] = new Array(SLOTS).fill('')
/** The bytes of each string, at multiples of MAX_INTERNED. */
const spelled = new Uint8Array(SLOTS * MAX_INTERNED)

/**
 * Returns the string of ASCII bytes. Names and namespaces recur in every message: the last string at a slot is compared
 * before a new one is made.
 */
export function intern (bytes: Buffer, from: number, to: number): string {
  const length = to - from
  if (length === 0) return ''
  if (length > MAX_INTERNED) return bytes.toString('latin1', from, to)
  // Namespaces and names differ near their end.
  const slot =
    (length * 7 +
      bytes[from]! * 31 +
      bytes[to - 1]! * 17 +
      bytes[to - ((length + 3) >> 2)]! * 5 +
      bytes[from + (length >> 1)]!) &
    (SLOTS - 1)
  const place = slot * MAX_INTERNED - from
  if (known[slot]!.length === length) {
    let at = from
    while (at < to && spelled[place + at] === bytes[at]) at++
    if (at === to) return known[slot]!
  }
  for (let at = from; at < to; at++) spelled[place + at] = bytes[at]!
  return (known[slot] = bytes.toString('latin1', from, to))
}
