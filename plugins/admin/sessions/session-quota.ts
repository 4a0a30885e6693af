/** Look-ups and releases of one address within any second. */
export const MAX_SESSIONS_PER_SECOND = 10
const WINDOW_MS = 1_000
/** Addresses that are remembered; the oldest goes first. */
const MAX_ADDRESSES = 1_000

/** Slows guessing of session ids: each address has ten look-ups and releases within any second. Bounded memory. */
export class SessionQuota {
  readonly #now: () => number
  /** When the last look-ups of each address began, the oldest first. */
  readonly #used = new Map<string, readonly number[]>()

  /** @param now milliseconds */
  constructor (now: () => number) {
    this.#now = now
  }

  /** Counts a look-up or a release. Returns 0; or after how many seconds it is accepted, and does not count it. */
  use (address: string): number {
    const now = this.#now()
    const recent = (this.#used.get(address) ?? []).filter(at => now - at < WINDOW_MS)
    if (recent.length >= MAX_SESSIONS_PER_SECOND) return Math.ceil((recent[0]! + WINDOW_MS - now) / 1_000)
    this.#used.delete(address)
    this.#used.set(address, [...recent, now])
    if (this.#used.size > MAX_ADDRESSES) this.#used.delete(this.#used.keys().next().value!)
    return 0
  }
}
