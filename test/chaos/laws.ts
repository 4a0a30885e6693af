import { affinityOf, answeredBy, placeIn } from './affinity.js'
import type { History, Reply, Sight } from './history.js'
import { judgePoison, unwellAt } from './poison.js'
import { repeats } from './repeats.js'
import { DISCOVERED, type Service } from './services.js'
import { isFailure, Timeline } from './timeline.js'

/** A body that is longer is not kept, so that it cannot be sent again. */
const REPLAY_LIMIT = 131_072
/** An answer broke off before so much of it was there as the proxy reads: it is too late for another try. */
const RECEIVING = 101501
/** The longest time for which a back-end is frozen, in milliseconds: so long an answer that has begun may stop. */
const FREEZE = 4_000
/** A connection ended before its answer. */
const CLOSED = 101505
/** No back-end can have taken the message. */
const UNSENT: readonly number[] = [101503, 101508, 303000, 303001]

/** What must never happen, and each time that it did. */
export interface Law {
  readonly law: string
  readonly broken: readonly string[]
  /** Whether it supposes that all processes have their turn in time. */
  readonly isTimed?: true
}

export interface Judgement {
  readonly laws: readonly Law[]
  readonly numbers: Readonly<Record<string, number>>
}

/** How long a back-end may take for an answer, and how far an effect may be behind its cause; both in milliseconds. */
export interface Times {
  readonly patience: number
  readonly grace: number
}

