import type { LiveEndpoint, LiveGroup } from '../../admin/live-protocol.js'

/** The part of an endpoint that decides whether an operator is needed. */
export type Watched = Pick<
  LiveEndpoint,
  'name' | 'state' | 'ready' | 'since' | 'cause' | 'retryAt' | 'duration' | 'trialInFlight' | 'healthCheck'
>

/** One thing that needs an operator, the worst kind first. */
export type Attention =
  /** No member of the group accepts messages: its clients get faults. */
  | { readonly kind: 'noMember'; readonly group: LiveGroup; readonly members: readonly Watched[] }
  | {
    readonly kind: 'unhealthy' | 'suspended' | 'timeout' | 'draining'
    readonly endpoint: Watched
    readonly group: LiveGroup | undefined
  }

const RANK = { noMember: 0, unhealthy: 1, suspended: 1, timeout: 2, draining: 3 } as const

/** Whether an endpoint takes no messages although no operator asked for that. */
export const isOut = (endpoint: Pick<Watched, 'state' | 'healthCheck'>): boolean =>
  endpoint.state === 'suspended' || endpoint.state === 'timeout' || isUnhealthy(endpoint)

/** Whether an endpoint is out by its health checks. One that is off is off. */
export const isUnhealthy = ({ state, healthCheck }: Pick<Watched, 'state' | 'healthCheck'>): boolean =>
  healthCheck?.passing === false && state !== 'off'

/** Why an endpoint is out, and since when. */
export const reasonOf = (endpoint: Pick<Watched, 'state' | 'cause' | 'since' | 'healthCheck'>) =>
  isUnhealthy(endpoint) && endpoint.healthCheck !== null
    ? { since: endpoint.healthCheck.since, cause: `Health check: ${endpoint.healthCheck.cause ?? 'it has failed'}` }
    : { since: endpoint.since, cause: endpoint.cause }

/**
 * Returns everything that needs attention, the worst first, then the oldest. A group without a ready member stands for
 * its members.
 */
export function attentionOf (endpoints: readonly Watched[], groups: readonly LiveGroup[]): Attention[] {
  const byName = new Map(endpoints.map(endpoint => [endpoint.name, endpoint]))
  const groupsByName = new Map(groups.map(group => [group.name, group]))
  const groupOf = new Map(groups.toReversed().flatMap(group => group.members.map(member => [member, group] as const)))
  const found: Attention[] = []
  const named = new Set<Watched>()
  for (const group of groups) {
    const members = endpointsOf(group, byName, groupsByName)
    if (members.length === 0 || members.some(({ ready }) => ready) || !members.some(isOut)) continue
    found.push({ kind: 'noMember', group, members })
    for (const member of members) named.add(member)
  }
  for (const endpoint of endpoints) {
    if (named.has(endpoint)) continue
    const group = groupOf.get(endpoint.name)
    if (isUnhealthy(endpoint)) found.push({ kind: 'unhealthy', endpoint, group })
    else if (endpoint.state === 'suspended' || endpoint.state === 'timeout' || endpoint.state === 'draining') {
      found.push({ kind: endpoint.state, endpoint, group })
    }
  }
  return found.sort((a, b) => RANK[a.kind] - RANK[b.kind] || sinceOf(a) - sinceOf(b))
}

const sinceOf = (attention: Attention): number =>
  attention.kind === 'noMember'
    ? Math.min(...attention.members.map(member => reasonOf(member).since ?? Infinity))
    : (reasonOf(attention.endpoint).since ?? Infinity)

/** The endpoints of a group, those of nested groups included; each once. */
export function endpointsOf<E extends { readonly name: string }> (
  group: LiveGroup,
  endpoints: ReadonlyMap<string, E>,
  groups: ReadonlyMap<string, LiveGroup>,
  seen: ReadonlySet<string> = new Set()
): E[] {
  if (seen.has(group.name)) return []
  const within = new Set([...seen, group.name])
  const found = group.members.flatMap(member => {
    const endpoint = endpoints.get(member)
    if (endpoint !== undefined) return [endpoint]
    const nested = groups.get(member)
    return nested === undefined ? [] : endpointsOf(nested, endpoints, groups, within)
  })
  return [...new Set(found)]
}

/** The first line of the page: how bad it is. */
export function headline (endpoints: readonly Watched[]): string {
  const out = endpoints.filter(isOut).length
  if (endpoints.length === 0) return 'No endpoints'
  if (out === 0 && endpoints.length === 1) return 'The endpoint is available'
  if (out === 0) return `All ${endpoints.length} endpoints are available`
  return `${out} of ${endpoints.length} endpoint${endpoints.length === 1 ? '' : 's'} ${out === 1 ? 'is' : 'are'} out`
}

/** The second line: groups without any member, and what operators took out. */
export function subline (endpoints: readonly Watched[], attention: readonly Attention[]): string {
  const dead = attention.flatMap(each => (each.kind === 'noMember' ? [each.group.name] : []))
  const draining = endpoints.filter(({ state }) => state === 'draining').length
  const off = endpoints.filter(({ state }) => state === 'off').length
  return [
    ...(dead.length === 0
      ? []
      : [
          `${listed(dead)}: no member available.`
        ]),
    ...(draining === 0 ? [] : [`${draining} draining.`]),
    ...(off === 0 ? [] : [`${off} off.`])
  ].join(' ')
}

const MAX_LISTED = 3

/** `A, B, C and 2 more`. */
const listed = (names: readonly string[]): string => names.length <= MAX_LISTED
  ? names.join(', ')
  : `${names.slice(0, MAX_LISTED).join(', ')} and ${names.length - MAX_LISTED} more`
