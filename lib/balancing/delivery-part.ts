import type { Decision, Delivery } from '../contracts/flow.js'

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
  return new DeliveryPart(outer, retry === 'unsent', failureStatus, isBelow)
}

class DeliveryPart implements Delivery {
  readonly hasWaited: boolean
  readonly hasQueued: boolean
  readonly unsentOnly: boolean
  readonly failureStatus: readonly number[] | undefined
  readonly ignoresSuspension: boolean
  readonly #outer: Delivery

  constructor (
    outer: Delivery,
    unsentOnly: boolean,
    failureStatus: readonly number[] | undefined,
    ignoresSuspension: boolean
  ) {
    this.#outer = outer
    this.hasWaited = outer.hasWaited
    this.hasQueued = outer.hasQueued
    this.unsentOnly = unsentOnly || outer.unsentOnly
    this.failureStatus = failureStatus ?? outer.failureStatus
    this.ignoresSuspension = ignoresSuspension || outer.ignoresSuspension
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
