import { originOf } from '../../lib/message/origin.js'
import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import type { Registry } from '../../lib/state/registry.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import type { TransportCounters } from '../http/upstream/upstream-transport.js'
import { DYNAMIC, MAX_LABELS, OTHERS } from './endpoint-metrics.js'
import type { LatencySource } from './latency-metric.js'
import { sum, type MetricSource, type MetricSample } from './metric.js'

type Origins = () => [label: string, counters: TransportCounters[]][]

/** Metrics of connections to back-ends. */
export function originMetrics (registry: Registry, proxyServices: ProxyServices): MetricSource[] {
  const origins = originsOf(registry, proxyServices)
  const each = (value: (counters: TransportCounters) => number | undefined) => (): MetricSample[] =>
    origins().flatMap(([origin, all]): MetricSample[] => {
      const values = all.map(value).filter(each => each !== undefined)
      return values.length === 0 ? [] : [[{ origin }, sum(values)]]
    })
  const labels = ['origin']
  return [
    {
      name: 'origin_connections',
      type: 'gauge',
      help: 'Open connections to an origin by use: busy or idle.',
      labels: ['origin', 'use'],
      samples: () =>
        origins().flatMap(([origin, all]): MetricSample[] => [
          [{ origin, use: 'busy' }, sum(all.map(({ open, idle }) => open - idle))],
          [{ origin, use: 'idle' }, sum(all.map(({ idle }) => idle))]
        ])
    },
    {
      name: 'origin_requests_queued',
      type: 'gauge',
      help: 'Requests that wait for a connection.',
      labels,
      samples: each(({ queued }) => queued)
    },
    {
      name: 'origin_connections_opened_total',
      type: 'counter',
      help: 'Connections made or tried; not known with undici.',
      labels,
      samples: each(({ connects }) => connects)
    },
    {
      name: 'origin_connections_reused_total',
      type: 'counter',
      help: 'Requests on a connection that had carried another one; not known with undici.',
      labels,
      samples: each(({ reuses }) => reuses)
    }
  ]
}

/** Times to connect, by origin. */
export const connectTimes = (registry: Registry, proxyServices: ProxyServices): LatencySource => {
  const origins = originsOf(registry, proxyServices)
  return {
    name: 'origin_connect_seconds',
    help: 'Time to make a connection: name, TCP and TLS; not known with undici.',
    labels: ['origin'],
    samples: () =>
      origins().map(([origin, all]) => {
        const times = new LatencyHistogram()
        for (const { connectTimes } of all) if (connectTimes !== undefined) times.add(connectTimes)
        return [{ origin }, times] as const
      })
  }
}

/** Origins by their label: those that the configuration names have one of their own, up to `MAX_LABELS`. */
const originsOf =
  (registry: Registry, proxyServices: ProxyServices): Origins =>
    () => {
      const named = new Set(
        [...registry.endpoints.values()]
          .filter(({ addressFromMessage }) => !addressFromMessage)
          .map(({ address }) => (URL.canParse(address) ? originOf(new URL(address)) : address))
      )
      const labels = new Map<string, TransportCounters[]>()
      for (const dispatcher of proxyServices) {
        for (const [origin, counters] of dispatcher.origins()) {
          const label = !named.has(origin) ? DYNAMIC : labels.has(origin) || labels.size < MAX_LABELS ? origin : OTHERS
          const known = labels.get(label)
          if (known === undefined) labels.set(label, [counters])
          else known.push(counters)
        }
      }
      return [...labels]
    }
