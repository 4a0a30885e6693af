import { affinityOf, respondedBy, placeIn } from './affinity.js'
import type { History, Reply, Observation } from './history.js'
import { checkPoison, hadFaultBefore } from './poison-rules.js'
import { repeatedDeliveries } from './repeated-deliveries.js'
import { DISCOVERED_SERVICE, type Service } from './services.js'
import { during, isFailure, Timeline } from './timeline.js'

/** A longer body is not buffered, so that it cannot be sent again. */
const REPLAY_LIMIT = 131_072
/** A response was truncated before the proxy had read as much of it as it needs: too late for another attempt. */
const RESPONSE_TRUNCATED = 101501
/** The longest time for which a back-end is frozen, in milliseconds: a response that has begun may pause as long. */
const MAX_FREEZE_MS = 4_000
/** A connection ended before its response. */
const CONNECTION_CLOSED = 101505
/** Faults of messages that no back-end can have received. */
const UNSENT: readonly number[] = [101503, 101508, 303000, 303001]

/** A promise of the gateway, and each time that it was broken. */
export interface Rule {
  readonly rule: string
  readonly violations: readonly string[]
  /** Whether it holds only while all processes are scheduled in time. */
  readonly isTimed?: true
}

export interface CheckedHistory {
  readonly rules: readonly Rule[]
  readonly numbers: Readonly<Record<string, number>>
}

/** The response timeout of endpoints, and how far an effect may be behind its cause; both in milliseconds. */
export interface Times {
  readonly responseTimeout: number
  readonly lag: number
}

