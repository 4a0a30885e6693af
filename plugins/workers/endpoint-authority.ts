import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { Registry } from '../../lib/state/registry.js'
import type { IpcChannel } from '../ipc/ipc-channel.js'
import { CounterTotals, type CounterReport } from './counters.js'
import {
  TOPICS, type EndpointHealth, type EndpointSignal, type TrialReply, type TrialRequest
} from './worker-protocol.js'

/**
 * The side of the primary: decides the states of endpoints for all workers. Each worker acts by its own copy at once,
 * and sends the signals that have changed it; the decision of the primary reaches all of them, its sender included.
 */
export class EndpointAuthority {
  readonly #registry: Registry
  readonly #channels = new Set<IpcChannel>()
  readonly #totals: CounterTotals

  constructor (registry: Registry) {
    this.#registry = registry
    this.#totals = new CounterTotals(registry)
    const publish = (endpoint: EndpointState): void => {
      const state = healthOf(endpoint)
      for (const channel of this.#channels) channel.notify(TOPICS.state, state)
    }
    registry.onSignal = publish
    registry.onRestore = publish
    registry.on('healthCheckChange', publish)
  }

  /** Serves one worker until it ends. */
  serve (channel: IpcChannel): void {
    const worker = this.#totals.worker()
    const trials = new Map<EndpointState, number>()
    this.#channels.add(channel)
    channel.handle(TOPICS.signal, ({ signal, ...given }: EndpointSignal) => {
      const endpoint = worker.endpointOf(given)
      if (endpoint !== undefined) this.#registry.signal(endpoint, signal)
    })
    channel.handle(TOPICS.trial, ({ duration, ...given }: TrialRequest): TrialReply => {
      const endpoint = worker.endpointOf(given)
      if (endpoint === undefined) return 'unknown'
      const startedAt = this.#registry.startTrial(endpoint, duration)
      if (startedAt !== undefined) trials.set(endpoint, startedAt)
      // The worker takes it for half-open: without its state here, it would refuse all messages from now on.
      else channel.notify(TOPICS.state, healthOf(endpoint))
      return startedAt ?? null
    })
    channel.handle(TOPICS.counters, (report: CounterReport) => {
      worker.add(report)
    })
    channel.onClose(() => {
      this.#channels.delete(channel)
      // Trials that ended before are no longer those that the endpoint knows.
      for (const [endpoint, startedAt] of trials) this.#registry.signal(endpoint, { kind: 'trialEnd', startedAt })
      worker.remove()
    })
  }

  /** States that a new worker has to adopt. */
  states (): EndpointHealth[] {
    const all = [...this.#registry.endpoints.values()]
    return all.filter(each => each.health.state !== 'active' || this.#registry.isFailing(each)).map(healthOf)
  }
}

const healthOf = ({ name, address, health, checked }: EndpointState): EndpointHealth => ({
  name,
  address,
  health,
  checked
})
