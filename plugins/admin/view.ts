import type { GroupState, EndpointState, Registry } from '../../lib/state/registry.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import { redactUrl } from '../logging/redact.js'
import type { EndpointDetail, EndpointView, GroupView, ProxyView } from './schemas.js'

/** One endpoint as an operator sees it. Instants are ISO 8601 in UTC; null: none. */
export function endpointView (endpoint: EndpointState, registry: Registry): EndpointView {
  const health = registry.healthOf(endpoint)
  const now = registry.now()
  const isSuspended = 'retryAt' in health
  return {
    name: redactUrl(endpoint.name),
    kind: endpoint.addressFromMessage ? 'dynamic' : 'address',
    address: redactUrl(endpoint.address),
    state: health.state,
    ready: registry.isReady(endpoint),
    trialInFlight: health.state === 'half-open' && health.trial !== undefined,
    since: 'since' in health ? iso(health.since) : null,
    cause: isSuspended ? health.cause : null,
    nextRetry: isSuspended ? iso(health.retryAt) : null,
    secondsLeft: isSuspended ? Math.max(0, Math.ceil((health.retryAt - now) / 1000)) : null,
    inFlight: endpoint.inFlight,
    responses: endpoint.responses,
    failures: endpoint.failures
  }
}

/** The same, with its groups and its suspension settings; durations in milliseconds. */
export function endpointDetail (endpoint: EndpointState, registry: Registry): EndpointDetail {
  const groups = [...registry.groups.values()]
    .filter(({ members }) => members.includes(endpoint.name))
    .map(({ name }) => redactUrl(name))
  return { ...endpointView(endpoint, registry), groups, suspension: endpoint.policy }
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
  [...(proxyServices ?? [])].flatMap(({ configuration: program, publisher }) =>
    [...program.services.values()].map(({ name, transports, active }) => ({
      name,
      path: `/services/${encodeURIComponent(name)}`,
      transports: [...transports],
      isRunning: active,
      wsdlProblem: publisher.problem(name) ?? null
    }))
  )

const iso = (instant: number): string => new Date(instant).toISOString()
