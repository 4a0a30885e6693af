/** Delays between attempts, in milliseconds: from `first` on, each twice the one before, at most `max`. */
export class BackOff {
  readonly #first: number
  readonly #max: number
  #next: number

  constructor (first: number, max: number) {
    this.#first = first
    this.#max = max
    this.#next = first
  }

  /** Returns the delay before the next attempt. */
  next (): number {
    const delay = this.#next
    this.#next = Math.min(delay * 2, this.#max)
    return delay
  }

  /** An attempt succeeded: the next delay is the first one again. */
  reset (): void { this.#next = this.#first }
}

/**
 * Runs a task again and again. It resolves with the delay until its next run, in milliseconds, or with undefined when
 * it is done; it must not reject. Its timers do not keep the process alive.
 * @param delay until the first run; undefined: at once
 * @returns how to end it; a run in progress is not followed by another one
 */
export function repeat (task: () => Promise<number | undefined>, delay?: number): () => void {
  let ended = false
  let timer: NodeJS.Timeout | undefined
  const schedule = (milliseconds: number): void => { timer = setTimeout(() => { void run() }, milliseconds).unref() }
  const run = async (): Promise<void> => {
    const next = await task()
    if (next !== undefined && !ended) schedule(next)
  }
  if (delay === undefined) void run()
  else schedule(delay)
  return () => {
    ended = true
    clearTimeout(timer)
  }
}
