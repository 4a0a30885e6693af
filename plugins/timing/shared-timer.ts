import { performance } from 'node:perf_hooks'
import { MAX_TIMER_MS } from './deadline.js'

/** Durations from here on are rounded up to `STEP`, so that there are few lists. In milliseconds, as all times here. */
const FINE_BELOW = 1000
const STEP = 100

/** All deadlines of one duration: they end in the order in which they begin, so that one timer serves all. */
class DeadlineList {
  first: Deadline | undefined
  last: Deadline | undefined
  readonly duration: number

  constructor (duration: number) {
    this.duration = duration
    this.#arm(duration)
  }

  #arm (delay: number): void {
    setTimeout(() => this.#expire(), delay).unref()
  }

  #expire (): void {
    const now = performance.now()
    try {
      for (let next = this.first; next !== undefined && next.at <= now; next = this.first) {
        next.stop()
        next.onDeadline()
      }
    } finally {
      if (this.first === undefined) lists.delete(this.duration)
      else this.#arm(Math.max(1, Math.ceil(this.first.at - now)))
    }
  }
}

const lists = new Map<number, DeadlineList>()

/**
 * A time that ends unless it is stopped before. Thousands of them share one timer of Node for each duration, which
 * does not keep the process alive. Ends up to 1 ms late below 1 s, up to 100 ms late from there on, never early.
 */
export abstract class Deadline {
  /** When it ends, by `performance.now()`. */
  at = 0
  earlier: Deadline | undefined
  later: Deadline | undefined
  #list: DeadlineList | undefined

  abstract onDeadline (): void

  /** Starts, or restarts. A duration of 0 has no end. */
  start (duration: number): void {
    this.stop()
    if (duration <= 0) return
    const whole = duration < FINE_BELOW ? Math.ceil(duration) : Math.ceil(duration / STEP) * STEP
    const rounded = Math.min(whole, MAX_TIMER_MS)
    let list = lists.get(rounded)
    if (list === undefined) lists.set(rounded, (list = new DeadlineList(rounded)))
    this.#list = list
    this.at = performance.now() + rounded
    this.earlier = list.last
    if (list.last === undefined) list.first = this
    else list.last.later = this
    list.last = this
  }

  stop (): void {
    const list = this.#list
    if (list === undefined) return
    if (this.earlier === undefined) list.first = this.later
    else this.earlier.later = this.later
    if (this.later === undefined) list.last = this.earlier
    else this.later.earlier = this.earlier
    this.earlier = this.later = this.#list = undefined
  }
}

/** A deadline of its own, for objects that need a second one. */
export class Countdown extends Deadline {
  readonly #onEnd: () => void

  constructor (onEnd: () => void) {
    super()
    this.#onEnd = onEnd
  }

  override onDeadline (): void {
    this.#onEnd()
  }
}
