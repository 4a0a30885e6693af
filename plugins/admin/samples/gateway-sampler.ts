import type { Registry } from '../../../lib/state/registry.js'
import type { ProcessCondition, StoreCondition } from '../../gateway/process-condition.js'
import type { GatewayStatus } from '../contract/live-protocol.js'
import { keepSample } from './traffic-sampler.js'

const TEN_SECONDS = 10_000
/** Samples of a minute. */
const MAX_SAMPLES = 7
/** A process that has been looked at for less than this is not called busy: a start takes all of its time. */
const MIN_LOOK_MS = 50_000

/** The processes that serve clients, by their ids. */
type Processes = ReadonlyMap<number, ProcessCondition>

interface GatewaySample {
  readonly at: number
  readonly evicted: number
  readonly processes: Processes
}

/** What concerns the whole gateway, over the last minute. Looks at counters; nothing is done while messages pass. */
export class GatewaySampler {
  readonly #registry: Registry
  readonly #conditions: () => Processes
  /** One each 10 s, the oldest first. */
  readonly #samples: GatewaySample[] = []

  /** @param conditions of the processes that serve clients */
  constructor (registry: Registry, conditions: () => Processes) {
    this.#registry = registry
    this.#conditions = conditions
  }

  /** To be called once a second. @param now milliseconds */
  sample (now: number): GatewayStatus {
    const sample = this.#look(now)
    keepSample(this.#samples, sample, TEN_SECONDS, MAX_SAMPLES)
    const before = this.#samples[0]!
    return {
      store: storeOf(sample.processes),
      evicted: Math.max(0, sample.evicted - before.evicted),
      denied: deniedBetween(before.processes, sample.processes),
      busy: now - before.at < MIN_LOOK_MS ? 0 : busiest(before.processes, sample.processes)
    }
  }

  clear (): void {
    this.#samples.length = 0
  }

  #look (at: number): GatewaySample {
    let evicted = 0
    for (const { sessions } of this.#registry.groups.values()) evicted += sessions?.evicted ?? 0
    return { at, evicted, processes: this.#conditions() }
  }
}

/** Of several stores, one that does not respond. */
function storeOf (processes: Processes): GatewayStatus['store'] {
  const stores: StoreCondition[] = [...processes.values()].flatMap(({ stores }) => stores)
  const shown = stores.find(({ isUp }) => !isUp) ?? stores[0]
  const fallbacks = stores.reduce((sum, each) => sum + each.fallbacks, 0)
  return shown === undefined ? null : { ...shown, fallbacks }
}

function deniedBetween (before: Processes, now: Processes): number {
  let sum = 0
  for (const [pid, { denied }] of now) sum += Math.max(0, denied - (before.get(pid)?.denied ?? 0))
  return sum
}

/** The greatest share of the time that a process was busy, of those that have run for all of it. */
function busiest (before: Processes, now: Processes): number {
  const shares = [...now].flatMap(([pid, { loop }]) => {
    const earlier = before.get(pid)
    return earlier === undefined ? [] : [shareOf(loop.active - earlier.loop.active, loop.idle - earlier.loop.idle)]
  })
  return Math.max(0, ...shares)
}

const shareOf = (active: number, idle: number): number => active + idle === 0 ? 0 : active / (active + idle)
