import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import type { ProxyServices } from './proxy-services.js'

/** How the session store of one process is. */
export interface StoreCondition {
  readonly isUp: boolean
  /** When it began or ceased to respond, in milliseconds since 1970; null: it is not known. */
  readonly since: number | null
  /** Why it does not respond. */
  readonly cause: string | null
  /** How often the tables of the process were used in its place, since the start. */
  readonly fallbacks: number
}

/** What one process that serves clients has counted since its start, and how its session stores are. */
export interface ProcessCondition {
  readonly loop: EventLoopUtilization
  /** Bodies for which the buffers had no room. */
  readonly denied: number
  readonly stores: readonly StoreCondition[]
}

/** Why the session stores do not respond to processes, by their ids; processes to which they respond are left out. */
export function storeFailures (conditions: ReadonlyMap<number, ProcessCondition>): Map<number, string> {
  const failures = new Map<number, string>()
  for (const [pid, { stores }] of conditions) {
    const failed = stores.find(({ isUp, since }) => !isUp && since !== null)
    if (failed !== undefined) failures.set(pid, failed.cause ?? 'it does not respond')
  }
  return failures
}

/** The condition of this process. */
export function processCondition (proxyServices: ProxyServices | undefined): ProcessCondition {
  const dispatchers = [...(proxyServices ?? [])]
  return {
    loop: performance.eventLoopUtilization(),
    denied: dispatchers.reduce((sum, { budget }) => sum + budget.denied, 0),
    stores: dispatchers.flatMap(({ sessions }) => sessions ?? []).map(({ up, state, fallbacks }) => ({
      isUp: up, since: state?.since ?? null, cause: state?.cause ?? null, fallbacks
    }))
  }
}
