import { connect } from 'node:net'
import type { EndpointState, TcpHealthCheck, Registry, StateChange } from '../../lib/state/registry.js'

/** Milliseconds (Synapse: LoadbalanceEndpoint, static members). */
const FIRST = 1_000
const BETWEEN = 500
const CONNECT_TIMEOUT_MS = 10_000

/** Members that are out come back as soon as all their ports accept a connection. Returns how to end it. */
export function runTcpHealthChecks (registry: Registry, { first = FIRST, between = BETWEEN, patience = CONNECT_TIMEOUT_MS } = {}): () => void {
  const timers = new Map<EndpointState, NodeJS.Timeout | undefined>()
  let over = false
  const isOut = (leaf: EndpointState): boolean => leaf.health.state === 'suspended' && registry.endpoints.get(leaf.name) === leaf

  const look = async (leaf: EndpointState, probe: TcpHealthCheck): Promise<void> => {
    const listens = isOut(leaf) && (await Promise.all(probe.ports.map(port => accepts(probe.host, port, patience)))).every(Boolean)
    if (over) return
    if (isOut(leaf) && !listens) return later(leaf, probe, between)
    timers.delete(leaf)
    if (isOut(leaf)) registry.signal(leaf, { kind: 'success' })
  }
  const later = (leaf: EndpointState, probe: TcpHealthCheck, delay: number): void => {
    timers.set(leaf, setTimeout(() => { void look(leaf, probe) }, delay).unref())
  }
  const began = ({ endpoint: leaf, to }: StateChange): void => {
    if (leaf.healthCheck !== undefined && to.state === 'suspended' && !timers.has(leaf)) later(leaf, leaf.healthCheck, first)
  }
  registry.on('stateChange', began)
  return () => {
    over = true
    registry.off('stateChange', began)
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
  }
}

const accepts = (host: string, port: number, patience: number): Promise<boolean> => new Promise(resolve => {
  const socket = connect({ host, port, timeout: patience })
  const settle = (result: boolean): void => {
    socket.destroy()
    resolve(result)
  }
  socket.unref()
  socket.once('connect', () => settle(true)).once('error', () => settle(false)).once('timeout', () => settle(false))
})