/** Holds all that happened against what is promised. */
export function judge (
  history: History,
  services: readonly Service[],
  members: readonly string[],
  { patience, grace }: Times
): Judgement {
  const { replies, poisons, sights, troubles, turns } = history
  const named = new Map(services.map(service => [service.name, service]))
  const serviceOf = (reply: Reply): Service => named.get(reply.order.service)!
  const timeline = new Timeline(history, members, grace)
  const affinity = affinityOf(replies, serviceOf, members)

  const place = (reply: Reply): number => placeIn(serviceOf(reply), members, reply)
  const isFault = ({ got }: Reply): boolean => got.kind === 'fault'
  const code = ({ got }: Reply): number => (got.kind === 'fault' ? got.code : -1)
  const streamed = ({ bytes }: Reply): boolean => bytes > REPLAY_LIMIT
  const later = ({ session }: Reply): boolean => session !== undefined && session.nth > 0
  const once = (reply: Reply): boolean => serviceOf(reply).once === true
  /**
   * Whether the rules let it go from member to member until one answers. Of two that open a session together only one
   * is the first.
   */
  const free = (reply: Reply): boolean =>
    !later(reply) &&
    !streamed(reply) &&
    code(reply) !== RECEIVING &&
    reply.session?.together !== true &&
    (!once(reply) || !isFault(reply) || UNSENT.includes(code(reply)))
  /**
   * Whether the first server of one of them failed meanwhile: then the other one may still have been answered there.
   */
  const parted = (a: Reply, b: Reply): boolean =>
    [a, b].some(reply =>
      serviceOf(a).places[place(reply)]!.some(
        member => timeline.failedWith(a, member) || timeline.failedWith(b, member)
      )
    )

  /** A message that may be sent once only fails where the end of an idle connection crosses it. */
  const crossed = (reply: Reply): boolean => once(reply) && code(reply) === CLOSED && timeline.wasStale(reply)
  const isUnwell = unwellAt(timeline, patience)
  const poison = judgePoison(history, isUnwell, told)
  const twice = repeats(history, {
    members,
    once,
    streamed,
    isBound: reply => serviceOf(reply).sessions !== 'client' && affinity.bound.has(reply),
    hasFailed: (reply, member) => timeline.failedWith(reply, members.indexOf(member)),
    wasUnwell: (reply, member) => timeline.wasUnwell(member, { from: reply.sent, to: reply.ended }),
    soon: patience / 2
  })
  const those = (test: (reply: Reply) => boolean): string[] => replies.filter(test).map(told)
  const both = (test: (a: Reply, b: Reply) => boolean): string[] =>
    affinity.openings.filter(([a, b]) => test(a, b)).map(([a, b]) => `${told(a)}; ${told(b)}`)
  const seen = (what: Sight['what']): string[] =>
    sights.filter(each => each.what === what).map(each => JSON.stringify(each))

  const longest = (members.length + 1) * patience + FREEZE + grace
  const laws: Law[] = [
    {
      law: 'every reply belongs to its request, and is whole or visibly broken off',
      broken: those(({ got }) => got.kind === 'wrong')
    },
    { law: 'everybody gets a reply', broken: those(({ got }) => got.kind === 'nothing') },
    { law: 'every order arrives whole', broken: seen('odd') },
    {
      law: 'no answer breaks off without a cause',
      isTimed: true,
      broken: those(
        reply =>
          reply.got.kind === 'broken' && !timeline.wasUnwell(reply.got.from, { from: reply.sent, to: reply.ended })
      )
    },
    { law: 'no session moves', broken: affinity.moves.map(([before, reply]) => `${told(before)}; ${told(reply)}`) },
    { law: 'no server sees the session of another one', broken: seen('foreign') },
    {
      law: 'two first messages at once meet at one server',
      isTimed: true,
      broken: both((a, b) => place(a) >= 0 && place(b) >= 0 && place(a) !== place(b) && !parted(a, b))
    },
    {
      law: 'no fault where a back-end could have answered',
      isTimed: true,
      broken: [
        ...those(reply => isFault(reply) && free(reply) && timeline.somebodyFor(reply)),
        ...both((...two) =>
          two.every(reply => isFault(reply) && code(reply) !== RECEIVING && timeline.somebodyFor(reply))
        )
      ]
    },
    {
      law: 'no fault without a cause',
      isTimed: true,
      broken: those(reply => isFault(reply) && timeline.everybodyFor(reply) && !crossed(reply))
    },
    { law: 'nothing is delivered twice outside the rule', broken: twice.outside },
    {
      law: 'no endpoint is suspended without a cause',
      isTimed: true,
      broken: turns
        .filter(turn => isFailure(turn) && !isUnwell(turn) && !poison.explains(turn))
        .map(turn => JSON.stringify(turn))
    },
    ...poison.laws,
    { law: 'a back-end that has left its name gets no orders', broken: strays(history, timeline) },
    {
      law: 'no client waits longer than all its tries may take',
      isTimed: true,
      broken: those(({ got, sent, ended }) => got.kind !== 'left' && ended - sent > longest)
    }
  ]

  const count = (test: (reply: Reply) => boolean): number => replies.filter(test).length
  const kind = (of: Reply['got']['kind']): number => count(({ got }) => got.kind === of)
  const first = (reply: Reply): boolean => isFault(reply) && !later(reply)
  return {
    laws,
    numbers: {
      orders: replies.length,
      'answered, whole and right': kind('answer'),
      'visibly broken off, where the back-end broke off': kind('broken'),
      'clients that left': kind('left'),
      faults: kind('fault'),
      '  later orders of sessions, whose server was out (strict)': count(reply => isFault(reply) && later(reply)),
      '  streamed away, so not to be repeated': count(reply => first(reply) && streamed(reply)),
      '  perhaps taken, and not to be repeated (retry="unsent")': count(
        reply => first(reply) && !streamed(reply) && once(reply) && !free(reply)
      ),
      '  the answer broke off while its start was read': count(
        reply => first(reply) && !streamed(reply) && code(reply) === RECEIVING && !once(reply)
      ),
      '  no back-end was up all the time': count(
        reply => isFault(reply) && free(reply) && !timeline.somebodyFor(reply)
      ),
      '  one of two that opened a session': count(
        reply => first(reply) && reply.session?.together === true && code(reply) !== RECEIVING
      ),
      'orders that had to be answered, since a back-end was up': count(
        reply => free(reply) && timeline.somebodyFor(reply)
      ),
      '  while another back-end was down': count(
        reply => free(reply) && timeline.somebodyFor(reply) && !timeline.everybodyFor(reply)
      ),
      sessions: new Set(replies.flatMap(({ session }) => session?.id ?? [])).size,
      '  answers held against the server before': [...affinity.bound].filter(reply => answeredBy(reply) !== undefined)
        .length,
      '  opened by two orders at once': affinity.openings.length,
      '  somewhere else once they had expired': affinity.expired,
      'delivered twice within the rule': twice.within,
      'messages that break every back-end': poisons.length,
      'faults of back-ends': troubles.length,
      suspensions: turns.filter(({ to }) => to === 'suspended').length,
      returns: turns.filter(({ to }) => to === 'active').length,
      'slowest reply, ms': replies.reduce((most, { sent, ended }) => Math.max(most, ended - sent), 0)
    }
  }
}

/** Orders that a back-end read although the name had lost it before they were sent. */
function strays ({ replies, sights }: History, timeline: Timeline): string[] {
  const orders = new Map(
    replies.filter(({ order }) => order.service === DISCOVERED).map(reply => [reply.order.id, reply]))
  return sights.filter(({ what, id, from, at }) => {
    const reply = orders.get(id)
    return what === 'taken' && reply !== undefined && timeline.hadLeft(from, reply, at)
  }).map(sight => JSON.stringify(sight))
}

const told = ({ order, session, got, sent, ended, bytes }: Reply): string =>
  `${order.service} ${order.id}${session === undefined ? '' : ` (${session.id}, ${session.nth})`}, ${bytes} bytes, sent at ${sent}: ${JSON.stringify(got)} after ${ended - sent} ms`
