import type { GroupState } from '../state/group-state.js'
import type { Registry } from '../state/registry.js'

/**
 * Returns whether so few members of a group are ready that suspensions by failures after sending do not count: a
 * message that breaks every back-end, or a slow moment of all of them, must not leave nothing. Reports each change.
 * @param share the least share of ready members, from 0 to 1
 * @param group whether it was below is kept there, when its members change
 * @see Envoy, panic threshold
 */
export function minReadyRule (
  share: number,
  { name: group, members, shared }: GroupState,
  registry: Registry
): () => boolean {
  return () => {
    const ready = members.reduce((count, member) => count + Number(isMemberReady(member, registry)), 0)
    const isBelow = ready < share * members.length
    if (isBelow !== shared.isBelowMinReady) {
      shared.isBelowMinReady = isBelow
      registry.report('minReady', { group, ready, members: members.length, isBelow })
    }
    return isBelow
  }
}

/** A group is ready if any of its endpoints is. */
function isMemberReady (name: string, registry: Registry): boolean {
  const endpoint = registry.endpoints.get(name)
  return endpoint === undefined
    ? registry.endpointsOf(name).some(each => registry.isReady(each))
    : registry.isReady(endpoint)
}
