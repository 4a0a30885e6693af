import type { WaitForTrial } from '../../../lib/contracts/flow.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { Registry } from '../../../lib/state/registry.js'
import type { ExchangeScope, ScopedOperation } from '../../http/message/exchange-scope.js'

/** How many messages wait at most for the trial of one endpoint. */
const MAX_WAITING = 100

/** Messages that wait for the end of a trial, because no other endpoint is left. Bounded in number and in time. */
export class TrialQueue {
  readonly #registry: Registry
  readonly #waiting = new Map<EndpointState, Set<() => void>>()
  readonly #release = (endpoint: EndpointState): void => {
    for (const proceed of this.#waiting.get(endpoint) ?? []) proceed()
  }

  constructor (registry: Registry) {
    this.#registry = registry
    registry.on('trialEnd', this.#release)
  }

  /**
   * Resolves to true when the trial is over, its time is, or the client has disconnected. Resolves to false at once if
   * the queue is full.
   */
  async wait (
    { endpoint, endsAt }: Omit<WaitForTrial, 'kind'>,
    client: Pick<ExchangeScope, 'track' | 'untrack'>
  ): Promise<boolean> {
    const waiting = this.#waiting.get(endpoint) ?? new Set()
    if (waiting.size >= MAX_WAITING) return false
    this.#waiting.set(endpoint, waiting)
    await new Promise<void>(resolve => {
      const proceed = (): void => {
        if (!waiting.delete(proceed)) return
        clearTimeout(timer)
        if (waiting.size === 0) this.#waiting.delete(endpoint)
        client.untrack(operation)
        resolve()
      }
      const operation: ScopedOperation = { previous: undefined, next: undefined, discard: proceed }
      const timer = setTimeout(proceed, Math.max(0, endsAt - this.#registry.now()))
      waiting.add(proceed)
      client.track(operation)
    })
    return true
  }

  close (): void {
    this.#registry.off('trialEnd', this.#release)
    for (const endpoint of this.#waiting.keys()) this.#release(endpoint)
  }
}
