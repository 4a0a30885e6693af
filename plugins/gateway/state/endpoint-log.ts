import type { FastifyBaseLogger } from 'fastify'
import { redactUrl } from '../../../lib/message/redact-url.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { Registry, StateChange } from '../../../lib/state/registry.js'
import { countField, SummedLines } from '../../logging/summed-lines.js'

/** Changes of one endpoint that are logged one by one within a second. */
const CHANGES_AT_ONCE = 10

/**
 * Logs each change of state, each result of health checks that changes one, and groups below their `minReady`. A
 * replica leaves the first two to the process that decides about states.
 * @returns what writes the lines that are still being summed up
 */
export function logEndpoints (registry: Registry, log: FastifyBaseLogger): () => void {
  const changes = new SummedLines({ burst: CHANGES_AT_ONCE })
  const failures = new SummedLines()
  if (!registry.isReplica) {
    registry.on('stateChange', change => {
      changes.add(change.endpoint.name, count => logStateChange(log, change, count))
    })
    registry.on('healthCheckChange', endpoint => logHealthCheck(log, endpoint))
  }
  registry.on('retryImpossible', ({ endpoint, reason }) => {
    const address = redactUrl(endpoint.address)
    failures.add(endpoint.name, count => {
      log.warn(
        { endpoint: redactUrl(endpoint.name), address, cause: reason, ...countField(count) },
        `a message to ${address} failed and cannot be retried: its body was streamed`
      )
    })
  })
  registry.on('minReady', ({ group, ready, members, isBelow }) => {
    const name = redactUrl(group)
    const fields = { group: name, ready, members }
    const counts = `${ready} of ${members} members are ready`
    if (isBelow) {
      log.warn(fields, `group ${name} is below its minReady, and ignores suspensions after sending: ${counts}`)
    } else log.info(fields, `group ${name} has reached its minReady again: ${counts}`)
  })
  return () => {
    changes.close()
    failures.close()
  }
}

function logHealthCheck (log: FastifyBaseLogger, { name, address: url, checked }: EndpointState): void {
  const address = redactUrl(url)
  const fields = { endpoint: redactUrl(name), address }
  if (checked?.isPassing === false) {
    log.warn({ ...fields, cause: checked.cause }, `endpoint ${address} is out by its health checks: ${checked.cause}`)
  } else log.info(fields, `endpoint ${address} passes its health checks again`)
}

/**
 * Logs one line: the endpoint, both states, the cause, the duration, and when the endpoint is tried again. `count`: the
 * line stands for this many changes, of which this is the last.
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
