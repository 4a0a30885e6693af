const SLOTS = 16_384
const POLYNOMIAL = 0x1021

/**
 * The slot of a key in a cluster: of what is between its first braces, where there is anything, else of all of it.
 * @see Redis cluster specification, "Key distribution model", "Hash tags"
 */
export function slotOf (key: string): number {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key
  let crc = 0
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL
    crc &= 0xffff
  }
  return crc % SLOTS
}
