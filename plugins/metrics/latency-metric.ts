import { Histogram, type Registry } from 'prom-client'
import type { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import { BUCKETS } from './exemplars.js'
import type { Labels } from './metric.js'

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
    const options = { help, labelNames: [...labels], buckets: [...BUCKETS], registers: [register] }
    super({ name: `proxy_services_${name}`, ...options })
    this.#source = source
  }

  /** What prom-client writes, as text and as values. Its declaration of types lacks this method. */
  async getForPromString (): Promise<object> {
    const { help, samples } = this.#source
    const name = `proxy_services_${this.#source.name}`
    const sharedLabels = {}
    const values = [...samples()].flatMap(([labels, histogram]) => [
      ...BUCKETS.map(bound => ({
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
