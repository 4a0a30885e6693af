import type { ProxyTraffic } from '../../gateway/request/proxy-traffic.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'
import type { ProxyTrafficNow } from '../contract/live-protocol.js'
import { TrafficSampler } from './traffic-sampler.js'

/** Traffic of the proxies that pages show, looked at once a second. */
export class ProxySamplers {
  readonly #proxyServices: ProxyServices | undefined
  readonly #samplers = new Map<string, TrafficSampler>()

  constructor (proxyServices: ProxyServices | undefined) {
    this.#proxyServices = proxyServices
  }

  /** @param wanted names of proxies; those that do not exist are left out */
  sample (wanted: ReadonlySet<string>): ReadonlyMap<string, ProxyTrafficNow> {
    for (const name of this.#samplers.keys()) if (!wanted.has(name)) this.#samplers.delete(name)
    const found = new Map<string, ProxyTrafficNow>()
    for (const dispatcher of this.#proxyServices ?? []) {
      for (const name of wanted) {
        if (!dispatcher.configuration.services.has(name)) continue
        const traffic = dispatcher.trafficOf(name)
        const sampler = this.#samplers.get(name) ?? new TrafficSampler()
        this.#samplers.set(name, sampler)
        sampler.sample(performance.now(), { ...endsOf(traffic), latency: traffic.latency })
        found.set(name, { name, inFlight: traffic.inFlight, steps: sampler.steps, ...sampler.traffic() })
      }
    }
    return found
  }

  clear (): void {
    this.#samplers.clear()
  }
}

/** Requests that ended well, and those that ended in a status of 500 or more, or whose client left. */
function endsOf (traffic: ProxyTraffic): { responses: number; failures: number } {
  const ends = { responses: 0, failures: 0 }
  for (const { statusClass, count } of traffic.requests()) {
    if (statusClass === '5xx' || statusClass === 'none') ends.failures += count
    else ends.responses += count
  }
  return ends
}
