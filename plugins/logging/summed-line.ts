/**
 * A log line for events that may come in floods: the first one is written at once, those of each following interval
 * as one line with their number.
 */
export class SummedLine<T> {
  readonly #interval: number
  readonly #write: (count: number, last: T) => void
  #pending: { count: number, last: T } | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param interval in milliseconds @param write writes the line for so many events; `last` is the latest of them */
  constructor (interval: number, write: (count: number, last: T) => void) {
    this.#interval = interval
    this.#write = write
  }

  add (event: T): void {
    if (this.#timer === undefined) {
      this.#startInterval()
      return this.#write(1, event)
    }
    this.#pending = { count: (this.#pending?.count ?? 0) + 1, last: event }
  }

  /** Writes what is pending. */
  close (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flush()
  }

  #startInterval (): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#flush()) this.#startInterval()
    }, this.#interval).unref()
  }

  #flush (): boolean {
    const pending = this.#pending
    if (pending === undefined) return false
    this.#pending = undefined
    this.#write(pending.count, pending.last)
    return true
  }
}
