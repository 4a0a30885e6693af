import type { Endpoint, Refusal, Reservation } from '../contracts/endpoint.js'
import type { Delivery, Flow, Outcome } from '../contracts/flow.js'
import type { Message } from '../message/message.js'
import type { MemberLoad } from '../state/member-load.js'
import { GroupOutcome, type FailoverOptions } from './group-outcome.js'
import { deliveryInside, type GroupRules } from '../contracts/delivery-part.js'

/** A group as failover sees it. */
export interface FailoverGroup {
  readonly members: readonly Endpoint[]
  /** Messages in flight by member. */
  readonly load: MemberLoad
  /** The kind and the name of the group in faults: `Failover endpoint : F` */
  readonly subject: () => string
  readonly options: FailoverOptions & GroupRules
}

/**
 * Reserves a place at the first member that accepts a message. `send` fails over to the members that follow.
 * @param order the indexes of the members, each once
 * @param onResult called with each member that received the message, or failed to
 */
export function reserveInOrder (
  group: FailoverGroup,
  order: Iterator<number>,
  message: Message,
  delivery: Delivery,
  onResult?: (member: number) => void
): Reservation | Refusal {
  const failover = new Failover(group, order, message, delivery, onResult)
  return failover.reserveNext() ? failover : failover.refusal()
}

/** One message on its way through the members of a group. */
class Failover implements Reservation {
  readonly kind = 'reserved'
  readonly #group: FailoverGroup
  readonly #order: Iterator<number>
  readonly #message: Message
  readonly #delivery: Delivery
  readonly #onResult: ((member: number) => void) | undefined
  readonly #outcome: GroupOutcome
  #member = -1
  #reservation: Reservation | undefined

  constructor (
    group: FailoverGroup,
    order: Iterator<number>,
    message: Message,
    delivery: Delivery,
    onResult: ((member: number) => void) | undefined
  ) {
    this.#group = group
    this.#order = order
    this.#message = message
    this.#delivery = deliveryInside(delivery, group.options)
    this.#onResult = onResult
    this.#outcome = new GroupOutcome(group.subject, group.options)
  }

  /** Reserves a place at the next member that accepts the message. Returns false if no member is left. */
  reserveNext (): boolean {
    for (let next = this.#order.next(); next.done !== true; next = this.#order.next()) {
      const result = this.#group.members[next.value]!.reserve(this.#message, false, this.#delivery)
      if (result.kind === 'reserved') {
        this.#member = next.value
        this.#reservation = result
        this.#group.load.add(next.value, 1)
        return true
      }
      this.#outcome.add(result)
    }
    return false
  }

  refusal (): Refusal {
    return this.#outcome.asRefusal()
  }

  * send (): Flow<Outcome> {
    do {
      let outcome: Outcome
      try {
        outcome = yield * this.#reservation!.send()
      } finally {
        this.#group.load.add(this.#member, -1)
      }
      if (outcome.kind !== 'refused' && outcome.kind !== 'discarded') this.#onResult?.(this.#member)
      const end = this.#outcome.add(outcome)
      if (end !== undefined) return end
    } while (this.reserveNext())
    return this.#outcome.whenExhausted()
  }

  release (): void {
    this.#group.load.add(this.#member, -1)
    this.#reservation!.release()
  }
}
