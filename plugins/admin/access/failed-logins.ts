/** Failed attempts of one address that are tolerated within a window. */
const MAX_FAILURES = 10
const WINDOW_MS = 60_000
const BLOCKED_MS = 30_000
/** Addresses that are remembered; the oldest goes first. */
const MAX_ADDRESSES = 1_000

interface Attempts {
  readonly since: number
  count: number
  blockedUntil: number
}

/** Slows guessing of tokens: after ten wrong ones within a minute an address is refused for 30 s. Bounded memory. */
export class FailedLogins {
  readonly #now: () => number
  readonly #addresses = new Map<string, Attempts>()

  /** @param now milliseconds */
  constructor (now: () => number) {
    this.#now = now
  }

  /** Seconds until this address may try again, 0 if it may now. */
  secondsBlocked (address: string): number {
    const attempts = this.#addresses.get(address)
    return attempts === undefined ? 0 : Math.max(0, Math.ceil((attempts.blockedUntil - this.#now()) / 1000))
  }

  add (address: string): void {
    const now = this.#now()
    const known = this.#addresses.get(address)
    const attempts =
      known !== undefined && now - known.since < WINDOW_MS ? known : { since: now, count: 0, blockedUntil: 0 }
    if (++attempts.count >= MAX_FAILURES) attempts.blockedUntil = now + BLOCKED_MS
    this.#addresses.delete(address)
    this.#addresses.set(address, attempts)
    if (this.#addresses.size > MAX_ADDRESSES) this.#addresses.delete(this.#addresses.keys().next().value!)
  }
}
