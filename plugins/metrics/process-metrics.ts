import { collectDefaultMetrics, Registry } from 'prom-client'

let shared: Registry | undefined

/** Metrics of the Node.js process by prom-client, collected once a process however many apps it runs. */
export function processMetrics (): Registry {
  if (shared === undefined) {
    shared = new Registry()
    collectDefaultMetrics({ register: shared })
  }
  return shared
}