/** Checks a history against all rules. */
export function checkHistory (
  history: History,
  services: readonly Service[],
  members: readonly string[],
  { responseTimeout, lag }: Times
): CheckedHistory {
  const { replies, poisonReplies, observations, faultPeriods, stateChanges } = history
  const named = new Map(services.map(service => [service.name, service]))
  const serviceOf = (reply: Reply): Service => named.get(reply.order.service)!
  const timeline = new Timeline(history, members, lag)
  const affinity = affinityOf(replies, serviceOf, members)

  const place = (reply: Reply): number => placeIn(serviceOf(reply), members, reply)
  const isFault = ({ result }: Reply): boolean => result.kind === 'fault'
  const code = ({ result }: Reply): number => (result.kind === 'fault' ? result.code : -1)
  const streamed = ({ bytes }: Reply): boolean => bytes > REPLAY_LIMIT
  const later = ({ session }: Reply): boolean => session !== undefined && session.nth > 0
  const isBoundAt = (reply: Reply, at: number): boolean => at <= (affinity.boundUntil.get(reply) ?? -Infinity)
  const once = (reply: Reply): boolean => serviceOf(reply).unsentOnly === true
  /**
   * Whether the message may be sent to one member after the other until one responds. Of two that open a session
   * together only one is the first.
   */
  const free = (reply: Reply): boolean =>
    !later(reply) &&
    !streamed(reply) &&
    code(reply) !== RESPONSE_TRUNCATED &&
    reply.session?.together !== true &&
    (!once(reply) || !isFault(reply) || UNSENT.includes(code(reply)))
  /**
   * Whether the first server of one of them failed meanwhile: that server may still have responded to the other one.
   */
  const parted = (a: Reply, b: Reply): boolean =>
    [a, b].some(reply =>
      serviceOf(a).places[place(reply)]!.some(
        member => [a, b].some(each => timeline.hasFailed(each.order.service, member, during(each)))
      )
    )

  /** Whether a message that may be sent once only failed because its connection, an idle one, ended as it was sent. */
  const crossed = (reply: Reply): boolean =>
    once(reply) && code(reply) === CONNECTION_CLOSED && timeline.hadStaleConnections(reply)
  const hadFault = hadFaultBefore(timeline, responseTimeout)
  const poison = checkPoison(history, hadFault, describeReply)
  const twice = repeatedDeliveries(history, {
    members,
    once,
    streamed,
    isBound: (reply, at) => serviceOf(reply).sessions !== 'client' && isBoundAt(reply, at),
    hasFailed: ({ order }, member, period) => timeline.hasFailed(order.service, members.indexOf(member), period),
    hadFault: (member, period) => timeline.hadFault(member, period),
    soon: responseTimeout / 2
  })
  const those = (test: (reply: Reply) => boolean): string[] => replies.filter(test).map(describeReply)
  const both = (test: (a: Reply, b: Reply) => boolean): string[] =>
    affinity.openings.filter(([a, b]) => test(a, b)).map(([a, b]) => `${describeReply(a)}; ${describeReply(b)}`)
  const seen = (what: Observation['kind']): string[] =>
    observations.filter(each => each.kind === what).map(each => JSON.stringify(each))

  const longest = (members.length + 1) * responseTimeout + MAX_FREEZE_MS + lag
  const rules: Rule[] = [
    {
      rule: 'every reply belongs to its request, and is complete or visibly truncated',
      violations: those(({ result }) => result.kind === 'wrong')
    },
    { rule: 'every client gets a reply', violations: those(({ result }) => result.kind === 'none') },
    { rule: 'every order arrives complete', violations: seen('malformed') },
    {
      rule: 'no response is truncated without a cause',
      isTimed: true,
      violations: those(
        ({ result, sent, ended }) =>
          result.kind === 'truncated' && !timeline.hadFault(result.from, { from: sent, to: ended })
      )
    },
    {
      rule: 'no session moves',
      violations: affinity.moves.map(([before, reply]) => `${describeReply(before)}; ${describeReply(reply)}`)
    },
    { rule: 'no back-end receives the session of another one', violations: seen('foreign-session') },
    {
      rule: 'two first messages of one session go to one member',
      isTimed: true,
      violations: both((a, b) => place(a) >= 0 && place(b) >= 0 && place(a) !== place(b) && !parted(a, b))
    },
    {
      rule: 'no fault where a back-end could have responded',
      isTimed: true,
      violations: [
        ...those(reply => isFault(reply) && free(reply) && timeline.wasAnyAvailable(reply)),
        ...both((...two) =>
          two.every(reply => isFault(reply) && code(reply) !== RESPONSE_TRUNCATED && timeline.wasAnyAvailable(reply))
        )
      ]
    },
    {
      rule: 'no fault without a cause',
      isTimed: true,
      violations: those(reply => isFault(reply) && timeline.wereAllAvailable(reply) && !crossed(reply))
    },
    { rule: 'no order is delivered twice unless it may be retried', violations: twice.forbidden },
    { rule: 'no order is delivered twice without a failure before', isTimed: true, violations: twice.unexplained },
    {
      rule: 'no endpoint is suspended without a cause',
      isTimed: true,
      violations: stateChanges
        .filter(change => isFailure(change) && !hadFault(change) && !poison.explains(change))
        .map(change => JSON.stringify(change))
    },
    ...poison.rules,
    {
      rule: 'a back-end that its name no longer resolves to gets no orders',
      violations: ordersToAbsentMembers(history, timeline)
    },
    {
      rule: 'no client waits longer than all attempts may take',
      isTimed: true,
      violations: those(({ result, sent, ended }) => result.kind !== 'left' && ended - sent > longest)
    }
  ]

  const count = (test: (reply: Reply) => boolean): number => replies.filter(test).length
  const kind = (of: Reply['result']['kind']): number => count(({ result }) => result.kind === of)
  const first = (reply: Reply): boolean => isFault(reply) && !later(reply)
  return {
    rules,
    numbers: {
      orders: replies.length,
      'complete responses': kind('response'),
      'truncated responses': kind('truncated'),
      'clients that disconnected': kind('left'),
      faults: kind('fault'),
      '  in a session whose member was out (strict)': count(reply => isFault(reply) && later(reply)),
      '  of a streamed body, which cannot be sent again': count(reply => first(reply) && streamed(reply)),
      '  perhaps received, and not to be sent again (retry="unsent")': count(
        reply => first(reply) && !streamed(reply) && once(reply) && !free(reply)
      ),
      '  of a response truncated while the gateway read it': count(
        reply => first(reply) && !streamed(reply) && code(reply) === RESPONSE_TRUNCATED && !once(reply)
      ),
      '  while no back-end was up all the time': count(
        reply => isFault(reply) && free(reply) && !timeline.wasAnyAvailable(reply)
      ),
      '  of one of two orders that opened a session': count(
        reply => first(reply) && reply.session?.together === true && code(reply) !== RESPONSE_TRUNCATED
      ),
      'orders that needed a response, since a back-end was up': count(
        reply => free(reply) && timeline.wasAnyAvailable(reply)
      ),
      '  while another back-end was down': count(
        reply => free(reply) && timeline.wasAnyAvailable(reply) && !timeline.wereAllAvailable(reply)
      ),
      sessions: new Set(replies.flatMap(({ session }) => session?.id ?? [])).size,
      '  responses compared with the member before': count(reply => respondedBy(reply) !== undefined &&
        isBoundAt(reply, reply.ended)),
      '  opened by two orders at the same time': affinity.openings.length,
      '  at another member after they had expired': affinity.expired,
      'delivered twice, as retries may': twice.allowed,
      'poison orders': poisonReplies.length,
      'faults of back-ends': faultPeriods.length,
      suspensions: stateChanges.filter(({ to }) => to === 'suspended').length,
      returns: stateChanges.filter(({ to }) => to === 'active').length,
      'slowest reply, ms': replies.reduce((most, { sent, ended }) => Math.max(most, ended - sent), 0)
    }
  }
}

/** Orders that a back-end received although its name no longer resolved to it when they were sent. */
function ordersToAbsentMembers ({ replies, observations }: History, timeline: Timeline): string[] {
  const orders = new Map(
    replies.filter(({ order }) => order.service === DISCOVERED_SERVICE).map(reply => [reply.order.id, reply]))
  return observations.filter(({ kind, id, from, at }) => {
    const reply = orders.get(id)
    return kind === 'taken' && reply !== undefined && timeline.hadLeft(from, reply, at)
  }).map(observation => JSON.stringify(observation))
}

const describeReply = ({ order, session, result, sent, ended, bytes }: Reply): string =>
  `${order.service} ${order.id}${session === undefined ? '' : ` (${session.id}, ${session.nth})`}, ${bytes} bytes, sent at ${sent}: ${JSON.stringify(result)} after ${ended - sent} ms`
