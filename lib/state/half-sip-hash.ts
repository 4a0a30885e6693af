/** A keyed hash of strings: without its seed, collisions cannot be computed. */

/** Two 32-bit words. */
export type Seed = readonly [number, number]

/**
 * Writes the 64 bits of HalfSipHash-1-3 of the id's UTF-16 code units, low byte first, to `into[0]` and `into[1]`.
 * @see Aumasson and Bernstein, SipHash: a fast short-input PRF; 1-3 is the variant for hash tables
 */
export function halfSipHash (id: string, [k0, k1]: Seed, into: Int32Array): void {
  let v0 = k0 | 0
  let v1 = k1 ^ 0xee
  let v2 = k0 ^ 0x6c796765
  let v3 = k1 ^ 0x74656462
  const pairs = id.length & ~1
  // The round is written twice, since the loop is half as fast when it also ends the hash.
  for (let i = 0; i < pairs; i += 2) {
    const word = id.charCodeAt(i) | (id.charCodeAt(i + 1) << 16)
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
  }
  // One round for the length and an odd last unit, then three without input, twice.
  let word = (id.length << 25) | (id.length & 1 && id.charCodeAt(pairs))
  for (let round = 0; round < 7; round++) {
    if (round === 1) v2 ^= 0xee
    if (round === 4) {
      into[0] = v1 ^ v3
      v1 ^= 0xdd
    }
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
    word = 0
  }
  into[1] = v1 ^ v3
}
