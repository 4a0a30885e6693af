import { randomInt } from 'node:crypto'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Registry, type StateChange } from '../../lib/state/registry.js'
import { runTcpHealthChecks } from '../discovery/discovery.js'
import { redactUrl } from '../logging/redact.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Every load-balance group with its sessions, every endpoint with its state, of all proxy services in this app. */
    endpointRegistry: Registry
  }
}

/** Sessions that have expired are let go of this often, in milliseconds. */
const EVICTION_INTERVAL_MS = 1_000

/** Shares one registry with the whole app, says each change of state in its log, and lets go of expired sessions from time to time. */
export const endpointRegistry = fp(async (app: FastifyInstance) => {
  if (app.hasDecorator('endpointRegistry')) return
  const registry = new Registry(Date.now, [randomInt(2 ** 32), randomInt(2 ** 32)])
  app.decorate('endpointRegistry', registry)
  registry.on('stateChange', transition => logStateChange(app.log, transition))
  registry.on('retryImpossible', ({ endpoint: leaf, reason }) => {
    const address = redactUrl(leaf.address)
    app.log.warn({ endpoint: redactUrl(leaf.name), address, cause: reason }, `a message to ${address} failed and cannot be tried elsewhere: its body is gone`)
  })
  const sweeping = setInterval(() => registry.evictExpired(), EVICTION_INTERVAL_MS).unref()
  const endProbing = runTcpHealthChecks(registry)
  app.addHook('onClose', async () => {
    clearInterval(sweeping)
    endProbing()
  })
}, { name: 'endpoint-registry', fastify: '5.x' })

/** One line for each change: who, from what to what, why, for how long, and when it is tried again. */
function logStateChange (log: FastifyBaseLogger, { endpoint: leaf, from, to }: StateChange): void {
  const address = redactUrl(leaf.address)
  const about = { endpoint: redactUrl(leaf.name), address, from: from.state, to: to.state }
  if (to.state === 'suspended' && leaf.healthCheck !== undefined) log.warn({ ...about, cause: to.cause }, `endpoint ${address} is out until it listens again: ${to.cause}`)
  else if (to.state === 'suspended') {
    log.warn({ ...about, cause: to.cause, duration: to.duration, retryAt: new Date(to.retryAt).toISOString() }, `endpoint ${address} is suspended for ${to.duration} ms: ${to.cause}`)
  } else if (to.state === 'timeout') {
    log.warn({ ...about, cause: to.cause, retriesLeft: to.retriesLeft, retryAt: new Date(to.retryAt).toISOString() }, `endpoint ${address} failed, ${to.retriesLeft} more before it is suspended: ${to.cause}`)
  } else log.info(about, `endpoint ${address} is ${to.state}`)
}
