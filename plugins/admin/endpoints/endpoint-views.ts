import { definitionOfEndpoint } from '../../../lib/explain/endpoint-definitions.js'
import { filePositionOf } from '../../../lib/explain/file-position.js'
import type { GroupState } from '../../../lib/state/group-state.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { Registry } from '../../../lib/state/registry.js'
import type { MemberSessions } from '../../../lib/state/session-table.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import type { LiveEndpoint, LiveGroup, LiveHealthCheck, LiveStatus } from '../contract/live-protocol.js'
import type { SessionCountView } from '../contract/session-schemas.js'
import type { EndpointDetail, EndpointView, GroupView, ProxyView } from '../contract/schemas.js'

/** What never changes of an endpoint, as every view shows it. */
export const endpointIdentity = (
  { name, address, addressFromMessage }: EndpointState
): Omit<LiveEndpoint, keyof LiveStatus> => ({
  name: redactUrl(name),
  kind: addressFromMessage ? 'dynamic' : 'address',
  address: redactUrl(address)
})

/** The state of one endpoint as every view shows it. Instants are milliseconds since 1970; null: none. */
export function endpointStatus (endpoint: EndpointState, registry: Registry): Omit<LiveStatus, 'index'> {
  const health = registry.healthOf(endpoint)
  const isSuspended = 'retryAt' in health
  return {
    state: health.state,
    ready: registry.isReady(endpoint),
    trialInFlight: health.state === 'half-open' && health.trial !== undefined,
    since: 'since' in health ? health.since : null,
    cause: isSuspended ? health.cause : null,
    retryAt: isSuspended ? health.retryAt : null,
    duration: isSuspended ? health.duration : null,
    suspensionsInRow: endpoint.suspensionsInRow,
    retriesLeft: isSuspended ? health.retriesLeft : null,
    healthCheck: healthCheckOf(endpoint)
  }
}

const healthCheckOf = ({ checked }: EndpointState): LiveHealthCheck | null =>
  checked === undefined
    ? null
    : { passing: checked.isPassing, since: checked.since ?? null, cause: checked.cause ?? null }

/** One group as pages get it. @param proxies names of those that use it */
export const liveGroup = (
  { name, kind, members, algorithmKind, sessionKind, onLost, sessions, sessionPolicy }: GroupState,
  proxies: readonly string[]
): LiveGroup => ({
  name: redactUrl(name),
  kind,
  members: members.map(redactUrl),
  proxies,
  algorithmKind: algorithmKind ?? null,
  sessionKind: sessionKind ?? null,
  onLost: onLost ?? null,
  sessions:
    sessions === undefined || sessionPolicy === undefined
      ? null
      : { bound: sessions.size, evicted: sessions.evicted, ...sessionPolicy }
})

/** One endpoint as an operator sees it. Instants are ISO 8601 in UTC; null: none. */
export function endpointView (endpoint: EndpointState, registry: Registry): EndpointView {
  const { state, ready, trialInFlight, since, retryAt, cause, healthCheck } = endpointStatus(endpoint, registry)
  return {
    ...endpointIdentity(endpoint),
    state,
    ready,
    trialInFlight,
    since: since === null ? null : iso(since),
    cause,
    nextRetry: retryAt === null ? null : iso(retryAt),
    secondsLeft: retryAt === null ? null : Math.max(0, Math.ceil((retryAt - registry.now()) / 1000)),
    healthCheck: healthCheck && { ...healthCheck, since: healthCheck.since === null ? null : iso(healthCheck.since) },
    inFlight: endpoint.inFlight,
    queued: endpoint.queued,
    maxRequests: endpoint.maxRequests ?? null,
    oldestRequestSeconds: secondsSince(endpoint.waiting.oldestStart, registry),
    responses: endpoint.responses,
    failures: endpoint.failures,
    refused: endpoint.refused,
    sessions: state === 'draining' ? sessionCountView(registry.sessionsOf(endpoint)) : null
  }
}

const secondsSince = (start: number | undefined, registry: Registry): number | null =>
  start === undefined ? null : Math.max(0, registry.now() - start) / 1000

/** Bound sessions; undefined: there are none. */
export const sessionCountView = ({ count, lastEndsAt } = NO_SESSIONS): SessionCountView => ({
  bound: count,
  lastEnds: count === 0 ? null : iso(lastEndsAt)
})

const NO_SESSIONS: MemberSessions = { count: 0, lastEndsAt: 0 }

/** The same, with its groups, its suspension settings, its failures and its position; durations in milliseconds. */
export function endpointDetail (
  endpoint: EndpointState,
  registry: Registry,
  proxyServices: ProxyServices | undefined
): EndpointDetail {
  const groups = [...registry.groups.values()]
    .filter(({ members }) => members.includes(endpoint.name))
    .map(({ name }) => redactUrl(name))
  const at = positionOfEndpoint(endpoint.name, proxyServices)
  return {
    ...endpointView(endpoint, registry), groups, suspension: endpoint.policy, ...failuresOf(endpoint), at
  }
}

const failuresOf = ({ failureLog }: EndpointState) => ({
  recentFailures: (failureLog?.recent ?? []).toReversed().map(each => ({ ...each, at: iso(each.at) })),
  failuresByCode: (failureLog?.byCode ?? []).map(([code, count]) => ({ code, count })),
  faultsByStatus: (failureLog?.byStatus ?? []).map(([status, count]) => ({ status, count }))
})

function positionOfEndpoint (name: string, proxyServices: ProxyServices | undefined): EndpointDetail['at'] {
  for (const { configuration } of proxyServices ?? []) {
    const definition = definitionOfEndpoint(configuration, name)
    if (definition !== undefined) return filePositionOf(definition, configuration.locations)
  }
  return null
}

/** One group as an operator sees it. */
export function groupView (
  { name, kind, members, sessions, sessionPolicy }: GroupState,
  registry: Registry
): GroupView {
  const views = members.map(member => {
    const endpoint = registry.endpoints.get(member)
    const inside = registry.endpointsOf(member)
    return {
      name: redactUrl(member),
      ready: inside.length === 0 || inside.some(each => registry.isReady(each)),
      state: endpoint === undefined ? null : registry.healthOf(endpoint).state
    }
  })
  return {
    name: redactUrl(name),
    kind,
    members: views,
    ready: views.filter(({ ready }) => ready).length,
    sessions: sessions && sessionPolicy ? { bound: sessions.size, evicted: sessions.evicted, ...sessionPolicy } : null
  }
}

/** All proxies as an operator sees them. */
export const proxyViews = (proxyServices: ProxyServices | undefined): ProxyView[] =>
  [...(proxyServices ?? [])].flatMap(({ configuration, publisher }) =>
    [...configuration.services.values()].map(({ name, transports, isRunning }) => ({
      name,
      path: `/services/${encodeURIComponent(name)}`,
      transports: [...transports],
      isRunning,
      wsdlProblem: publisher.problem(name) ?? null
    }))
  )

const iso = (instant: number): string => new Date(instant).toISOString()
