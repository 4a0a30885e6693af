import type { JournalEntry, NewEntry } from '../contract/live-protocol.js'

/** Entries that are kept; older ones are in the log. */
const MAX_ENTRIES = 5_000

export interface JournalQuery {
  /** Only entries older than this number. */
  readonly before?: number | undefined
  /** Default and maximum: 500. */
  readonly limit?: number | undefined
  /** Only entries of this endpoint. */
  readonly endpoint?: string | undefined
  readonly kind?: string | undefined
}

/** What has happened since the start, newest last. Bounded. */
export class Journal {
  readonly #entries: JournalEntry[] = []
  readonly #now: () => number
  #next = 1
  #listener: ((entry: JournalEntry) => void) | undefined

  /** @param now milliseconds since 1970 */
  constructor (now: () => number) {
    this.#now = now
  }

  get last (): number {
    return this.#next - 1
  }

  add (entry: NewEntry): void {
    const added = { sequence: this.#next++, at: this.#now(), ...entry }
    this.#entries.push(added)
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift()
    this.#listener?.(added)
  }

  /** Calls back with each further entry. One listener; undefined ends it. */
  onEntry (listener: ((entry: JournalEntry) => void) | undefined): void {
    this.#listener = listener
  }

  /** The newest entries after a number, oldest first; the first one counts those before it that are left out. */
  newest (after: number, most: number): readonly JournalEntry[] {
    const count = this.last - after
    const [first, ...others] = count === 0 ? [] : this.#entries.slice(-Math.min(most, count))
    if (first === undefined) return []
    const missed = count - others.length - 1
    return [missed > 0 ? { ...first, missed } : first, ...others]
  }

  /** Matching entries, newest first. */
  find ({ before = Infinity, limit = 500, endpoint, kind }: JournalQuery): JournalEntry[] {
    const found: JournalEntry[] = []
    for (let at = this.#entries.length - 1; at >= 0 && found.length < Math.min(limit, 500); at--) {
      const entry = this.#entries[at]!
      if (entry.sequence >= before) continue
      if (endpoint !== undefined && entry.endpoint !== endpoint) continue
      if (kind === undefined || entry.kind === kind) found.push(entry)
    }
    return found
  }
}
