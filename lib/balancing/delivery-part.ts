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
export function deliveryInside (whole: Delivery, { retry, failureStatus, ignoresSuspension }: GroupRules): Delivery {
  const isBelow = ignoresSuspension?.() === true
  if (retry !== 'unsent' && failureStatus === undefined && !isBelow) return whole
  return new DeliveryPart(whole, retry === 'unsent', failureStatus, isBelow)
}

class DeliveryPart implements Delivery {
  readonly hasWaited: boolean
  readonly hasQueued: boolean
  readonly unsentOnly: boolean
  readonly failureStatus: readonly number[] | undefined
  readonly ignoresSuspension: boolean
  readonly #whole: Delivery

  constructor (
    whole: Delivery,
    unsentOnly: boolean,
    failureStatus: readonly number[] | undefined,
    ignoresSuspension: boolean
  ) {
    this.#whole = whole
    this.hasWaited = whole.hasWaited
    this.hasQueued = whole.hasQueued
    this.unsentOnly = unsentOnly || whole.unsentOnly
    this.failureStatus = failureStatus ?? whole.failureStatus
    this.ignoresSuspension = ignoresSuspension || whole.ignoresSuspension
  }

  get hasBlamed (): boolean {
    return this.#whole.hasBlamed
  }

  set hasBlamed (value) {
    this.#whole.hasBlamed = value
  }

  get hasFailed (): boolean {
    return this.#whole.hasFailed
  }

  set hasFailed (value) {
    this.#whole.hasFailed = value
  }

  get decisions (): Decision[] | undefined {
    return this.#whole.decisions
  }

  set decisions (value) {
    this.#whole.decisions = value
  }
}
