import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import type { ProxyTraffic } from '../gateway/request/proxy-traffic.js'
import { MAX_LABELS, OTHERS } from './endpoint-metrics.js'
import type { LatencySource } from './latency-metric.js'
import { sum, type MetricSource, type MetricSample } from './metric.js'

/** Metrics of proxies, as their clients see them. */
export function proxyMetrics (proxyServices: ProxyServices): MetricSource[] {
  const each = (value: (traffic: ProxyTraffic) => number) => (): MetricSample[] =>
    byLabel(proxyServices).map(([proxy, all]) => [{ proxy }, sum(all.map(value))])
  const labels = ['proxy']
  return [
    {
      name: 'proxy_requests_total',
      type: 'counter',
      help:
        'Requests by class of their HTTP status (none: the client disconnected; aborted: the gateway cut the request ' +
        'off), and by code of the first fault.',
      labels: ['proxy', 'status', 'fault'],
      samples: () => byLabel(proxyServices).flatMap(([proxy, all]) => requestsOf(proxy, all))
    },
    {
      name: 'proxy_requests_in_flight',
      type: 'gauge',
      help: 'Requests that have no complete response yet.',
      labels,
      samples: each(({ inFlight }) => inFlight)
    },
    {
      name: 'proxy_websockets',
      type: 'gauge',
      help: 'Open WebSockets. Each is a request in flight, too.',
      labels,
      samples: each(({ webSockets }) => webSockets)
    },
    {
      name: 'proxy_request_body_bytes_total',
      type: 'counter',
      help: 'Bytes of bodies that clients sent.',
      labels,
      samples: each(({ requestBytes }) => requestBytes)
    },
    {
      name: 'proxy_response_body_bytes_total',
      type: 'counter',
      help: 'Bytes of bodies that were sent to clients.',
      labels,
      samples: each(({ responseBytes }) => responseBytes)
    }
  ]
}

/** Time of requests as clients see it, by proxy. */
export const proxyLatency = (proxyServices: ProxyServices): LatencySource => ({
  name: 'proxy_request_seconds',
  help: 'Time from the head of a request to the end of its response.',
  labels: ['proxy'],
  samples: () =>
    byLabel(proxyServices).map(([proxy, all]) => {
      const latency = new LatencyHistogram()
      for (const each of all) latency.add(each.latency)
      return [{ proxy }, latency] as const
    })
})

/** The same labels of several registrations are added up. */
function requestsOf (proxy: string, all: readonly ProxyTraffic[]): MetricSample[] {
  const counts = new Map<string, MetricSample>()
  for (const traffic of all) {
    for (const { statusClass: status, faultCode: fault, count } of traffic.requests()) {
      const key = `${status} ${fault}`
      counts.set(key, [{ proxy, status, fault }, (counts.get(key)?.[1] ?? 0) + count])
    }
  }
  return [...counts.values()]
}

/** Proxies by their label: the first `MAX_LABELS` have one of their own. */
function byLabel (proxyServices: ProxyServices): [label: string, traffic: ProxyTraffic[]][] {
  const labels = new Map<string, ProxyTraffic[]>()
  for (const { traffic } of proxyServices) {
    for (const [name, each] of traffic) {
      const label = labels.has(name) || labels.size < MAX_LABELS ? name : OTHERS
      const known = labels.get(label)
      if (known === undefined) labels.set(label, [each])
      else known.push(each)
    }
  }
  return [...labels]
}
