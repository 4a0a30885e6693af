/**
 * Sessions as fingerprints in typed arrays: no strings are kept, and the garbage collector has little to walk.
 *
 *     id ──hash──▶ a, b       a chooses the segment, b the slot where the search in it begins
 *     directory   00 10 01 11         by the last bits of a; twice as long when a segment needs one bit more
 *                  └──┤  │  │
 *                     ▼  ▼  ▼         a full segment is split in two, two nearly empty ones are joined
 *                   [ ][ ][ ]         (extendible hashing; Fagin, Nievergelt, Pippenger and Strong, 1979)
 *     a segment   [ free │ session │ session │ free │ … ]   512 slots, searched one after the other (linear probing)
 *     a slot      │ a 32 │ b 32, 0 free │ time, low 32 │ time, high 16 │ member 16 │   16 bytes of an Int32Array
 *
 * `time` is when the session was bound, or last used if expiry is sliding: whole milliseconds in 48 bits, which do not
 * wrap. Splitting, joining, sweeping and evicting move the sessions of one or two segments, in microseconds.
 *
 * Two ids with the same 64 bits are one session: they share a member, and nothing else. The probability that any two of
 * n sessions do is about n²/2⁶⁵: 3 in 10⁸ for a million, 3 in 10⁶ for ten million. It does not rise without the seed.
 */
import { halfSipHash, type Seed } from './half-sip-hash.js'
import { MemberCounts } from './member-counts.js'
import { END, find, memberOf, MAX_MEMBER, SLOTS, timeOf, WORDS, write } from './session-slots.js'

/** How long bindings last, and how many there may be. */
export interface SessionPolicy {
  /** Milliseconds; the clock is read in whole ones. A session of exactly this age is still bound. */
  readonly timeout: number
  /** `sliding`: counted from the last use. `absolute`: from the binding. */
  readonly expiry: 'sliding' | 'absolute'
  /**
   * The number of sessions above which the least recently used one (with absolute expiry: the first bound one) is
   * evicted. The order is exact up to 448. In a larger table each segment of 200 to 448 sessions keeps its own order,
   * so that a session is evicted after `maxSessions` others, within a fifth.
   */
  readonly maxSessions: number
}

/** The sessions of one member. */
export interface MemberSessions {
  readonly count: number
  /** When the last of them ends in milliseconds, unless it is used again. */
  readonly lastEndsAt: number
}

/** Maps sessions to members. Members are whole numbers up to 65535, which the group assigns. */
export interface SessionTable {
  /**
   * Returns the member, or undefined. A look-up does not prolong the session; with sliding expiry a later `set` with
   * the same member does.
   */
  get(id: string): number | undefined
  /**
   * Compare-and-set. Binds a session if `from` owns it (negative: if it is not bound; absent: always). A negative
   * member releases the session. Returns the owner afterwards. @throws RangeError for a member above 65535
   */
  set(id: string, member: number, from?: number): number
  /** When a session ends in milliseconds, unless it is used again; undefined: it is not bound. Prolongs nothing. */
  endsAt(id: string): number | undefined
  /** Returns the sessions by member, without expired ones. Reads the whole table. */
  byMember(): ReadonlyMap<number, MemberSessions>
  /** The number of sessions of a member, including expired ones that were not removed yet. Reads a counter. */
  countOf(member: number): number
  /** Releases all sessions of a member, and returns their number. Reads the whole table. */
  release(member: number): number
  /** The number of sessions, including expired ones that were not removed yet. */
  readonly size: number
  /** The number of sessions that were evicted before they expired. */
  readonly evicted: number
  /**
   * Removes expired sessions. Each call reads at most 65,536 slots, which takes about a millisecond, and the next one
   * continues there. Returns how many it has read.
   */
  sweep(): number
  /** Sessions that were bound to another member while they were bound to one. */
  readonly moved: number
}

const FULL = (SLOTS * 7) / 8 // slots of a segment that are taken, at most
const ROOMY = (SLOTS * 3) / 4 // a segment is split only if more slots are taken without expired sessions
const SPARSE = (SLOTS * 3) / 8 // two segments are joined if the result has no more sessions
const MAX_DEPTH = 20 // never reached, except by ids that were chosen with knowledge of the seed
const WORK_PER_SWEEP = 65_536 // slots, and entries of the directory

