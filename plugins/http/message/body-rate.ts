import { Deadline } from '../../timing/shared-timer.js'

/**
 * Watches whether a body comes fast enough: in each window of the time in which it is read, at least as many bytes as
 * its rate demands. While its reader takes no more, the time stands still. The end of a body within a window is never
 * too slow.
 */
export class BodyRate extends Deadline {
  readonly #minBytes: number
  readonly #window: number
  readonly #onSlow: () => void
  #bytes = 0
  /** What is left of the window, in milliseconds. */
  #windowLeft: number
  /** Since when the body is read, by `performance.now()`; undefined: it is not. */
  #since: number | undefined

  /** @param rate bytes per second. @param window in milliseconds */
  constructor (rate: number, window: number, onSlow: () => void) {
    super()
    this.#minBytes = (rate * window) / 1000
    this.#window = this.#windowLeft = window
    this.#onSlow = onSlow
  }

  /** The body is read from now on. */
  resume (): void {
    if (this.#since !== undefined) return
    this.#since = performance.now()
    this.start(Math.max(1, this.#windowLeft))
  }

  pause (): void {
    if (this.#since === undefined) return
    this.#windowLeft -= performance.now() - this.#since
    this.#since = undefined
    this.stop()
  }

  add (bytes: number): void {
    this.#bytes += bytes
  }

  override onDeadline (): void {
    if (this.#bytes < this.#minBytes) return this.#onSlow()
    this.#bytes = 0
    this.#windowLeft = this.#window
    this.#since = performance.now()
    this.start(this.#window)
  }
}

/** Watches a body, if it has a least rate. */
export const bodyRateOf = (rate: number, window: number, onSlow: () => void): BodyRate | undefined =>
  rate > 0 ? new BodyRate(rate, window, onSlow) : undefined
