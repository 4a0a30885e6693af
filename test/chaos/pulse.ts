/** Between two beats, in milliseconds. */
const BEAT = 50

/** Measures how late this process has its turn: on a busy machine all are late, and times say nothing. */
export class Pulse {
  #latest = 0
  #last = performance.now()
  readonly #timer = setInterval(() => this.#beat(), BEAT).unref()

  /** Returns the greatest delay since the last call, in milliseconds. */
  take (): number {
    this.#beat()
    const latest = this.#latest
    this.#latest = 0
    return latest
  }

  stop (): void {
    clearInterval(this.#timer)
  }

  #beat (): void {
    const now = performance.now()
    this.#latest = Math.max(this.#latest, Math.round(now - this.#last - BEAT))
    this.#last = now
  }
}
