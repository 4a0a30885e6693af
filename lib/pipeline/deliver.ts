import { deliveryAfter } from '../contracts/delivery-part.js'
import type { Endpoint } from '../contracts/endpoint.js'
import { newDelivery, takeDecisions, type Delivery, type Flow, type Outcome } from '../contracts/flow.js'
import type { Message } from '../message/message.js'

/**
 * Sends a message to an endpoint. If only the trial of a half-open endpoint is in the way, or the number of requests in
 * flight, the message waits: for the end of the trial once, for a place until its time in the queue is over.
 */
export function * deliver (endpoint: Endpoint, message: Message, given: Delivery = newDelivery()): Flow<Outcome> {
  let delivery = given
  let endsAt: number | undefined
  for (;;) {
    const reservation = endpoint.reserve(message, false, delivery)
    const outcome = reservation.kind === 'refused' ? reservation : yield * reservation.send()
    if (outcome.kind !== 'refused') return outcome
    const { full, trial } = outcome
    if (full !== undefined) {
      endsAt ??= Math.max(...full.map(each => each.endsAt))
      const mayHavePlace: boolean = yield { kind: 'waitForPlace', full, endsAt }
      if (!mayHavePlace) return yield * refusedAtLast(outcome, delivery)
      delivery = deliveryAfter(delivery, 'hasQueued')
    } else if (trial !== undefined && !delivery.hasWaited) {
      const hasWaited: boolean = yield { kind: 'waitForTrial', ...trial }
      if (!hasWaited) return yield * refusedAtLast(outcome, delivery)
      delivery = deliveryAfter(delivery, 'hasWaited')
    } else return yield * refusedAtLast(outcome, delivery)
  }
}

/** Nothing more is tried: reports why. */
function * refusedAtLast (outcome: Outcome, delivery: Delivery): Flow<Outcome> {
  if (delivery.decisions !== undefined) yield takeDecisions(delivery)
  return outcome
}
