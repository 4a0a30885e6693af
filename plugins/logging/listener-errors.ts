import type { FastifyBaseLogger } from 'fastify'

/** Returns what logs the errors of listeners, the first one of each event. */
export function logListenerErrors (log: FastifyBaseLogger): (error: unknown, event: string) => void {
  const reported = new Set<string>()
  return (err, event) => {
    if (reported.has(event)) return
    reported.add(event)
    log.error({ err, event }, `a listener of ${event} failed; further failures of its kind are not logged`)
  }
}
