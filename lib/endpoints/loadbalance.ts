import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../contracts/fields.js'
import { CODES, fault } from '../message/fault.js'
import { type Delivery, type Flow, type Outcome, newDelivery } from '../contracts/flow.js'
import { unsentOnly } from '../balancing/unsent-only.js'
import { uniqueNames, tryInOrder } from '../balancing/try-in-order.js'
import { endpoint } from '../contracts/kind.js'
import { createEndpoint } from '../contracts/endpoint.js'
import { inSequence, READS_NOTHING } from '../pipeline/read-depth.js'
import type { Message } from '../message/message.js'
import { withSlowStart } from '../balancing/member-order.js'
import { faultSubjectName } from './fault-subject-name.js'
import { commonSettings } from './endpoint-settings.js'
import { readCommon, writeCommon } from './endpoint-settings-xml.js'
import { balancingFields, readMembers, readSlowStart, writeMembers } from './group-settings.js'
import type { Registry } from '../state/registry.js'
import { sessionBindings, type SessionBinding } from '../balancing/session-binding.js'

/** Spreads messages over its members; with a session, keeps a client at the member that first served it. */
export const loadbalance = endpoint({
  name: 'loadbalance',
  aliases: ['loadBalance'],
  description:
    'Spreads messages over its members; with a session, a client stays at the member that first served it.',
  fields: {
    ...commonSettings,
    ...balancingFields(),
    members: describe(Type.Array(Type.Ref('Endpoint'), { minItems: 1 }), 'Whom it chooses from.')
  },
  read (element, reader) {
    const group = element.child('loadbalance', 'loadBalance')!
    if (group.name === 'loadBalance') {
      reader.hint(
        group,
        '<loadBalance> is read as <loadbalance>',
        'the real engines know the spelling <loadbalance> only'
      )
    }
    const session = element.child('session')
    const failover = reader.flag(group, 'failover')
    if (session && failover !== undefined) {
      reader.hint(
        group,
        'failover has no effect in a group with sessions',
        'the first message of a session fails over, later ones do not'
      )
    }
    group.attribute('buildMessage')
    return omitUndefined({
      ...readCommon(element, reader),
      algorithm: reader.algorithm(group),
      session: session && reader.session(session),
      failover,
      retry: group.attribute('retry'),
      slowStart: readSlowStart(group, reader),
      members: readMembers(group, reader)
    })
  },
  write: ({ algorithm, session, failover, retry, slowStart, members, ...config }, writer) => [
    ...writeCommon(config),
    session === undefined ? undefined : writer.session(session),
    ['loadbalance', { ...writer.algorithm(algorithm), failover, retry, slowStart }, ...writeMembers(members, writer)]
  ],
  reads: ({ members, session }, of) => {
    const needs = members.map(of.endpoint).reduce(inSequence, READS_NOTHING)
    return session === undefined ? needs : inSequence(of.session(session), needs)
  },
  build (config, tools) {
    const built = config.members.map(tools.endpoint)
    const members = config.retry === 'unsent' ? built.map(unsentOnly) : built
    const names = uniqueNames(members)
    const plain = tools.algorithm(config.algorithm ?? { kind: 'roundRobin' })(
      names.map((name, member) => ({ name, property: propertyOf(config.members[member], config) }))
    )
    const inOrder =
      config.slowStart === undefined
        ? plain
        : withSlowStart(
          plain,
          member => tools.registry.endpoints.get(names[member]!)?.readySince ?? -Infinity,
          config.slowStart,
          tools
        )
    const wanted = config.name ?? tools.generatedName('loadbalance')
    const load = members.map(() => 0)
    const called = faultSubjectName(config.name, tools)
    const inFaults = (): string =>
      `${config.session === undefined ? 'Loadbalance' : 'SLALoadbalance'} endpoint : ${called()}`
    function * ask (member: number, message: Message, delivery: Delivery, bound?: boolean): Flow<Outcome> {
      load[member]!++
      try {
        return yield * members[member]!(message, bound, delivery)
      } finally {
        load[member]!--
      }
    }
    if (config.session === undefined) {
      const {
        group: { name }
      } = tools.lease.group(wanted, 'loadbalance', names)
      return createEndpoint(name, (message, _bound, delivery = newDelivery()) =>
        tryInOrder(inFaults, inOrder(load, undefined), member => ask(member, message, delivery), config)
      )
    }
    const affinity = tools.session(config.session)
    const { group, numbers } = tools.lease.group(
      wanted,
      'loadbalance',
      names,
      'heldByClient' in affinity ? undefined : affinity.policy
    )
    const visitOf = sessionBindings(affinity, group, numbers)
    const strict = affinity.onLost === 'strict'
    const rules = { retry: config.retry }

    const memberInFaults = config.members.map(each =>
      faultSubjectName((each as { name?: string }).name ?? (each as { key?: string }).key, tools)
    )

    /** Whoever the session is bound to first; then, where it is not or may move, the others. */
    function * candidates (search: Selection): Generator<number> {
      const { tried } = search
      let others: Iterator<number> | undefined
      while (true) {
        let member = search.owner
        if (member < 0 || tried.includes(member)) {
          if (search.pinnedMember >= 0 && strict) return
          others ??= inOrder(load, search.binding.clientId)[Symbol.iterator]()
          const { value, done } = others.next()
          if (done === true) break
          if (tried.includes(value)) continue
          member = value
        }
        yield member
        // It was passed over, since the session is somewhere else: it may have its turn later.
        if (!tried.includes(member)) others = undefined
      }
      search.exhausted = true
    }
    /**
     * Whether a message goes where another one has bound its session; else it takes the session from there, as from
     * who is no member any more (-1).
     */
    const isFollowed = (holder: number, tried: readonly number[]): boolean =>
      holder >= 0 && (strict || !tried.includes(holder))

    function * sendTo (member: number, search: Selection): Flow<Outcome> {
      const { binding: visit, tried } = search
      const known = member === search.owner
      const asking = ask(member, visit.request(known), search.delivery, known)
      let step = asking.next()
      try {
        // Only once it is about to be asked: who refuses must not have the session for a moment, in which others
        // might see that.
        if (!known && step.done !== true) {
          let holder = yield * visit.claim(member)
          if (holder !== member && !isFollowed(holder, tried)) holder = yield * visit.claim(member)
          if (holder !== member && isFollowed(holder, tried)) {
            search.pinnedMember = search.owner = holder
            return REDIRECTED
          }
        }
        tried.push(member)
        while (step.done !== true) step = asking.next(yield step.value)
      } finally {
        asking.return(undefined as never)
      }
      const outcome = step.value
      if (outcome.kind === 'answered') {
        return { kind: 'answered', message: yield * visit.learn(outcome.message, member) }
      }
      if (outcome.kind === 'discarded') return outcome
      // Another message of this session may have found out already, and be somewhere else by now.
      if (known) search.owner = yield * visit.lookup(true)
      return outcome
    }
    return createEndpoint(group.name, function * (message, _bound, delivery = newDelivery()): Flow<Outcome> {
      const visit = visitOf(message)
      const owner = yield * visit.lookup(false)
      // Its operator has released the sessions of an endpoint that is off: they begin anew.
      const bound = owner >= 0 && isOff(names[owner]!, tools.registry) ? -1 : owner
      const search: Selection = {
        binding: visit,
        pinnedMember: bound,
        owner: bound,
        exhausted: false,
        tried: [],
        delivery
      }
      const outcome = yield * tryInOrder(inFaults, candidates(search), member => sendTo(member, search), rules)
      if (search.exhausted) yield * visit.unbind()
      return search.pinnedMember >= 0 &&
        strict &&
        outcome.kind === 'refused' &&
        outcome.fault.code === CODES.NONE_READY
        ? {
            kind: 'refused',
            fault: fault('SESSION_NOT_READY', 'the endpoint of this session is not ready', {
              subject: memberInFaults[search.pinnedMember]!()
            })
          }
        : outcome
    })
  }
})

