import type { GatewayStatus, LiveEndpoint, LiveGroup } from '../../admin/contract/live-protocol.js'
import type { RecordingView } from '../../admin/messages/message-views.js'
import { listed } from './format.js'

/** The part of an endpoint that decides whether an operator is needed. */
export type Watched = Pick<
  LiveEndpoint,
  'name' | 'state' | 'ready' | 'since' | 'cause' | 'retryAt' | 'duration' | 'trialInFlight' | 'healthCheck' |
  'suspensionsInRow' | 'retriesLeft'
>

/** One thing that needs an operator, the worst kind first. */
export type Attention =
  /** No member of the group accepts messages: its clients get faults. */
  | { readonly kind: 'noMember'; readonly group: LiveGroup; readonly members: readonly Watched[] }
  | {
    readonly kind: 'unhealthy' | 'suspended' | 'timeout' | 'half-open' | 'draining'
    readonly endpoint: Watched
    readonly group: LiveGroup | undefined
  }
  | { readonly kind: 'reload'; readonly reload: RefusedReload }
  | { readonly kind: 'gateway'; readonly what: GatewayTrouble; readonly gateway: GatewayStatus }
  | { readonly kind: 'recording'; readonly recording: RecordingEnd }

/** `store`: sessions are not shared. `evicted`, `denied`: in the last minute. `busy`: the process, for a minute. */
export type GatewayTrouble = 'store' | 'evicted' | 'denied' | 'busy'

/** The last reload, which was refused; what was read at `runsSince` runs on. Instants are milliseconds since 1970. */
export interface RefusedReload {
  readonly at: number
  readonly reason: string
  readonly problems: number
  readonly runsSince: number
}

/** What may need an operator besides endpoints. */
export interface OtherAttention {
  readonly recording?: RecordingEnd | undefined
  readonly reload?: RefusedReload | undefined
  readonly gateway?: GatewayStatus | undefined
}

/** The part of a recording that shows who ends it, and when. */
export type RecordingEnd = Pick<RecordingView, 'isRunning' | 'endsAt' | 'by'>

const RANK = {
  noMember: 0,
  unhealthy: 1,
  suspended: 1,
  timeout: 2,
  reload: 3,
  gateway: 4,
  'half-open': 5,
  draining: 6,
  recording: 7
} as const
/** The share of the last minute from which a process counts as busy. */
const BUSY = 0.8

const needsAttention = (state: Watched['state']): state is Exclude<Watched['state'], 'active' | 'off'> =>
  state !== 'active' && state !== 'off'

/** Whether an endpoint takes no messages although no operator has switched it. */
export const isOut = (endpoint: Pick<Watched, 'state' | 'healthCheck'>): boolean =>
  endpoint.state === 'suspended' || endpoint.state === 'timeout' || isUnhealthy(endpoint)

/** Whether the next message decides if an endpoint is available. */
export const isHalfOpen = (endpoint: Pick<Watched, 'state' | 'healthCheck'>): boolean =>
  endpoint.state === 'half-open' && !isUnhealthy(endpoint)

/** Whether an endpoint is out by its health checks. One that is off is off. */
export const isUnhealthy = ({ state, healthCheck }: Pick<Watched, 'state' | 'healthCheck'>): boolean =>
  healthCheck?.passing === false && state !== 'off'

/** Why an endpoint is out, and since when. */
export const outageOf = (endpoint: Pick<Watched, 'state' | 'cause' | 'since' | 'healthCheck'>) =>
  isUnhealthy(endpoint) && endpoint.healthCheck !== null
    ? { since: endpoint.healthCheck.since, cause: `Health check: ${endpoint.healthCheck.cause ?? 'it has failed'}` }
    : { since: endpoint.since, cause: endpoint.cause }

/**
 * Returns everything that needs attention, the worst first, then the oldest. A group whose members are all out stands
 * for them.
 */
