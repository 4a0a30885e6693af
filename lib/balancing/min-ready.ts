import type { Registry } from '../state/registry.js'

/**
 * Returns whether so few members of a group are ready that suspensions by failures after sending do not count: a
 * message that breaks every back-end, or a slow moment of all of them, must not leave nothing. Reports each change.
 * @param share the least share of ready members, from 0 to 1
 * @see Envoy, panic threshold
 */
export function minReadyRule (
  share: number,
  group: string,
  members: readonly string[],
  registry: Registry
): () => boolean {
  let wasBelow = false
  return () => {
    const ready = members.reduce((count, member) => count + Number(isMemberReady(member, registry)), 0)
    const isBelow = ready < share * members.length
    if (isBelow !== wasBelow) {
      wasBelow = isBelow
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