/** Whether an operator has switched off an endpoint, or all endpoints of a group. */
function isOff (name: string, registry: Registry): boolean {
  const endpoint = registry.endpoints.get(name)
  if (endpoint !== undefined) return endpoint.health.state === 'off'
  const inside = registry.endpointsOf(name)
  return inside.length > 0 && inside.every(({ health }) => health.state === 'off')
}

/**
 * The search for somebody who answers one message of a session. (What runs for each message is written outside of it:
 * a generator function
 * that is made anew each time costs more than all the rest.)
 */
interface Selection {
  readonly binding: SessionBinding
  /**
   * Whom this message belongs to: where its session was when it came, or where another message has taken it since;
   * -1: it is new.
   */
  pinnedMember: number
  /** Where the session is, as far as we know. */
  owner: number
  /** Nobody is left. */
  exhausted: boolean
  readonly delivery: Delivery
  /** Who was asked. */
  readonly tried: number[]
}

/** Another message of the session was faster: this one goes where that has gone. */
const REDIRECTED: Outcome = { kind: 'refused', fault: fault('NOT_READY', 'the session is bound to another endpoint') }

interface WithProperties {
  readonly properties?: readonly { readonly name: string; readonly value?: string }[]
}

/** Properties of a member, else of the group (Apache Synapse, AbstractEndpoint). The last one of a name counts. */
const propertyOf =
  (member: unknown, group: WithProperties) =>
    (name: string): string | undefined => {
      const own = [group, member as WithProperties]
        .flatMap(({ properties = [] }) => properties)
        .findLast(each => each.name === name)
      if (own !== undefined && own.value === undefined) {
        throw new Error(`the property ${name} needs a value, it cannot be an expression here`)
      }
      return own?.value
    }
