/**
 * Sessions as fingerprints in typed arrays: no strings kept, little for the garbage collector to walk, no long pause.
 *
 *     id ──hash──▶ a, b       a chooses the segment, b the slot where the search in it begins
 *     directory   00 10 01 11         by the last bits of a; twice as long when a segment needs one bit more
 *                  └──┤  │  │
 *                     ▼  ▼  ▼         a full segment is split in two, two that are nearly empty are joined
 *                   [ ][ ][ ]         (extendible hashing; Fagin, Nievergelt, Pippenger and Strong, 1979)
 *     a segment   [ free │ session │ session │ free │ … ]   512 slots, searched from one to the next (linear probing)
 *     a slot      │ a 32 │ b 32, 0 free │ time, low 32 │ time, high 16 │ member 16 │   16 bytes of an Int32Array
 *
 * `time` is when the session was bound, or last used if expiry slides: whole milliseconds in 48 bits, so it never
 * wraps.
 * All that moves sessions (splitting, joining, sweeping, evicting) moves those of one or two segments: microseconds.
 *
 * Two ids with the same 64 bits are one session: they share a member, nothing else. That any two of n sessions do has a
 * chance of about n²/2⁶⁵: 3 in 10⁸ for a million, 3 in 10⁶ for ten million. Who does not know the seed cannot aim at
 * it.
 */
import { halfSipHash, type Seed } from './half-sip-hash.js'

/** How long bindings last, and how many there may be. */
export interface SessionPolicy {
  /** Milliseconds; the clock is read in whole ones. A session of exactly this age is still bound. */
  readonly timeout: number
  /** `sliding`: counted from the last use. `absolute`: from the binding. */
  readonly expiry: 'sliding' | 'absolute'
  /**
   * Beyond this many, the one used (with absolute expiry: bound) the longest ago is forgotten. Up to 448 exactly that
   * one; in
   * a larger table each segment (200 to 448) keeps the order by itself: one goes after this many others, give or take
   * a fifth.
   */
  readonly maxSessions: number
}

/** The sessions of one member. */
export interface MemberSessions {
  readonly count: number
  /** When the last of them ends, unless it is used again; in milliseconds. */
  readonly lastEndsAt: number
}

/** Which member serves which session. Members are whole numbers up to 65535; what they mean is known to the group. */
export interface SessionTable {
  /**
   * The member, or undefined. A look-up prolongs no session: a later `set` with the same member does, if expiry
   * slides.
   */
  get(id: string): number | undefined
  /**
   * Binds (or binds anew), unless somebody else than `from` has the session (negative: unless anybody has; left out:
   * whoever does).
   * Answers who has it now. A negative member: forgets the session. Above 65535: a RangeError.
   */
  set(id: string, member: number, from?: number): number
  /** The sessions of each member that has any, by its number, without expired ones. Reads the whole table. */
  byMember(): ReadonlyMap<number, MemberSessions>
  /** Releases all sessions of a member. Returns how many they were. Reads the whole table. */
  release(member: number): number
  /** How many are bound, expired ones possibly included. */
  readonly size: number
  /** How many were forgotten before their time because there was no room. */
  readonly evicted: number
  /**
   * Lets go of expired ones. Bounded work (65,536 slots, about a millisecond); the next call goes on where this one
   * ended.
   */
  sweep(): void
  /** Sessions that were bound to another member while they were bound to one. */
  readonly moved: number
}

const WORDS = 4
const SLOTS = 512
const END = SLOTS * WORDS
const FULL = (SLOTS * 7) / 8 // of its slots are taken at most
const ROOMY = (SLOTS * 3) / 4 // it is not split if no more are taken after the expired have gone
const SPARSE = (SLOTS * 3) / 8 // two are joined into one no fuller than this
const MOST_DEPTH = 20 // more than ever needed, unless somebody who knows the seed chooses the ids
const WORK_PER_SWEEP = 65_536 // slots, and places of the directory
const MOST_MEMBER = 0xffff

const NONE: MemberSessions = { count: 0, lastEndsAt: 0 }

