import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { Registry } from '../../lib/state/registry.js'
import type { IpcChannel } from '../ipc/ipc-channel.js'
import { CounterTotals, type CounterReport } from './counters.js'
import {
  TOPICS, type EndpointHealth, type EndpointKey, type EndpointSignal, type TrialRequest
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
    channel.handle(TOPICS.signal, ({ signal, ...key }: EndpointSignal) => {
      const endpoint = this.#find(key)
      if (endpoint !== undefined) this.#registry.signal(endpoint, signal)
    })
    channel.handle(TOPICS.trial, ({ duration, ...key }: TrialRequest) => {
      const endpoint = this.#find(key)
      // An endpoint that only the worker knows is its own.
      if (endpoint === undefined) return this.#registry.now()
      const startedAt = this.#registry.startTrial(endpoint, duration)
      if (startedAt !== undefined) trials.set(endpoint, startedAt)
      return startedAt ?? null
    })
    channel.handle(TOPICS.counters, (report: CounterReport) => {
      worker.add(report)
    })
    channel.onClose(() => {
      this.#channels.delete(channel)
      worker.remove()
      // Trials that ended before are no longer those that the endpoint knows.
      for (const [endpoint, startedAt] of trials) this.#registry.signal(endpoint, { kind: 'trialEnd', startedAt })
    })
  }

  /** States that a new worker has to adopt. */
  states (): EndpointHealth[] {
    const all = [...this.#registry.endpoints.values()]
    return all.filter(each => each.health.state !== 'active' || this.#registry.isFailing(each)).map(healthOf)
  }

  #find ({ name, address }: EndpointKey): EndpointState | undefined {
    const endpoint = this.#registry.endpoints.get(name)
    return endpoint?.address === address ? endpoint : undefined
  }
}

const healthOf = ({ name, address, health, checked }: EndpointState): EndpointHealth => ({
  name,
  address,
  health,
  checked
})
