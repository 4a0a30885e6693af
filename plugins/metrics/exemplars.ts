import type { ProxyServices } from '../gateway/proxy-services.js'
import type { Exemplar, ExemplarOf } from './open-metrics.js'

/** Upper bounds of the buckets of histograms, in seconds. */
export const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

/** Returns the exemplars of `proxy_request_seconds`: for each bucket the latest request that is traced. */
export function exemplarsOf (proxyServices: ProxyServices | undefined): ExemplarOf {
  const byProxy = new Map<string, readonly Exemplar[]>()
  for (const { traffic } of proxyServices ?? []) {
    for (const [proxy, { traced }] of traffic) {
      const found = traced.map(({ traceId, ms, at }) => ({ traceId, value: ms / 1000, at }))
      byProxy.set(proxy, [...(byProxy.get(proxy) ?? []), ...found])
    }
  }
  return (histogram, { proxy = '', le }) => {
    if (histogram !== 'proxy_services_proxy_request_seconds') return undefined
    const upper = le === '+Inf' ? Infinity : Number(le)
    const lower = BUCKETS.findLast(bound => bound < upper) ?? -Infinity
    return byProxy.get(proxy)?.findLast(({ value }) => value > lower && value <= upper)
  }
}
