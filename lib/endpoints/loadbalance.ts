import { Type } from '@sinclair/typebox'
import { told } from '../contracts/fields.js'
import { CODES, fault } from '../message/fault.js'
import type { Flow, Outcome } from '../contracts/flow.js'
import { distinct, inTurn } from '../balancing/try-in-order.js'
import { endpoint, named, present } from '../contracts/kind.js'
import { after, NO_NEEDS } from '../pipeline/read-depth.js'
import type { Message } from '../message/message.js'
import { slowly } from '../balancing/member-order.js'
import { calledInFaults, common, readCommon, writeCommon } from './endpoint-settings.js'
import { balancing, readMembers, readSlowStart, writeMembers } from './group-settings.js'
import { visitsOf, type Visit } from '../balancing/session-binding.js'

/** Spreads messages over its members; with a session, keeps a client at the member that first served it. */
export const loadbalance = endpoint({
  name: 'loadbalance',
  aliases: ['loadBalance'],
  about: 'Spreads messages over its members; with a session, a client stays at the member that first served it.',
  fields: {
    ...common,
    ...balancing(),
    members: told(Type.Array(Type.Ref('Endpoint'), { minItems: 1 }), 'Whom it chooses from.')
  },
  read (element, reader) {
    const group = element.child('loadbalance', 'loadBalance')!
    if (group.name === 'loadBalance') reader.hint(group, '<loadBalance> is read as <loadbalance>', 'the real engines know the spelling <loadbalance> only')
    const session = element.child('session')
    const failover = reader.flag(group, 'failover')
    if (session && failover !== undefined) reader.hint(group, 'failover has no effect in a group with sessions', 'the first message of a session fails over, later ones do not')
    group.attribute('buildMessage')
    return present({
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
  needs: ({ members, session }, of) => {
    const needs = members.map(of.endpoint).reduce(after, NO_NEEDS)
    return session === undefined ? needs : after(of.session(session), needs)
  },
  build (config, tools) {
    const members = config.members.map(tools.endpoint)
    const names = distinct(members)
    const plain = tools.algorithm(config.algorithm ?? { kind: 'roundRobin' })(names.map((name, member) => ({ name, property: propertyOf(config.members[member], config) })))
    const inOrder = config.slowStart === undefined ? plain : slowly(plain, member => tools.registry.leaves.get(names[member]!)?.arrived ?? -Infinity, config.slowStart, tools)
    const wanted = config.name ?? tools.nameFor('loadbalance')
    const load = members.map(() => 0)
    const called = calledInFaults(config.name, tools)
    const inFaults = (): string => `${config.session === undefined ? 'Loadbalance' : 'SLALoadbalance'} endpoint : ${called()}`
    function * ask (member: number, message: Message, bound?: boolean): Flow<Outcome> {
      load[member]!++
      try { return yield * members[member]!(message, bound) } finally { load[member]!-- }
    }
    if (config.session === undefined) {
      const { group: { name } } = tools.claim.group(wanted, 'loadbalance', names)
      return named(name, message => inTurn(inFaults, inOrder(load, undefined), member => ask(member, message), config))
    }
    const affinity = tools.session(config.session)
    const { group, numbers } = tools.claim.group(wanted, 'loadbalance', names, 'placing' in affinity ? undefined : affinity.policy)
    const visitOf = visitsOf(affinity, group, numbers)
    const waits = affinity.onLost === 'strict'
    const rules = { retry: config.retry }

    const memberInFaults = config.members.map(each => calledInFaults((each as { name?: string }).name ?? (each as { key?: string }).key, tools))

    /** Whoever the session is bound to first; then, where it is not or may move, the others. */
    function * candidates (search: Search): Generator<number> {
      const { tried } = search
      let others: Iterator<number> | undefined
      while (true) {
        let member = search.bound
        if (member < 0 || tried.includes(member)) {
          if (search.home >= 0 && waits) return
          others ??= inOrder(load, search.visit.key)[Symbol.iterator]()
          const { value, done } = others.next()
          if (done === true) break
          if (tried.includes(value)) continue
          member = value
        }
        yield member
        // It was passed over, since the session is somewhere else: it may have its turn later.
        if (!tried.includes(member)) others = undefined
      }
      search.isOver = true
    }
    /** Whether a message goes where another one has bound its session; else it takes the session from there, as from who is no member any more (-1). */
    const isFollowed = (holder: number, tried: readonly number[]): boolean => holder >= 0 && (waits || !tried.includes(holder))

    function * tryAt (member: number, search: Search): Flow<Outcome> {
      const { visit, tried } = search
      const known = member === search.bound
      const asking = ask(member, visit.request(known), known)
      let step = asking.next()
      try {
        // Only once it is about to be asked: who refuses must not have the session for a moment, in which others might see that.
        if (!known && step.done !== true) {
          let holder = yield * visit.choose(member)
          if (holder !== member && !isFollowed(holder, tried)) holder = yield * visit.choose(member)
          if (holder !== member && isFollowed(holder, tried)) {
            search.home = search.bound = holder
            return ELSEWHERE
          }
        }
        tried.push(member)
        while (step.done !== true) step = asking.next(yield step.value)
      } finally {
        asking.return(undefined as never)
      }
      const outcome = step.value
      if (outcome.kind === 'answered') return { kind: 'answered', message: yield * visit.learn(outcome.message, member) }
      // Another message of this session may have found out already, and be somewhere else by now.
      if (known) search.bound = yield * visit.recall(true)
      return outcome
    }
    return named(group.name, function * (message): Flow<Outcome> {
      const visit = visitOf(message)
      const bound = yield * visit.recall(false)
      const search: Search = { visit, home: bound, bound, isOver: false, tried: [] }
      const outcome = yield * inTurn(inFaults, candidates(search), member => tryAt(member, search), rules)
      if (search.isOver) yield * visit.abandon()
      return search.home >= 0 && waits && outcome.kind === 'refused' && outcome.fault.code === CODES.NONE_READY
        ? { kind: 'refused', fault: fault('SESSION_NOT_READY', 'the endpoint of this session is not ready', { about: memberInFaults[search.home]!() }) }
        : outcome
    })
  }
})

/**
 * The search for somebody who answers one message of a session. (What runs for each message is written outside of it: a generator function
 * that is made anew each time costs more than all the rest.)
 */
interface Search {
  readonly visit: Visit
  /** Whom this message belongs to: where its session was when it came, or where another message has taken it since; -1: it is new. */
  home: number
  /** Where the session is, as far as we know. */
  bound: number
  /** Nobody is left. */
  isOver: boolean
  /** Who was asked. */
  readonly tried: number[]
}

/** Another message of the session was faster: this one goes where that has gone. */
const ELSEWHERE: Outcome = { kind: 'refused', fault: fault('NOT_READY', 'the session is bound to another endpoint') }

interface WithProperties { readonly properties?: readonly { readonly name: string, readonly value?: string }[] }

/** Properties of a member, else of the group (Apache Synapse, AbstractEndpoint). The last one of a name counts. */
const propertyOf = (member: unknown, group: WithProperties) => (name: string): string | undefined => {
  const own = [group, member as WithProperties].flatMap(({ properties = [] }) => properties).findLast(each => each.name === name)
  if (own !== undefined && own.value === undefined) throw new Error(`the property ${name} needs a value, it cannot be an expression here`)
  return own?.value
}
