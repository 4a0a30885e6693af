import { withDeadline } from './deadline.js'
import { DetachedContext, type RequestContext } from './request-context.js'
import type { BufferBudget } from '../http/buffer-budget.js'

/** All that goes on without its client: how much of it there may be, and who waits for it in the end. */
export class DetachedDeliveries {
  readonly #limit: number
  readonly #budget: BufferBudget
  readonly #running = new Set<DetachedContext>()

  constructor (limit: number, budget: BufferBudget) {
    this.#limit = limit
    this.#budget = budget
  }

  get size (): number { return this.#running.size }

  /** `go` goes on in the place of this client. False: there is no room, and nothing was done. */
  detach (visit: RequestContext, go: (alone: DetachedContext) => Promise<unknown>): boolean {
    if (this.#running.size >= this.#limit) return false
    const errand = visit.detached = new DetachedContext(visit, this.#budget)
    visit.handTo(errand)
    this.#running.add(errand)
    errand.done = go(errand)
      .catch(error => errand.log.error({ err: error }, 'a message that nobody waits for failed in an unforeseen way'))
      .then(() => {
        this.#running.delete(errand)
        errand.finish(false)
      })
    return true
  }

  /** Waits for all of them. What takes longer than this, in milliseconds, is cut off, and the log says so. */
  async settle (grace: number): Promise<void> {
    const all = async (): Promise<void> => { while (this.#running.size > 0) await Promise.all([...this.#running].map(({ done }) => done)) }
    await withDeadline(grace, all())
    for (const errand of this.#running) {
      errand.log.warn('a message that nobody waits for was cut off, since the gateway ends')
      errand.finish(true)
    }
  }
}
