/** The slots of a segment of the session table: 32-bit words of its sessions, one after the other. */

export const WORDS = 4
export const SLOTS = 512
export const END = SLOTS * WORDS
export const MAX_MEMBER = 0xffff

/** When a session was bound, or last used. */
export const timeOf = (slots: Int32Array, at: number) => (slots[at + 2]! >>> 0) + (slots[at + 3]! >>> 16) * 2 ** 32

export const memberOf = (slots: Int32Array, at: number) => slots[at + 3]! & MAX_MEMBER

/** Writes the time and the member of a session. */
export function write (slots: Int32Array, at: number, time: number, member: number) {
  slots[at + 2] = time // modulo 2³²
  slots[at + 3] = (Math.floor(time / 2 ** 32) << 16) | member
}

/** The position of a fingerprint, or `~` the position for it. */
export function find (slots: Int32Array, a: number, b: number) {
  for (let at = (b * WORDS) & (END - 1); ; at = (at + WORDS) & (END - 1)) {
    if (slots[at + 1] === b && slots[at] === a) return at
    if (slots[at + 1] === 0) return ~at
  }
}
