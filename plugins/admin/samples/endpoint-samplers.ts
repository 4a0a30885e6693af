import { LatencyHistogram } from '../../../lib/state/latency-histogram.js'
import type { Registry } from '../../../lib/state/registry.js'
import type { EndpointTraffic, Numbers } from '../contract/live-protocol.js'
import { sessionCounts } from './session-counts.js'
import { TrafficSampler } from './traffic-sampler.js'

/** Traffic of the endpoints that pages show, and of the whole gateway, looked at once a second. */
export class EndpointSamplers {
  readonly #registry: Registry
  readonly #samplers = new Map<string, TrafficSampler>()
  #total = new TrafficSampler()

  constructor (registry: Registry) {
    this.#registry = registry
  }

  /** @param wanted indexes of endpoints on the stream, by their names. @returns their traffic by these indexes */
  sample (wanted: ReadonlyMap<string, number>): ReadonlyMap<number, EndpointTraffic> {
    const traffic = new Map<number, EndpointTraffic>()
    const sessions = sessionCounts(this.#registry, new Set(wanted.keys()))
    for (const [name, index] of wanted) {
      const endpoint = this.#registry.endpoints.get(name)
      if (endpoint === undefined) continue
      let sampler = this.#samplers.get(name)
      if (sampler === undefined) this.#samplers.set(name, (sampler = new TrafficSampler()))
      sampler.sample(performance.now(), endpoint)
      traffic.set(index, {
        index,
        inFlight: endpoint.inFlight,
        sessions: sessions.get(name) ?? null,
        steps: sampler.steps,
        ...sampler.traffic()
      })
    }
    return traffic
  }

  /** Traffic of the whole gateway, whatever pages watch. */
  total (): Numbers['total'] {
    const latency = new LatencyHistogram()
    const sum = { responses: 0, failures: 0, inFlight: 0, sessions: 0 }
    for (const endpoint of this.#registry.endpoints.values()) {
      sum.responses += endpoint.responses
      sum.failures += endpoint.failures
      sum.inFlight += endpoint.inFlight
      // Thousands of endpoints may never have responded.
      if (endpoint.responses > 0) latency.add(endpoint.latency)
    }
    for (const { sessions } of this.#registry.groups.values()) sum.sessions += sessions?.size ?? 0
    this.#total.sample(performance.now(), { ...sum, latency })
    return { ...this.#total.traffic(), inFlight: sum.inFlight, sessions: sum.sessions }
  }

  /** Drops what is known of an endpoint that is gone. */
  delete (name: string): void {
    this.#samplers.delete(name)
  }

  clear (): void {
    this.#samplers.clear()
    this.#total = new TrafficSampler()
  }
}