export function attentionOf (
  endpoints: readonly Watched[],
  groups: readonly LiveGroup[],
  { recording, reload, gateway }: OtherAttention = {}
): Attention[] {
  const byName = new Map(endpoints.map(endpoint => [endpoint.name, endpoint]))
  const groupsByName = new Map(groups.map(group => [group.name, group]))
  const groupOf = new Map<string, LiveGroup>()
  for (const group of groups.toReversed()) for (const member of group.members) groupOf.set(member, group)
  const found: Attention[] = []
  const named = new Set<Watched>()
  const isSomeOut = endpoints.some(isOut)
  for (const group of isSomeOut ? groups : []) {
    const members = endpointsOf(group, byName, groupsByName)
    if (members.some(member => member.ready || isHalfOpen(member)) || !members.some(isOut)) continue
    found.push({ kind: 'noMember', group, members })
    for (const member of members) named.add(member)
  }
  for (const endpoint of endpoints) {
    if (named.has(endpoint)) continue
    const group = groupOf.get(endpoint.name)
    if (isUnhealthy(endpoint)) found.push({ kind: 'unhealthy', endpoint, group })
    else if (needsAttention(endpoint.state)) found.push({ kind: endpoint.state, endpoint, group })
  }
  if (reload !== undefined) found.push({ kind: 'reload', reload })
  if (gateway !== undefined) for (const what of troublesOf(gateway)) found.push({ kind: 'gateway', what, gateway })
  if (recording?.isRunning === true) found.push({ kind: 'recording', recording })
  return found.sort((a, b) => RANK[a.kind] - RANK[b.kind] || sinceOf(a) - sinceOf(b))
}

const troublesOf = ({ store, evicted, denied, busy }: GatewayStatus): GatewayTrouble[] => [
  ...(store?.isUp === false ? (['store'] as const) : []),
  ...(evicted > 0 ? (['evicted'] as const) : []),
  ...(denied > 0 ? (['denied'] as const) : []),
  ...(busy > BUSY ? (['busy'] as const) : [])
]

/** Only those of one kind are compared; those that are not about endpoints keep their order. */
function sinceOf (attention: Attention): number {
  if (!('endpoint' in attention) && !('group' in attention)) return 0
  return attention.kind === 'noMember'
    ? Math.min(...attention.members.map(member => outageOf(member).since ?? Infinity))
    : (outageOf(attention.endpoint).since ?? Infinity)
}

/** The endpoints of a group, those of nested groups included; each once. */
export function endpointsOf<E extends { readonly name: string }> (
  group: LiveGroup,
  endpoints: ReadonlyMap<string, E>,
  groups: ReadonlyMap<string, LiveGroup>,
  seen: ReadonlySet<string> = new Set()
): E[] {
  if (seen.has(group.name)) return []
  const within = new Set([...seen, group.name])
  const found = new Set<E>()
  for (const member of group.members) {
    const endpoint = endpoints.get(member)
    const nested = endpoint === undefined ? groups.get(member) : undefined
    if (endpoint !== undefined) found.add(endpoint)
    else if (nested !== undefined) for (const each of endpointsOf(nested, endpoints, groups, within)) found.add(each)
  }
  return [...found]
}

/** The first line of the page: how bad it is. */
export function headline (endpoints: readonly Watched[]): string {
  const [out, halfOpen] = [endpoints.filter(isOut).length, endpoints.filter(isHalfOpen).length]
  if (endpoints.length === 0) return 'No endpoints'
  if (out > 0) return `${ofAll(out, endpoints.length)} out`
  if (halfOpen > 0) return `${ofAll(halfOpen, endpoints.length)} half-open`
  return endpoints.length === 1 ? 'The endpoint is available' : `All ${endpoints.length} endpoints are available`
}

/** `1 of 2 endpoints is`. */
const ofAll = (some: number, all: number): string =>
  `${some} of ${all} endpoint${all === 1 ? '' : 's'} ${some === 1 ? 'is' : 'are'}`

/** The second line: groups without any member, what is tried next, and what operators took out. */
export function subline (endpoints: readonly Watched[], attention: readonly Attention[]): string {
  const dead = attention.flatMap(each => (each.kind === 'noMember' ? [each.group.name] : []))
  const halfOpen = endpoints.some(isOut) ? endpoints.filter(isHalfOpen).length : 0
  const draining = endpoints.filter(({ state }) => state === 'draining').length
  const off = endpoints.filter(({ state }) => state === 'off').length
  return [
    ...(dead.length === 0
      ? []
      : [
          `${listed(dead, MAX_LISTED)}: no member available.`
        ]),
    ...(halfOpen === 0 ? [] : [`${halfOpen} half-open.`]),
    ...(draining === 0 ? [] : [`${draining} draining.`]),
    ...(off === 0 ? [] : [`${off} off.`])
  ].join(' ')
}

const MAX_LISTED = 3
