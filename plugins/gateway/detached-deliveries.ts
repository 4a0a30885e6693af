import { atMost } from './deadline.js'
import { Errand, type Visit } from './request-context.js'
import type { Budget } from '../http/buffer-budget.js'

/** All that goes on without its client: how much of it there may be, and who waits for it in the end. */
export class Errands {
  readonly #limit: number
  readonly #budget: Budget
  readonly #running = new Set<Errand>()

  constructor (limit: number, budget: Budget) {
    this.#limit = limit
    this.#budget = budget
  }

  get size (): number { return this.#running.size }

  /** `go` goes on in the place of this client. False: there is no room, and nothing was done. */
  release (visit: Visit, go: (alone: Errand) => Promise<unknown>): boolean {
    if (this.#running.size >= this.#limit) return false
    const errand = visit.errand = new Errand(visit, this.#budget)
    visit.handTo(errand)
    this.#running.add(errand)
    errand.done = go(errand)
      .catch(error => errand.log.error({ err: error }, 'a message that nobody waits for failed in an unforeseen way'))
      .then(() => {
        this.#running.delete(errand)
        errand.end(false)
      })
    return true
  }

  /** Waits for all of them. What takes longer than this, in milliseconds, is cut off, and the log says so. */
  async settle (grace: number): Promise<void> {
    const all = async (): Promise<void> => { while (this.#running.size > 0) await Promise.all([...this.#running].map(({ done }) => done)) }
    await atMost(grace, all())
    for (const errand of this.#running) {
      errand.log.warn('a message that nobody waits for was cut off, since the gateway ends')
      errand.end(true)
    }
  }
}
