import type { SuspensionPolicy } from '../../lib/state/health.js'
import type { GroupState, EndpointState, Registry } from '../../lib/state/registry.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import { redactUrl } from '../logging/redact.js'

/** One endpoint as an operator sees it. Instants are ISO 8601 in UTC; null: there is none. */
export interface EndpointView {
  readonly name: string
  /** `address`: it has one in the configuration. `dynamic`: messages bring theirs, and each address has a state of its own. */
  readonly kind: 'address' | 'dynamic'
  readonly address: string
  readonly state: EndpointState['health']['state']
  /** Whether a new message may go there now. A suspended endpoint whose time has come is ready: the next message tries it. */
  readonly ready: boolean
  /** Whether that one message is under way. */
  readonly trialInFlight: boolean
  /** When it left the state active. */
  readonly since: string | null
  /** The last failure that changed its state. */
  readonly cause: string | null
  /** From when on it is tried again. */
  readonly nextRetry: string | null
  /** Until then, never negative. */
  readonly secondsLeft: number | null
  /** Messages that wait for its answer. */
  readonly inFlight: number
  /** Messages since the start, or since the configuration has had this endpoint. */
  readonly responses: number
  readonly failures: number
}

/** The same, and why it is suspended when it is. Durations in milliseconds. */
export interface EndpointDetail extends EndpointView {
  readonly groups: readonly string[]
  readonly suspension: SuspensionPolicy
}

/** One group as an operator sees it. */
export interface GroupView {
  readonly name: string
  readonly kind: string
  /** A member is an endpoint, or another group. A group is ready if any of its endpoints is; an endpoint with dynamic addresses always is, and has no state. */
  readonly members: readonly { readonly name: string, readonly ready: boolean, readonly state: string | null }[]
  readonly ready: number
  /** Null: it has no sessions, or its clients carry them. */
  readonly sessions: { readonly bound: number, readonly evicted: number, readonly timeout: number, readonly expiry: string, readonly maxSessions: number } | null
}

/** One proxy service as an operator sees it. */
export interface ProxyView {
  readonly name: string
  readonly path: string
  readonly transports: readonly string[]
  readonly isRunning: boolean
  /** Why its WSDL cannot be published at the moment. */
  readonly wsdlProblem: string | null
}

export function endpointView (leaf: EndpointState, registry: Registry): EndpointView {
  const { health } = leaf
  const now = registry.now()
  const waits = 'retryAt' in health
  return {
    name: redactUrl(leaf.name),
    kind: leaf.addressFromMessage ? 'dynamic' : 'address',
    address: redactUrl(leaf.address),
    state: health.state,
    ready: registry.isReady(leaf),
    trialInFlight: leaf.trialInFlight,
    since: 'since' in health ? iso(health.since) : null,
    cause: waits ? health.cause : null,
    nextRetry: waits ? iso(health.retryAt) : null,
    secondsLeft: waits ? Math.max(0, Math.ceil((health.retryAt - now) / 1000)) : null,
    inFlight: leaf.inFlight,
    responses: leaf.responses,
    failures: leaf.failures
  }
}

export function endpointDetail (leaf: EndpointState, registry: Registry): EndpointDetail {
  const groups = [...registry.groups.values()].filter(({ members }) => members.includes(leaf.name)).map(({ name }) => redactUrl(name))
  return { ...endpointView(leaf, registry), groups, suspension: leaf.policy }
}

export function groupView ({ name, kind, members, sessions, sessionPolicy }: GroupState, registry: Registry): GroupView {
  const views = members.map(member => {
    const leaf = registry.endpoints.get(member)
    const inside = registry.endpointsOf(member)
    return { name: redactUrl(member), ready: inside.length === 0 || inside.some(each => registry.isReady(each)), state: leaf?.health.state ?? null }
  })
  return {
    name: redactUrl(name),
    kind,
    members: views,
    ready: views.filter(({ ready }) => ready).length,
    sessions: sessions && sessionPolicy ? { bound: sessions.size, evicted: sessions.evicted, ...sessionPolicy } : null
  }
}

export const proxyViews = (proxyServices: ProxyServices | undefined): ProxyView[] => [...proxyServices ?? []].flatMap(({ configuration: program, publisher }) =>
  [...program.services.values()].map(({ name, transports, active }) => ({
    name,
    path: `/services/${encodeURIComponent(name)}`,
    transports,
    isRunning: active,
    wsdlProblem: publisher.problem(name) ?? null
  })))

const iso = (instant: number): string => new Date(instant).toISOString()
