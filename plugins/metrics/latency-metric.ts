import { Histogram, type Registry } from 'prom-client'
import type { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import type { Labels } from './metric.js'

/** Upper bounds of the buckets, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

export interface LatencySource {
  /** Without the prefix `proxy_services_`; ends in `_seconds`. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly samples: () => Iterable<readonly [Labels, LatencyHistogram]>
}

/** A histogram of Prometheus that is read from histograms of the gateway at each scrape. */
export class LatencyMetric extends Histogram {
  readonly #source: LatencySource

  constructor (source: LatencySource, register: Registry) {
    const { name, help, labels } = source
    super({ name: `proxy_services_${name}`, help, labelNames: [...labels], buckets: BOUNDS, registers: [register] })
    this.#source = source
  }

  /** What prom-client writes, as text and as values. Its declaration of types lacks this method. */
  async getForPromString (): Promise<object> {
    const { help, samples } = this.#source
    const name = `proxy_services_${this.#source.name}`
    const sharedLabels = {}
    const values = [...samples()].flatMap(([labels, histogram]) => [
      ...BOUNDS.map(bound => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le: String(bound) },
        value: histogram.countUpTo(bound * 1000),
        sharedLabels
      })),
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: histogram.count, sharedLabels },
      { metricName: `${name}_sum`, labels, value: histogram.sum / 1000, sharedLabels },
      { metricName: `${name}_count`, labels, value: histogram.count, sharedLabels }
    ])
    return { name, help, type: 'histogram', aggregator: 'sum', values }
  }
}
