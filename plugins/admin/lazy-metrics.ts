import type { FastifyInstance } from 'fastify'
import type { Registry as MetricsRegistry } from 'prom-client'
import type { MetricsOptions } from '../metrics/metrics.js'

/** How long after the start prom-client is loaded, unless it is needed earlier, in milliseconds. */
const DELAY_MS = 1_000

/**
 * Returns what reads the metrics of the gateway. prom-client is loaded for the first scrape, or a second after the
 * start, from when on it measures the process: no client waits for that. A registry of the host has all at once.
 */
export async function lazyMetrics (
  app: FastifyInstance, options: MetricsOptions
): Promise<() => Promise<MetricsRegistry>> {
  let metrics: Promise<MetricsRegistry> | undefined
  const load = (): Promise<MetricsRegistry> =>
    (metrics ??= import('../metrics/metrics.js').then(({ createMetrics }) => createMetrics(options)))
  if (options.metricsRegistry === undefined) {
    // A failure is the response to a scrape.
    const timer = setTimeout(() => { load().catch(() => {}) }, DELAY_MS).unref()
    app.addHook('onClose', async () => clearTimeout(timer))
  } else await load()
  return load
}
