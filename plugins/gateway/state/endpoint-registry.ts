import { randomInt } from 'node:crypto'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Seed } from '../../../lib/state/half-sip-hash.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import { Registry, type StateChange } from '../../../lib/state/registry.js'
import { HealthChecks } from '../../health-checks/health-checks.js'
import { runTcpHealthChecks } from '../../health-checks/tcp-health-checks.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import { logListenerErrors } from '../../logging/listener-errors.js'
import { countField, SummedLines } from '../../logging/summed-lines.js'

/** Changes of one endpoint that are logged one by one within a second. */
const CHANGES_AT_ONCE = 10

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
    const changes = new SummedLines({ burst: CHANGES_AT_ONCE })
    const failures = new SummedLines()
    if (!registry.isReplica) {
      registry.on('stateChange', change => {
        changes.add(change.endpoint.name, count => logStateChange(app.log, change, count))
      })
    }
    registry.on('retryImpossible', ({ endpoint, reason }) => {
      const address = redactUrl(endpoint.address)
      failures.add(endpoint.name, count => {
        app.log.warn(
          { endpoint: redactUrl(endpoint.name), address, cause: reason, ...countField(count) },
          `a message to ${address} failed and cannot be retried: its body was streamed`
        )
      })
    })
    const eviction = setInterval(() => registry.evictExpired(), EVICTION_INTERVAL_MS).unref()
    const stopTcpChecks = registry.isReplica ? () => {} : runTcpHealthChecks(registry)
    registry.on('minReady', ({ group, ready, members, isBelow }) => {
      const name = redactUrl(group)
      const fields = { group: name, ready, members }
      const counts = `${ready} of ${members} members are ready`
      if (isBelow) {
        app.log.warn(fields, `group ${name} is below its minReady, and ignores suspensions after sending: ${counts}`)
      } else app.log.info(fields, `group ${name} has reached its minReady again: ${counts}`)
    })
    if (!registry.isReplica) registry.on('healthCheckChange', endpoint => logHealthCheck(app.log, endpoint))
    const healthChecks = registry.isReplica ? undefined : new HealthChecks(registry, { random: Math.random })
    app.addHook('onReady', async () => healthChecks?.scan())
    app.addHook('onClose', async () => {
      clearInterval(eviction)
      changes.close()
      failures.close()
      stopTcpChecks()
      healthChecks?.close()
    })
  },
  { name: 'endpoint-registry', fastify: '5.x' }
)

function logHealthCheck (log: FastifyBaseLogger, { name, address: url, checked }: EndpointState): void {
  const address = redactUrl(url)
  const fields = { endpoint: redactUrl(name), address }
  if (checked?.isPassing === false) {
    log.warn({ ...fields, cause: checked.cause }, `endpoint ${address} is out by its health checks: ${checked.cause}`)
  } else log.info(fields, `endpoint ${address} passes its health checks again`)
}

/**
 * Logs one line: the endpoint, both states, the cause, the duration, and when the endpoint is tried again. `count`: the
 * line stands for so many changes, of which this is the last.
 */
function logStateChange (log: FastifyBaseLogger, { endpoint, from, to }: StateChange, count: number): void {
  const address = redactUrl(endpoint.address)
  const fields = { endpoint: redactUrl(endpoint.name), address, from: from.state, to: to.state, ...countField(count) }
  if (to.state === 'suspended' && endpoint.checks.connect !== undefined) {
    const { cause } = to
    log.warn({ ...fields, cause }, `endpoint ${address} is suspended until its ports accept connections: ${cause}`)
  } else if (to.state === 'suspended') {
    const { cause, duration } = to
    const retryAt = new Date(to.retryAt).toISOString()
    log.warn({ ...fields, cause, duration, retryAt }, `endpoint ${address} is suspended for ${duration} ms: ${cause}`)
  } else if (to.state === 'timeout') {
    const { cause, retriesLeft } = to
    const retryAt = new Date(to.retryAt).toISOString()
    log.warn(
      { ...fields, cause, retriesLeft, retryAt },
      `endpoint ${address} failed, ${retriesLeft} more failures until it is suspended: ${cause}`
    )
  } else if (to.state === 'half-open') {
    log.info(fields, `endpoint ${address} is half-open: one message tries it`)
  } else log.info(fields, `endpoint ${address} is ${to.state}`)
}
