import type { BufferBudget } from '../../http/message/buffer-budget.js'
import { waitAtMost } from '../../timing/deadline.js'
import { DetachedContext, type RequestContext } from './request-context.js'

/** Deliveries that continue after their clients have a response. Limits their number, and waits for them at the end. */
export class DetachedDeliveries {
  readonly #limit: number
  readonly #budget: BufferBudget
  readonly #running = new Set<DetachedContext>()

  constructor (limit: number, budget: BufferBudget) {
    this.#limit = limit
    this.#budget = budget
  }

  get size (): number { return this.#running.size }

  /** Runs `deliver` in place of this client. Returns false, and does nothing, when there is no room. */
  detach (client: RequestContext, deliver: (context: DetachedContext) => Promise<unknown>): boolean {
    if (this.#running.size >= this.#limit) return false
    const context = client.detachedContext = new DetachedContext(client, this.#budget)
    client.handTo(context)
    this.#running.add(context)
    context.done = deliver(context)
      .catch((error: unknown) => context.log.error({ err: error }, 'a detached delivery failed unexpectedly'))
      .then(() => {
        this.#running.delete(context)
        context.finish(false)
      })
    return true
  }

  /** Waits for all of them; aborts and logs those that take longer than `grace` milliseconds. */
  async settle (grace: number): Promise<void> {
    const allDone = async (): Promise<void> => {
      while (this.#running.size > 0) await Promise.all([...this.#running].map(({ done }) => done))
    }
    await waitAtMost(grace, allDone())
    for (const context of this.#running) {
      context.log.warn('a detached delivery was aborted: the gateway stops')
      context.finish(true)
    }
  }
}
