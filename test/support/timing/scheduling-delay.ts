import type { Test } from 'tap'

/** The time between two measurements. */
const INTERVAL_MS = 50

/** Measures how late timers of this process run: on a busy machine all processes are late, and times prove nothing. */
export class SchedulingDelay {
  #greatest = 0
  #last = performance.now()
  readonly #timer = setInterval(() => this.#measure(), INTERVAL_MS).unref()

  /** Returns the greatest delay since the last call, in milliseconds. */
  take (): number {
    this.#measure()
    const greatest = this.#greatest
    this.#greatest = 0
    return greatest
  }

  stop (): void {
    clearInterval(this.#timer)
  }

  #measure (): void {
    const now = performance.now()
    this.#greatest = Math.max(this.#greatest, Math.round(now - this.#last - INTERVAL_MS))
    this.#last = now
  }
}

/** Measures until the test ends. Bounds of time grow by twice the delay: that of a request and that of its response. */
export function schedulingDelay (t: Test): SchedulingDelay {
  const delay = new SchedulingDelay()
  t.teardown(() => delay.stop())
  return delay
}