/** All its sessions agree in the last `depth` bits of a. */
const emptySegment = (depth: number) => ({ slots: new Int32Array(END), depth, taken: 0 })
type Segment = ReturnType<typeof emptySegment>

/** Where the sessions of a segment wait while it is filled anew. */
const waiting = new Int32Array(END)
const timeOf = (slots: Int32Array, at: number) => (slots[at + 2]! >>> 0) + (slots[at + 3]! >>> 16) * 2 ** 32

function write (slots: Int32Array, at: number, time: number, member: number) {
  slots[at + 2] = time // modulo 2³²
  slots[at + 3] = (Math.floor(time / 2 ** 32) << 16) | member
}

/** Where these 64 bits are, or ~where they would be. */
function find (slots: Int32Array, a: number, b: number) {
  for (let at = (b * WORDS) & (END - 1); ; at = (at + WORDS) & (END - 1)) {
    if (slots[at + 1] === b && slots[at] === a) return at
    if (slots[at + 1] === 0) return ~at
  }
}

/**
 * A table that reads the time (milliseconds, never negative) from `now`. Give it a random seed where clients choose
 * the ids.
 */
export function createSessionTable (
  { timeout, expiry, maxSessions }: SessionPolicy,
  now: () => number,
  seed: Seed = [0x243f6a88, 0x85a308d3]
): SessionTable {
  let directory = [emptySegment(0)]
  let size = 0
  let evicted = 0
  let moved = 0
  let cursor = 0
  const key = new Int32Array(2)
  let hashed: string | undefined
  /** Puts the hash of an id into `key`. The last one is kept: a message looks up and prolongs one id in a row. */
  const hash = (id: string): void => {
    if (id === hashed) return
    halfSipHash(id, seed, key)
    hashed = id
  }

  const segmentOf = (a: number) => directory[a & (directory.length - 1)]!
  const isAlive = (slots: Int32Array, at: number, time: number) =>
    slots[at + 1] !== 0 && time - timeOf(slots, at) <= timeout

  /** Takes all sessions out of a segment and puts those alive where the directory says now. */
  const settle = (segment: Segment, time: number) => {
    waiting.set(segment.slots)
    segment.slots.fill(0)
    size -= segment.taken
    segment.taken = 0
    for (let from = 0; from < END; from += WORDS) {
      if (!isAlive(waiting, from, time)) continue
      const home = segmentOf(waiting[from]!)
      const to = ~find(home.slots, waiting[from]!, waiting[from + 1]!)
      for (let word = 0; word < WORDS; word++) home.slots[to + word] = waiting[from + word]!
      home.taken++
      size++
    }
  }

  const split = (segment: Segment, a: number, time: number) => {
    const bit = 1 << segment.depth++
    if (bit === directory.length) directory = directory.concat(directory)
    const other = emptySegment(segment.depth)
    for (let i = (a & (bit - 1)) | bit; i < directory.length; i += 2 * bit) directory[i] = other
    settle(segment, time)
  }

  const join = (segment: Segment, other: Segment, a: number, time: number) => {
    const bit = 1 << --segment.depth
    for (let i = a & (bit - 1); i < directory.length; i += bit) directory[i] = segment
    settle(other, time)
  }

  /** Frees a slot. Who stands further on only because it was taken moves up, so that no search ends too early. */
  const forget = (segment: Segment, hole: number) => {
    const { slots } = segment
    for (let at = (hole + WORDS) & (END - 1); slots[at + 1] !== 0; at = (at + WORDS) & (END - 1)) {
      if (((at - slots[at + 1]! * WORDS) & (END - 1)) < ((at - hole) & (END - 1))) continue
      slots.copyWithin(hole, at, at + WORDS)
      hole = at
    }
    slots[hole + 1] = 0
    segment.taken--
    size--
  }

  const evictFrom = (segment: Segment, time: number) => {
    const { slots } = segment
    let oldest = -1
    for (let at = 0; at < END; at += WORDS) {
      if (slots[at + 1] !== 0 && (oldest < 0 || timeOf(slots, at) < timeOf(slots, oldest))) oldest = at
    }
    if (oldest < 0) return
    if (isAlive(slots, oldest, time)) evicted++
    forget(segment, oldest)
  }

  /** The segment for one more session. */
  const roomFor = (a: number, time: number) => {
    let segment = segmentOf(a)
    if (size >= maxSessions || (segment.taken >= FULL && segment.depth === MOST_DEPTH)) evictFrom(segment, time)
    if (segment.taken < FULL) return segment
    settle(segment, time)
    for (; segment.taken > ROOMY && segment.depth < MOST_DEPTH; segment = segmentOf(a)) split(segment, a, time)
    return segment
  }

  const tidy = (segment: Segment, a: number, time: number) => {
    let alive = 0
    for (let at = 0; at < END; at += WORDS) if (isAlive(segment.slots, at, time)) alive++
    if (alive < segment.taken) settle(segment, time)
    const sibling = directory[a ^ ((1 << segment.depth) >> 1)]!
    if (sibling !== segment && sibling.depth === segment.depth && sibling.taken + alive <= SPARSE) {
      join(segment, sibling, a, time)
    }
  }

  return {
    get (id) {
      hash(id)
      const { slots } = segmentOf(key[0]!)
      const at = find(slots, key[0]!, key[1]! || 1)
      const time = Math.floor(now())
      if (at < 0 || !isAlive(slots, at, time)) return undefined
      return slots[at + 3]! & MOST_MEMBER
    },
    set (id, member, from) {
      if (member > MOST_MEMBER) throw new RangeError(`member ${member} is above ${MOST_MEMBER}`)
      hash(id)
      const a = key[0]!
      const b = key[1]! || 1
      const time = Math.floor(now())
      let segment = segmentOf(a)
      let at = find(segment.slots, a, b)
      if (at >= 0 && isAlive(segment.slots, at, time)) {
        const holder = segment.slots[at + 3]! & MOST_MEMBER
        if (from !== undefined && holder !== from) return holder
        if (member >= 0 && holder !== member) moved++
      }
      if (member < 0 && at >= 0) forget(segment, at)
      if (member < 0) return member
      if (at < 0) {
        segment = roomFor(a, time)
        at = ~find(segment.slots, a, b)
        segment.slots[at] = a
        segment.slots[at + 1] = b
        segment.taken++
        size++
      }
      write(segment.slots, at, time, member)
      return member
    },
    byMember () {
      const time = Math.floor(now())
      const found = new Map<number, MemberSessions>()
      for (const { slots } of new Set(directory)) {
        for (let at = 0; at < END; at += WORDS) {
          if (!isAlive(slots, at, time)) continue
          const member = slots[at + 3]! & MOST_MEMBER
          const { count, lastEndsAt } = found.get(member) ?? NONE
          const endsAt = timeOf(slots, at) + timeout
          found.set(member, { count: count + 1, lastEndsAt: Math.max(lastEndsAt, endsAt) })
        }
      }
      return found
    },
    release (member) {
      const time = Math.floor(now())
      let released = 0
      for (const segment of new Set(directory)) {
        const { slots } = segment
        for (let at = 0; at < END;) {
          if (slots[at + 1] === 0 || (slots[at + 3]! & MOST_MEMBER) !== member) at += WORDS
          else {
            if (isAlive(slots, at, time)) released++
            forget(segment, at) // moves another session here, perhaps
          }
        }
      }
      return released
    },
    get size () {
      return size
    },
    get evicted () {
      return evicted
    },
    get moved () {
      return moved
    },
    sweep () {
      const time = Math.floor(now())
      for (let n = 0, work = 0; n < directory.length && work < WORK_PER_SWEEP; n++, cursor++) {
        if (cursor >= directory.length) cursor = 0
        const segment = directory[cursor]!
        const isFirst = cursor < 1 << segment.depth // of all the places where the directory has it
        if (isFirst) tidy(segment, cursor, time)
        work += isFirst ? SLOTS : 1
      }
    }
  }
}
