import { Registry as MetricsRegistry } from 'prom-client'
import type { Registry } from '../../lib/state/registry.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import { endpointMetrics, latencyOf } from './endpoint-metrics.js'
import { gatewayMetrics, storeLatency } from './gateway-metrics.js'
import { groupMetrics } from './group-metrics.js'
import { LatencyMetric } from './latency-metric.js'
import { type MetricSource, register } from './metric.js'
import { proxyLatency, proxyMetrics } from './proxy-metrics.js'
import { connectTimes, originMetrics } from './origin-metrics.js'
import { processMetrics } from './process-metrics.js'

export interface MetricsOptions {
  readonly registry: Registry
  readonly proxyServices: ProxyServices | undefined
  /** The version of the gateway. */
  readonly version: string
  /** The registry of the host app, whose metrics are served too. Default: a new one, with metrics of the process. */
  readonly metricsRegistry?: MetricsRegistry | undefined
}

/** All metrics of the gateway on a registry of prom-client, read at each scrape. */
export function createMetrics ({
  registry,
  proxyServices,
  version,
  metricsRegistry
}: MetricsOptions): MetricsRegistry {
  const own = metricsRegistry ?? new MetricsRegistry()
  const sources = [...endpointMetrics(registry), ...groupMetrics(registry)]
  register([...sources, buildInfo(version)], own)
  void new LatencyMetric(latencyOf(registry), own)
  if (proxyServices !== undefined) {
    register([...proxyMetrics(proxyServices), ...gatewayMetrics(proxyServices)], own)
    void new LatencyMetric(proxyLatency(proxyServices), own)
    void new LatencyMetric(storeLatency(proxyServices), own)
    register(originMetrics(registry, proxyServices), own)
    void new LatencyMetric(connectTimes(registry, proxyServices), own)
  }
  return metricsRegistry ?? MetricsRegistry.merge([own, processMetrics()])
}

const buildInfo = (version: string): MetricSource => ({
  name: 'build_info',
  type: 'gauge',
  help: '1, with the version of the gateway and of Node.js.',
  labels: ['version', 'node'],
  samples: () => [[{ version, node: process.version }, 1]]
})