const NONE: MemberSessions = { count: 0, lastEndsAt: 0 }

/** The sessions of a segment have the last `depth` bits of `a` in common. */
const emptySegment = (depth: number) => ({ slots: new Int32Array(END), depth, taken: 0 })
type Segment = ReturnType<typeof emptySegment>

/** Holds the sessions of a segment while it is filled again. */
const waiting = new Int32Array(END)

/**
 * @param now the time in milliseconds, never negative
 * @param seed random, where clients choose the ids
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

  const counts = new MemberCounts()
  const segmentOf = (a: number) => directory[a & (directory.length - 1)]!
  const isAlive = (slots: Int32Array, at: number, time: number) =>
    slots[at + 1] !== 0 && time - timeOf(slots, at) <= timeout

  let located = directory[0]!.slots
  /** The position of a session that is bound, in `located`; negative: it is not. */
  const locate = (id: string): number => {
    hash(id)
    located = segmentOf(key[0]!).slots
    const at = find(located, key[0]!, key[1]! || 1)
    return at >= 0 && isAlive(located, at, Math.floor(now())) ? at : -1
  }

  /** Moves the live sessions of a segment to where the directory puts them now. */
  const settle = (segment: Segment, time: number) => {
    waiting.set(segment.slots)
    segment.slots.fill(0)
    size -= segment.taken
    segment.taken = 0
    for (let from = 0; from < END; from += WORDS) {
      if (waiting[from + 1] === 0) continue
      if (!isAlive(waiting, from, time)) {
        counts.add(memberOf(waiting, from), -1)
        continue
      }
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

  /** Frees a slot. Sessions after it that were displaced move up, so that no search ends too early. */
  const forget = (segment: Segment, hole: number) => {
    const { slots } = segment
    counts.add(memberOf(slots, hole), -1)
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

  /** Returns a segment with room for one more session. */
  const roomFor = (a: number, time: number) => {
    let segment = segmentOf(a)
    if (size >= maxSessions || (segment.taken >= FULL && segment.depth === MAX_DEPTH)) evictFrom(segment, time)
    if (segment.taken < FULL) return segment
    settle(segment, time)
    for (; segment.taken > ROOMY && segment.depth < MAX_DEPTH; segment = segmentOf(a)) split(segment, a, time)
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
      const at = locate(id)
      return at < 0 ? undefined : memberOf(located, at)
    },
    endsAt (id) {
      const at = locate(id)
      return at < 0 ? undefined : timeOf(located, at) + timeout
    },
    set (id, member, from) {
      if (member > MAX_MEMBER) throw new RangeError(`member ${member} is above ${MAX_MEMBER}`)
      hash(id)
      const a = key[0]!
      const b = key[1]! || 1
      const time = Math.floor(now())
      let segment = segmentOf(a)
      let at = find(segment.slots, a, b)
      if (at >= 0 && isAlive(segment.slots, at, time)) {
        const holder = memberOf(segment.slots, at)
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
        counts.add(member, 1)
      } else if (memberOf(segment.slots, at) !== member) {
        counts.add(memberOf(segment.slots, at), -1)
        counts.add(member, 1)
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
          const member = memberOf(slots, at)
          const { count, lastEndsAt } = found.get(member) ?? NONE
          const endsAt = timeOf(slots, at) + timeout
          found.set(member, { count: count + 1, lastEndsAt: Math.max(lastEndsAt, endsAt) })
        }
      }
      return found
    },
    countOf: member => counts.of(member),
    release (member) {
      const time = Math.floor(now())
      let released = 0
      for (const segment of new Set(directory)) {
        const { slots } = segment
        for (let at = 0; at < END;) {
          if (slots[at + 1] === 0 || memberOf(slots, at) !== member) at += WORDS
          else {
            if (isAlive(slots, at, time)) released++
            forget(segment, at) // may move another session here
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
      let work = 0
      for (let n = 0; n < directory.length && work < WORK_PER_SWEEP; n++, cursor++) {
        if (cursor >= directory.length) cursor = 0
        const segment = directory[cursor]!
        const isFirst = cursor < 1 << segment.depth // of the entries of the directory for this segment
        if (isFirst) tidy(segment, cursor, time)
        work += isFirst ? SLOTS : 1
      }
      return work
    }
  }
}
