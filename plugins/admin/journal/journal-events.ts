import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { MembersChange, Registry, StateChange } from '../../../lib/state/registry.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'
import type { StoreState } from '../../session-stores/store-health.js'
import type { Journal } from './journal.js'
import { entryOf, entryOfHealthCheck, entryOfMembers, entryOfStore } from './journal-entry.js'
import { sessionCounts } from '../samples/session-counts.js'

/** Makes entries of what happens to endpoints, groups and session stores. Returns what ends that. */
export function recordEvents (
  journal: Journal,
  registry: Registry,
  proxyServices: ProxyServices | undefined
): () => void {
  const onStateChange = (change: StateChange): void => {
    const { name } = change.endpoint
    const isDraining = change.to.state === 'draining'
    journal.add(entryOf(change, isDraining ? sessionCounts(registry, new Set([name])).get(name) : undefined))
  }
  const onHealthCheck = (endpoint: EndpointState): void => journal.add(entryOfHealthCheck(endpoint))
  const onMembers = (change: MembersChange): void => journal.add(entryOfMembers(change))
  const onStore = (state: StoreState): void => journal.add(entryOfStore(state))
  // A store that does not respond from the start has reported that before.
  for (const { sessions } of proxyServices ?? []) if (sessions?.state?.isUp === false) onStore(sessions.state)
  registry.on('stateChange', onStateChange)
  registry.on('healthCheckChange', onHealthCheck)
  registry.on('membersChange', onMembers)
  proxyServices?.on('sessionStore', onStore)
  return () => {
    registry.off('stateChange', onStateChange)
    registry.off('healthCheckChange', onHealthCheck)
    registry.off('membersChange', onMembers)
    proxyServices?.off('sessionStore', onStore)
  }
}
