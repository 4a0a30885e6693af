import { Counter, Gauge, type Registry } from 'prom-client'

export type Labels = Readonly<Record<string, string>>
export type Sample = readonly [labels: Labels, value: number]

/** A metric that is read when Prometheus scrapes: nothing is counted on its behalf while messages pass. */
export interface MetricSource {
  /** Without the prefix `proxy_services_`; counters end in `_total`. */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  /** One sentence. */
  readonly help: string
  readonly labels?: readonly string[]
  readonly samples: () => Iterable<Sample>
}

/** Adds metrics to a registry of prom-client. */
export function register (sources: readonly MetricSource[], register: Registry): void {
  for (const { name, type, help, labels = [], samples } of sources) {
    const options = { name: `proxy_services_${name}`, help, labelNames: [...labels], registers: [register] }
    if (type === 'gauge') {
      const gauge: Gauge = new Gauge({
        ...options,
        collect: () => {
          gauge.reset()
          for (const [labelValues, value] of samples()) gauge.set(labelValues, value)
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

export const one = (value: number): Sample[] => [[{}, value]]
export const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)
