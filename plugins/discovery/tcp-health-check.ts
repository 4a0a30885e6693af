import { connect } from 'node:net'
import type { Leaf, Probe, Registry, Transition } from '../../lib/state/registry.js'

/** Milliseconds (Synapse: LoadbalanceEndpoint, static members). */
const FIRST = 1_000
const BETWEEN = 500
const PATIENCE = 10_000

/** Members that are out come back as soon as all their ports accept a connection. Returns how to end it. */
export function probeMembers (registry: Registry, { first = FIRST, between = BETWEEN, patience = PATIENCE } = {}): () => void {
  const timers = new Map<Leaf, NodeJS.Timeout | undefined>()
  let over = false
  const isOut = (leaf: Leaf): boolean => leaf.health.state === 'suspended' && registry.leaves.get(leaf.name) === leaf

  const look = async (leaf: Leaf, probe: Probe): Promise<void> => {
    const listens = isOut(leaf) && (await Promise.all(probe.ports.map(port => accepts(probe.host, port, patience)))).every(Boolean)
    if (over) return
    if (isOut(leaf) && !listens) return later(leaf, probe, between)
    timers.delete(leaf)
    if (isOut(leaf)) registry.signal(leaf, { kind: 'success' })
  }
  const later = (leaf: Leaf, probe: Probe, delay: number): void => {
    timers.set(leaf, setTimeout(() => { void look(leaf, probe) }, delay).unref())
  }
  const began = ({ leaf, to }: Transition): void => {
    if (leaf.probe !== undefined && to.state === 'suspended' && !timers.has(leaf)) later(leaf, leaf.probe, first)
  }
  registry.on('transition', began)
  return () => {
    over = true
    registry.off('transition', began)
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
