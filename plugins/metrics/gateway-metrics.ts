import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import type { LatencySource } from './latency-metric.js'
import { one, sum, type MetricSource, type MetricSample } from './metric.js'

/** Metrics of the gateway itself: buffers, detached deliveries, session stores, configuration. */
export function gatewayMetrics (proxyServices: ProxyServices): MetricSource[] {
  const budgets = () => [...proxyServices].map(({ budget }) => budget)
  const stores = () => [...proxyServices].flatMap(({ sessions }) => sessions ?? [])
  return [
    {
      name: 'detached_requests',
      type: 'gauge',
      help: 'Requests that continue although their client has its response; at maxDetached clients wait.',
      samples: () => one(sum([...proxyServices].map(({ detachedDeliveries }) => detachedDeliveries.size)))
    },
    {
      name: 'buffered_body_bytes',
      type: 'gauge',
      help: 'Bytes of bodies that are buffered.',
      samples: () => one(sum(budgets().map(({ inUse }) => inUse)))
    },
    {
      name: 'buffered_body_limit_bytes',
      type: 'gauge',
      help: 'Bytes of bodies that may be buffered at one time.',
      samples: () => one(sum(budgets().map(({ limit }) => limit)))
    },
    {
      name: 'buffered_body_denied_total',
      type: 'counter',
      help: 'Bodies that were streamed because the budget was used up, and cannot be sent again.',
      samples: () => one(sum(budgets().map(({ denied }) => denied)))
    },
    {
      name: 'retries_impossible_total',
      type: 'counter',
      help: 'Requests that failed and were not retried because their body was gone.',
      samples: () => one(sum(budgets().map(({ retriesImpossible }) => retriesImpossible)))
    },
    {
      name: 'stale_connections_total',
      type: 'counter',
      help: 'Requests sent again on a fresh connection because the reused one had ended before the response began.',
      samples: () => one(sum([...proxyServices].map(({ staleConnections }) => staleConnections)))
    },
    {
      name: 'session_store_up',
      aggregator: 'min',
      type: 'gauge',
      help: '1 if the session store responds, 0 while each gateway keeps its own sessions.',
      samples: () => (stores().length === 0 ? [] : one(Number(stores().every(({ up }) => up))))
    },
    {
      name: 'session_store_fallbacks_total',
      type: 'counter',
      help: 'Lookups and bindings made in the local table because the session store did not respond.',
      samples: () => (stores().length === 0 ? [] : one(sum(stores().map(({ fallbacks }) => fallbacks))))
    },
    {
      name: 'certificate_expiry_timestamp_seconds',
      type: 'gauge',
      help: 'Unix time at which a certificate of the gateway ends, by its file.',
      labels: ['file'],
      samples: () => [...proxyServices.certificates].map(([file, at]): MetricSample => [{ file }, at / 1000])
    },
    {
      name: 'tls_handshake_failures_total',
      type: 'counter',
      help: 'TLS handshakes of clients that failed, by reason: a code of OpenSSL or Node.js.',
      labels: ['reason'],
      samples: () =>
        [...proxyServices.handshakeFailures.counts].map(([reason, count]): MetricSample => [{ reason }, count])
    },
    ...configurationMetrics(proxyServices)
  ]
}

/** Time of calls to session stores. */
export const storeLatency = (proxyServices: ProxyServices): LatencySource => ({
  name: 'session_store_seconds',
  help: 'Time of calls to the session store, those that failed included.',
  labels: [],
  samples: () => {
    const stores = [...proxyServices].flatMap(({ sessions }) => sessions ?? [])
    const all = new LatencyHistogram()
    for (const { latency } of stores) all.add(latency)
    return stores.length === 0 ? [] : [[{}, all]]
  }
})

const configurationMetrics = (proxyServices: ProxyServices): MetricSource[] => [
  {
    name: 'configuration_proxies',
    aggregator: 'first',
    type: 'gauge',
    help: 'Proxies of the running configuration.',
    samples: () => one(sum([...proxyServices].map(({ configuration }) => configuration.services.size)))
  },
  {
    name: 'configuration_parts_left_out',
    type: 'gauge',
    help: 'Parts that --fail-safe has left out of the running configuration.',
    samples: () => one(sum([...proxyServices].map(({ partsLeftOut }) => partsLeftOut)))
  },
  {
    name: 'configuration_loaded_timestamp_seconds',
    aggregator: 'first',
    type: 'gauge',
    help: 'Unix time at which the running configuration was read.',
    samples: () => one(proxyServices.loadedAt / 1000)
  },
  {
    name: 'configuration_up_to_date',
    aggregator: 'first',
    type: 'gauge',
    help: '0 if the last reload was refused and the previous configuration still runs, else 1.',
    samples: () => one(Number(proxyServices.upToDate))
  },
  {
    name: 'configuration_reloads_total',
    aggregator: 'first',
    type: 'counter',
    help: 'Reloads since the start, by result: succeeded or failed.',
    labels: ['result'],
    samples: () => Object.entries(proxyServices.reloads).map(([result, count]) => [{ result }, count])
  }
]
