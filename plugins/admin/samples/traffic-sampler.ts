import type { LatencyHistogram } from '../../../lib/state/latency-histogram.js'
import type { Traffic } from '../contract/live-protocol.js'

/** What an endpoint counts since the start. */
export interface TrafficCounts {
  readonly responses: number
  readonly failures: number
  readonly latency: LatencyHistogram
}

const SECOND = 1_000
const STEPS = 60
const STEP_MS = 5 * SECOND
/** Below this many responses a minute, quantiles mean nothing. */
const MIN_RESPONSES = 20

interface TrafficSample extends TrafficCounts { readonly at: number }

/**
 * Turns counters into rates by looking at them once a second: nothing is done while messages pass, and nothing at all
 * for an endpoint that no page shows.
 */
export class TrafficSampler {
  /** One a second, the last ten; older ones every 10 s up to a minute. */
  readonly #secondSamples: TrafficSample[] = []
  readonly #minuteSamples: TrafficSample[] = []
  readonly #steps: number[] = []
  #stepBegan: TrafficSample | undefined

  /** @param now milliseconds */
  sample (now: number, { responses, failures, latency }: TrafficCounts): void {
    const sample = { at: now, responses, failures, latency: latency.copy() }
    keepSample(this.#secondSamples, sample, SECOND, 11)
    keepSample(this.#minuteSamples, sample, 10 * SECOND, 7)
    this.#stepBegan ??= sample
    if (now - this.#stepBegan.at < STEP_MS) return
    this.#steps.push(requests(sample) - requests(this.#stepBegan))
    if (this.#steps.length > STEPS) this.#steps.shift()
    this.#stepBegan = sample
  }

  /** Requests in each of the last steps of 5 s, the newest last; at most 60. */
  get steps (): readonly number[] { return this.#steps }

  traffic (): Traffic {
    const [first, last] = [this.#secondSamples[0], this.#secondSamples.at(-1)]
    const minute = this.#minuteSamples[0]
    if (first === undefined || last === undefined || minute === undefined) return NO_TRAFFIC
    const elapsed = (last.at - first.at) / SECOND
    const latency = last.latency.since(minute.latency)
    const quantile = (share: number): number | null =>
      latency.count < MIN_RESPONSES ? null : latency.quantile(share) ?? null
    const failures = last.failures - minute.failures
    const all = requests(last) - requests(minute)
    return {
      requestsPerSecond: elapsed === 0 ? 0 : (requests(last) - requests(first)) / elapsed,
      p50: quantile(0.5),
      p99: quantile(0.99),
      errors: all === 0 ? 0 : failures / all
    }
  }
}

const NO_TRAFFIC: Traffic = { requestsPerSecond: 0, p50: null, p99: null, errors: 0 }

const requests = ({ responses, failures }: TrafficSample): number => responses + failures

/** Keeps a sample unless the last one is younger than the interval; at most `max` of them. */
export function keepSample<T extends { readonly at: number }> (
  samples: T[],
  sample: T,
  interval: number,
  max: number
): void {
  const last = samples.at(-1)
  if (last !== undefined && sample.at - last.at < interval - 50) return
  samples.push(sample)
  if (samples.length > max) samples.shift()
}
