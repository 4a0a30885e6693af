import { randomInt } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Seed } from '../../../lib/state/half-sip-hash.js'
import { Registry } from '../../../lib/state/registry.js'
import { HealthChecks } from '../../health-checks/health-checks.js'
import { runTcpHealthChecks } from '../../health-checks/tcp-health-checks.js'
import { logListenerErrors } from '../../logging/listener-errors.js'
import { logEndpoints } from './endpoint-log.js'

/** How often expired sessions are evicted, in milliseconds. */
const EVICTION_INTERVAL_MS = 1_000

export interface EndpointRegistryOptions {
  /** Default: a new one. */
  readonly registry?: Registry
}

/** Returns a seed for hashes that no client knows. */
export const randomSeed = (): Seed => [randomInt(2 ** 32), randomInt(2 ** 32)]

/** Shares one registry with the whole app, logs each change of state, and evicts expired sessions. */
export const endpointRegistry = fp(
  async (app: FastifyInstance, options: EndpointRegistryOptions) => {
    if (app.hasDecorator('endpointRegistry')) return
    const { registry = new Registry(Date.now, randomSeed()) } = options
    app.decorate('endpointRegistry', registry)
    registry.onListenerError = logListenerErrors(app.log)
    const stopLogging = logEndpoints(registry, app.log)
    const eviction = setInterval(() => registry.evictExpired(), EVICTION_INTERVAL_MS).unref()
    const stopTcpChecks = registry.isReplica ? () => {} : runTcpHealthChecks(registry)
    const healthChecks = registry.isReplica ? undefined : new HealthChecks(registry, { random: Math.random })
    app.addHook('onReady', async () => healthChecks?.scan())
    app.addHook('onClose', async () => {
      clearInterval(eviction)
      stopLogging()
      stopTcpChecks()
      healthChecks?.close()
    })
  },
  { name: 'endpoint-registry', fastify: '5.x' }
)
