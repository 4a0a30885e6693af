import { performance } from 'node:perf_hooks'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

let shared: Registry | undefined

/** Metrics of the Node.js process by prom-client, collected once a process however many apps it runs. */
export function processMetrics (): Registry {
  if (shared === undefined) {
    shared = new Registry()
    collectDefaultMetrics({ register: shared })
    addUtilization(shared)
  }
  return shared
}

/** What autoscalers go by: CPU time shows little of one thread. */
function addUtilization (register: Registry): void {
  let before = performance.eventLoopUtilization()
  const gauge = new Gauge({
    name: 'proxy_services_event_loop_utilization',
    help: 'Share of the time since the last scrape in which the event loop was busy, from 0 to 1.',
    registers: [register],
    collect () {
      const now = performance.eventLoopUtilization()
      gauge.set(performance.eventLoopUtilization(now, before).utilization)
      before = now
    }
  })
}
