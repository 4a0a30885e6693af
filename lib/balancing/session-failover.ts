import type { MemberOrder } from '../contracts/algorithm.js'
import type { Delivery, Flow, Outcome } from '../contracts/flow.js'
import { CODES, fault } from '../message/fault.js'
import type { Message } from '../message/message.js'
import type { FailoverGroup } from './ordered-failover.js'
import { GroupOutcome } from './group-outcome.js'
import type { SessionBinding } from './session-binding.js'
import { deliveryInside } from '../contracts/delivery-part.js'

/** A group with sessions. */
export interface SessionFailoverGroup extends FailoverGroup {
  readonly order: MemberOrder
  readonly bindingOf: (message: Message) => SessionBinding
  /** Whether a session waits for its member if that is lost. False: it starts over at another member. */
  readonly strict: boolean
  /** Whether an operator has switched a member off, and so released its sessions. */
  readonly isOff: (member: number) => boolean
  /** The name of a member in faults. */
  readonly memberSubject: (member: number) => string
}

/**
 * Sends one message of a session: to the member that owns the session, and else to the members in order. For each
 * member: reserve, claim, send. The session is claimed after the member has accepted the message, so that a refusing
 * member never owns it; and before the message is sent, so that two first messages at once go to the same member.
 */
export function * sendInSession (group: SessionFailoverGroup, message: Message, outer: Delivery): Flow<Outcome> {
  const { members, load, strict } = group
  const delivery = deliveryInside(outer, group.options)
  const session = group.bindingOf(message)
  const groupOutcome = new GroupOutcome(group.subject, group.options)
  const candidates = new Candidates(group, session)
  try {
    let owner = yield * session.lookup(false)
    if (owner >= 0 && group.isOff(owner)) owner = -1
    /** The member that this message belongs to; -1: its session is new. */
    let pinnedMember = owner
    for (;;) {
      let member = owner
      if (owner < 0 || candidates.wasTried(owner)) {
        if (pinnedMember >= 0 && strict) {
          return outcomeOfStrictSession(group, pinnedMember, groupOutcome.whenExhausted())
        }
        member = candidates.next()
        if (member < 0) break
      }
      const bound = member === owner
      const reservation = members[member]!.reserve(session.request(bound), bound, delivery)
      let outcome: Outcome
      if (reservation.kind === 'refused') {
        // A session does not leave its member because that has much to do.
        if (bound && reservation.full !== undefined) return reservation
        outcome = reservation
      } else {
        let isSending = false
        load.add(member, 1)
        try {
          const refusal = reservation.confirm && (yield * reservation.confirm())
          if (!bound && refusal === undefined) {
            const winner = yield * claimSession(session, member, candidates, strict)
            if (winner !== member) {
              pinnedMember = owner = winner
              candidates.putBack(member)
              continue
            }
          }
          isSending = refusal === undefined
          outcome = refusal ?? (yield * reservation.send())
        } finally {
          load.add(member, -1)
          if (!isSending) reservation.release()
        }
      }
      if (outcome.kind === 'answered') {
        const prolonging = session.responded(member, strict && !group.isOff(member))
        if (prolonging !== undefined) yield prolonging
        for (const binding of session.bindings(outcome.message, member)) yield binding
        return { kind: 'answered', message: session.response(outcome.message, member) }
      }
      candidates.markTried(member)
      const end = groupOutcome.add(outcome)
      if (end !== undefined) return end
      // Another message of this session may have failed at this member before, and have moved the session.
      if (bound) owner = yield * session.lookup(true)
    }
    yield * session.unbind()
    return groupOutcome.whenExhausted()
  } finally {
    session.end()
  }
}

/**
 * Binds a session to a member. Returns the member that the message goes to: another one, if another message has bound
 * the session there meanwhile. The session is taken from a member that has left, and from one that this message has
 * tried, unless its sessions are strict.
 */
function * claimSession (
  session: SessionBinding,
  member: number,
  candidates: Candidates,
  strict: boolean
): Flow<number> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const winner = yield * session.claim(member, strict)
    if (winner === member || (winner >= 0 && (strict || !candidates.wasTried(winner)))) return winner
  }
  return member
}

function outcomeOfStrictSession (group: SessionFailoverGroup, pinnedMember: number, outcome: Outcome): Outcome {
  if (outcome.kind !== 'refused' || outcome.fault.code !== CODES.NONE_READY) return outcome
  return {
    kind: 'refused',
    fault: fault('SESSION_NOT_READY', 'the endpoint of this session is not ready', {
      subject: group.memberSubject(pinnedMember),
      retryAfter: outcome.fault.retryAfter
    }),
    full: outcome.full
  }
}

/** The members that a message has not tried. The order is made when it is first needed: a bound session needs none. */
class Candidates {
  readonly #group: SessionFailoverGroup
  readonly #session: SessionBinding
  readonly #tried: number[] = []
  #order: Iterator<number> | undefined
  #putBack = -1

  constructor (group: SessionFailoverGroup, session: SessionBinding) {
    this.#group = group
    this.#session = session
  }

  /** The next member, or -1. */
  next (): number {
    const member = this.#putBack
    this.#putBack = -1
    if (member >= 0 && !this.wasTried(member)) return member
    const { order, load } = this.#group
    this.#order ??= order(load.counts, this.#session.clientId)[Symbol.iterator]()
    for (let next = this.#order.next(); next.done !== true; next = this.#order.next()) {
      if (!this.wasTried(next.value)) return next.value
    }
    return -1
  }

  /** The session is bound elsewhere: this member comes next if the message cannot be sent there. */
  putBack (member: number): void {
    this.#putBack = member
  }

  markTried (member: number): void {
    this.#tried.push(member)
  }

  wasTried (member: number): boolean {
    return this.#tried.includes(member)
  }
}
