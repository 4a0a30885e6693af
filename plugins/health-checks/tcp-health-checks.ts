import { connect } from 'node:net'
import type { EndpointState, TcpHealthCheck } from '../../lib/state/endpoint-state.js'
import type { Registry, StateChange } from '../../lib/state/registry.js'
import { repeat } from '../timing/back-off.js'

/** Times in milliseconds. @see Apache Synapse, LoadbalanceEndpoint, static members */
export interface TcpHealthCheckTimes {
  /** From the suspension to the first check. Default: 1 s */
  readonly first?: number
  /** Between checks. Default: 500 ms */
  readonly interval?: number
  /** For a connection to be accepted. Default: 10 s */
  readonly connectTimeout?: number
}

/**
 * Checks suspended members by host and port: they are active again once all their ports accept a connection.
 * Returns how to end it.
 */
export function runTcpHealthChecks (registry: Registry, times: TcpHealthCheckTimes = {}): () => void {
  const { first = 1_000, interval = 500, connectTimeout = 10_000 } = times
  const checks = new Map<EndpointState, () => void>()
  const isSuspended = (endpoint: EndpointState): boolean =>
    (endpoint.health.state === 'suspended' || endpoint.health.state === 'half-open') &&
    registry.endpoints.get(endpoint.name) === endpoint

  const check = async (endpoint: EndpointState, { host, ports }: TcpHealthCheck): Promise<number | undefined> => {
    const accepting = isSuspended(endpoint) &&
      (await Promise.all(ports.map(port => accepts(host, port, connectTimeout)))).every(Boolean)
    if (!checks.has(endpoint)) return undefined
    if (isSuspended(endpoint) && !accepting) return interval
    checks.delete(endpoint)
    if (isSuspended(endpoint)) registry.signal(endpoint, { kind: 'success' })
    return undefined
  }
  const onStateChange = ({ endpoint, to }: StateChange): void => {
    const { checks: { connect: healthCheck } } = endpoint
    if (healthCheck === undefined || to.state !== 'suspended' || checks.has(endpoint)) return
    checks.set(endpoint, repeat(() => check(endpoint, healthCheck), first))
  }
  registry.on('stateChange', onStateChange)
  return () => {
    registry.off('stateChange', onStateChange)
    for (const end of checks.values()) end()
    checks.clear()
  }
}

const accepts = (host: string, port: number, timeout: number): Promise<boolean> => new Promise(resolve => {
  const socket = connect({ host, port, timeout })
  const settle = (accepted: boolean): void => {
    socket.destroy()
    resolve(accepted)
  }
  socket.unref()
  socket.once('connect', () => settle(true)).once('error', () => settle(false)).once('timeout', () => settle(false))
})
