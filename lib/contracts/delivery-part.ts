import type { Decision, Delivery } from './flow.js'

/** What a group decides for all messages that it sends. */
export interface GroupRules {
  /** `unsent`: a message that a member may have received is not sent again, not even on a fresh connection. */
  readonly retry?: 'unsent' | undefined
  /** HTTP statuses that are failures of members that name none themselves. */
  readonly failureStatus?: readonly number[] | undefined
  /** Whether so few members are ready that suspensions by failures after sending do not count. */
  readonly ignoresSuspension?: (() => boolean) | undefined
}

/** The part of a delivery that happens inside a group. What happens there counts for the whole delivery. */
export function deliveryInside (outer: Delivery, { retry, failureStatus, ignoresSuspension }: GroupRules): Delivery {
  const isBelow = ignoresSuspension?.() === true
  if (retry !== 'unsent' && failureStatus === undefined && !isBelow) return outer
  return new DeliveryPart(outer, { unsentOnly: retry === 'unsent', failureStatus, ignoresSuspension: isBelow })
}

/**
 * The part of a delivery after its message has waited for a trial (`hasWaited`) or a place (`hasQueued`). What happens
 * there counts for the whole delivery.
 */
export function deliveryAfter (outer: Delivery, wait: 'hasWaited' | 'hasQueued'): Delivery {
  return outer[wait] ? outer : new DeliveryPart(outer, { [wait]: true })
}

/** What is fixed in one part of a delivery. */
type Rules = Pick<Delivery, 'hasWaited' | 'hasQueued' | 'unsentOnly' | 'failureStatus' | 'ignoresSuspension'>

class DeliveryPart implements Delivery {
  readonly hasWaited: boolean
  readonly hasQueued: boolean
  readonly unsentOnly: boolean
  readonly failureStatus: readonly number[] | undefined
  readonly ignoresSuspension: boolean
  readonly #outer: Delivery

  /** @param added what counts in this part beside what counts in the outer one */
  constructor (outer: Delivery, added: Partial<Rules>) {
    this.#outer = outer
    this.hasWaited = added.hasWaited === true || outer.hasWaited
    this.hasQueued = added.hasQueued === true || outer.hasQueued
    this.unsentOnly = added.unsentOnly === true || outer.unsentOnly
    this.failureStatus = added.failureStatus ?? outer.failureStatus
    this.ignoresSuspension = added.ignoresSuspension === true || outer.ignoresSuspension
  }

  get hasCountedFailure (): boolean {
    return this.#outer.hasCountedFailure
  }

  set hasCountedFailure (value) {
    this.#outer.hasCountedFailure = value
  }

  get hasFailed (): boolean {
    return this.#outer.hasFailed
  }

  set hasFailed (value) {
    this.#outer.hasFailed = value
  }

  get decisions (): Decision[] | undefined {
    return this.#outer.decisions
  }

  set decisions (value) {
    this.#outer.decisions = value
  }
}
