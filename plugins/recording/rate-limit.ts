/** A quarter of what a second may have comes at once, the rest evenly: work is spread, and bursts are seen. */
const BURST = 1 / 4

/** Limits how many events are taken within any second. */
export class RateLimit {
  readonly #burst: number
  readonly #perMs: number
  #left: number
  #at = -Infinity

  /** @param perSecond the greatest number within a second */
  constructor (perSecond: number) {
    this.#burst = Math.max(1, Math.floor(perSecond * BURST))
    this.#perMs = (perSecond - this.#burst) / 1_000
    this.#left = this.#burst
  }

  /** Returns whether this event is taken. @param now milliseconds */
  take (now: number): boolean {
    if (now > this.#at) {
      this.#left = Math.min(this.#burst, this.#left + (now - this.#at) * this.#perMs)
      this.#at = now
    }
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
