import { Counter, Gauge, type Registry } from 'prom-client'

export type Labels = Readonly<Record<string, string>>
export type MetricSample = readonly [labels: Labels, value: number]

/** A metric that is read when Prometheus scrapes: nothing is counted on its behalf while messages pass. */
export interface MetricSource {
  /** Without the prefix `proxy_services_`; counters end in `_total`. */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  /** One sentence. */
  readonly help: string
  readonly labels?: readonly string[]
  /** How the values of several workers become one; `first`: the primary decides. Default: `sum`. */
  readonly aggregator?: 'sum' | 'first' | 'max' | 'min'
  readonly samples: () => Iterable<MetricSample>
}

/** Adds metrics to a registry of prom-client. */
export function register (sources: readonly MetricSource[], register: Registry): void {
  for (const { name, type, help, labels = [], aggregator = 'sum', samples } of sources) {
    const options = { name: `proxy_services_${name}`, help, labelNames: [...labels], aggregator, registers: [register] }
    if (type === 'gauge') {
      const gauge: Gauge = new Gauge({
        ...options,
        collect: () => {
          gauge.reset()
          const values = [...samples()]
          for (const [labelValues, value] of values) gauge.set(labelValues, value)
          // A gauge without labels has the value 0 otherwise.
          if (values.length === 0 && labels.length === 0) gauge.remove()
        }
      })
    } else {
      const counter: Counter = new Counter({
        ...options,
        collect: () => {
          counter.reset()
          for (const [labelValues, value] of samples()) counter.inc(labelValues, value)
        }
      })
    }
  }
}

export const one = (value: number): MetricSample[] => [[{}, value]]
export const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)
