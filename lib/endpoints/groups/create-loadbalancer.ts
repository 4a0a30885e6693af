import { reserveInOrder } from '../../balancing/ordered-failover.js'
import { uniqueNames, type FailoverOptions } from '../../balancing/group-outcome.js'
import type { GroupRules } from '../../contracts/delivery-part.js'
import { minReadyRule } from '../../balancing/min-ready.js'
import { withSlowStart } from '../../balancing/slow-start.js'
import { sessionBindings } from '../../balancing/session-binding.js'
import { sendInSession, type SessionFailoverGroup } from '../../balancing/session-failover.js'
import { eachMemberOnce } from '../../balancing/unique-iterator.js'
import type { Algorithm, Candidate, MemberOrder } from '../../contracts/algorithm.js'
import type { BuildContext } from '../../contracts/build-context.js'
import { createEndpoint, createReservingEndpoint, type Endpoint } from '../../contracts/endpoint.js'
import { newDelivery } from '../../contracts/flow.js'
import type { SessionAffinity } from '../../contracts/session-affinity.js'
import type { GroupState } from '../../state/group-state.js'
import type { HealthCheckPolicy } from '../../state/health-check.js'
import type { Registry } from '../../state/registry.js'
import { shareOf } from '../settings/group-settings.js'
import { faultSubjectName } from '../settings/fault-subject-name.js'

/** A member of a loadbalance group. */
export interface LoadbalancerMember {
  readonly endpoint: Endpoint
  /** The name in the configuration, if it has one. */
  readonly configuredName: string | undefined
  readonly property: Candidate['property']
}

export interface LoadbalancerOptions extends FailoverOptions {
  /** The name in the configuration. Default: a generated one. */
  readonly name?: string | undefined
  readonly algorithm: Algorithm
  /** The name of its kind. */
  readonly algorithmKind?: string | undefined
  readonly affinity?: SessionAffinity | undefined
  /** The name of the kind of `affinity`. */
  readonly sessionKind?: string | undefined
  /** Milliseconds in which the share of a new member grows. Default: it has its full share at once. */
  readonly slowStart?: number | undefined
  readonly failureStatus?: readonly number[] | undefined
  /** `50%`: below this share of ready members, suspensions by failures after sending are ignored. */
  readonly minReady?: string | undefined
  /** How members are checked that have no check of their own. Default: not. */
  readonly healthCheck?: HealthCheckPolicy | undefined
}

type LoadbalancerContext = Pick<BuildContext, 'registry' | 'lease' | 'now' | 'random' | 'uuid' | 'generatedName'>

/**
 * Creates a group that spreads messages over its members, and keeps a session at one member.
 * @throws Error if two members have the same name, or the algorithm does not accept the properties of a member
 */
export function createLoadbalancer (
  members: readonly LoadbalancerMember[],
  options: LoadbalancerOptions,
  context: LoadbalancerContext
): Endpoint {
  const { name: configuredName, algorithm, affinity, slowStart, failover } = options
  const { algorithmKind, sessionKind, healthCheck } = options
  const { registry, lease } = context
  const endpoints = members.map(({ endpoint }) => endpoint)
  const names = uniqueNames(endpoints)
  const candidates = members.map(({ property }, member) => ({ name: names[member]!, property }))
  const order = orderWithSlowStart(eachMemberOnce(algorithm)(candidates), names, slowStart, context)
  const preferredName = configuredName ?? context.generatedName('loadbalance')
  const subjectName = faultSubjectName(configuredName, context)
  const sessionPolicy = affinity === undefined || 'heldByClient' in affinity ? undefined : affinity.policy
  const settings = { algorithmKind, sessionKind, sessionPolicy, onLost: affinity?.onLost, healthCheck }
  const { group: state, numbers, load } = lease.group(preferredName, 'loadbalance', names, settings)
  const rules = rulesOf(options, state, registry)
  if (affinity === undefined) {
    const group = {
      members: endpoints,
      load,
      subject: () => `Loadbalance endpoint : ${subjectName()}`,
      options: { ...rules, failover }
    }
    return createReservingEndpoint(state.name, (message, _bound, delivery) =>
      reserveInOrder(group, order(load.counts, undefined)[Symbol.iterator](), message, delivery)
    )
  }

  const memberSubjects = members.map(member => faultSubjectName(member.configuredName, context))
  const group: SessionFailoverGroup = {
    members: endpoints,
    load,
    order,
    subject: () => `SLALoadbalance endpoint : ${subjectName()}`,
    options: rules,
    bindingOf: sessionBindings(affinity, state, numbers),
    strict: affinity.onLost === 'strict',
    isOff: member => isOff(names[member]!, registry),
    memberSubject: member => memberSubjects[member]!()
  }
  return createEndpoint(state.name, (message, _bound, delivery = newDelivery()) =>
    sendInSession(group, message, delivery)
  )
}

const rulesOf = (
  { retry, failureStatus, minReady }: LoadbalancerOptions,
  group: GroupState,
  registry: Registry
): GroupRules => ({
  retry,
  failureStatus,
  ignoresSuspension: minReady === undefined ? undefined : minReadyRule(shareOf(minReady), group, registry)
})

function orderWithSlowStart (
  order: MemberOrder,
  names: readonly string[],
  slowStart: number | undefined,
  context: LoadbalancerContext
): MemberOrder {
  if (slowStart === undefined) return order
  const readySince = (member: number): number => context.registry.endpoints.get(names[member]!)?.readySince ?? -Infinity
  return withSlowStart(order, readySince, slowStart, context)
}

/** Whether an operator has switched off an endpoint, or all endpoints of a group. */
function isOff (name: string, registry: Registry): boolean {
  const endpoint = registry.endpoints.get(name)
  if (endpoint !== undefined) return endpoint.health.state === 'off'
  const endpoints = registry.endpointsOf(name)
  return endpoints.length > 0 && endpoints.every(({ health }) => health.state === 'off')
}
