import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import type { Registry } from '../../lib/state/registry.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import type { GatewayStatus } from './live-protocol.js'

const TEN_SECONDS = 10_000
/** Samples of a minute. */
const MAX_SAMPLES = 7
/** A process that has been looked at for less than this is not called busy: a start takes all of its time. */
const MIN_LOOK_MS = 50_000

interface Sample {
  readonly at: number
  readonly evicted: number
  readonly denied: number
  readonly loop: EventLoopUtilization
}

/** What concerns the whole gateway, over the last minute. Looks at counters; nothing is done while messages pass. */
export class GatewaySampler {
  readonly #registry: Registry
  readonly #proxyServices: ProxyServices | undefined
  /** One each 10 s, the oldest first. */
  readonly #samples: Sample[] = []

  constructor (registry: Registry, proxyServices: ProxyServices | undefined) {
    this.#registry = registry
    this.#proxyServices = proxyServices
  }

  /** To be called once a second. @param now milliseconds */
  sample (now: number): GatewayStatus {
    const sample = this.#look(now)
    const last = this.#samples.at(-1)
    if (last === undefined || now - last.at >= TEN_SECONDS) this.#samples.push(sample)
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift()
    const before = this.#samples[0]!
    const stores = [...(this.#proxyServices ?? [])].flatMap(({ sessions }) => sessions ?? [])
    return {
      store:
        stores.length === 0
          ? null
          : {
              isUp: stores.every(({ up }) => up),
              fallbacks: stores.reduce((sum, { fallbacks }) => sum + fallbacks, 0)
            },
      evicted: Math.max(0, sample.evicted - before.evicted),
      denied: Math.max(0, sample.denied - before.denied),
      busy: now - before.at < MIN_LOOK_MS ? 0 : performance.eventLoopUtilization(sample.loop, before.loop).utilization
    }
  }

  clear (): void {
    this.#samples.length = 0
  }

  #look (at: number): Sample {
    let evicted = 0
    let denied = 0
    for (const { sessions } of this.#registry.groups.values()) evicted += sessions?.evicted ?? 0
    for (const { budget } of this.#proxyServices ?? []) denied += budget.denied
    return { at, evicted, denied, loop: performance.eventLoopUtilization() }
  }
}
