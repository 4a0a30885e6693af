/** A turn of the event loop that took less was idle, in milliseconds. */
const IDLE_MS = 0.05
/** Turns that a task waits for at most. */
const MAX_TURNS = 20

/**
 * Runs tasks in their order, each in a turn of the event loop in which nothing else happened: messages that have
 * arrived are served first. On a busy event loop the next task waits for 20 turns. Tasks do not throw.
 */
export class IdleTasks {
  readonly #tasks: (() => void)[] = []
  #isScheduled = false
  /** Turns for which the next task has waited. */
  #turns = 0
  /** When the last turn ended. */
  #at = -Infinity

  add (task: () => void): void {
    this.#tasks.push(task)
    this.#schedule()
  }

  /** Runs all tasks that are left at once. */
  flush (): void {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task()
  }

  #schedule (): void {
    if (this.#isScheduled || this.#tasks.length === 0) return
    this.#isScheduled = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#isScheduled = false
    const isIdle = performance.now() - this.#at < IDLE_MS
    if (isIdle || ++this.#turns > MAX_TURNS) {
      this.#turns = 0
      this.#tasks.shift()?.()
    }
    this.#at = performance.now()
    this.#schedule()
  }
}
