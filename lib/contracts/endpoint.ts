import type { Message } from '../message/message.js'
import { newDelivery, type Delivery, type Flow, type Outcome } from './flow.js'

/** An endpoint does not accept a message, and nothing was sent. */
export type Refusal = Extract<Outcome, { kind: 'refused' }>

/** A place for one message at an endpoint that has accepted it. To be used once: by `send` or by `release`. */
export interface Reservation {
  readonly kind: 'reserved'
  /**
   * Requests permission to send the message from another process; `send` does so if it was not done before. Undefined:
   * this process decides.
   */
  confirm?: (() => Flow<Refusal | undefined>) | undefined
  send(): Flow<Outcome>
  /** Gives the place back: the message is not sent. */
  release(): void
}

/** Takes a place for a message without an effect. `bound`: the message's session is bound here. */
export type Reserve = (message: Message, bound: boolean, delivery: Delivery) => Reservation | Refusal

/**
 * A destination: an address or a group. `bound`: the message's session is bound here, so that a draining endpoint
 * still accepts it.
 */
export interface Endpoint {
  (message: Message, bound?: boolean, delivery?: Delivery): Flow<Outcome>
  /** Its name in the registry, in log lines and in explanations. */
  readonly endpointName: string
  /** The first half of sending: a group binds a session only to a member that has accepted the message. */
  readonly reserve: Reserve
}

/** An endpoint that accepts every message. */
export const createEndpoint = (
  endpointName: string,
  send: (message: Message, bound?: boolean, delivery?: Delivery) => Flow<Outcome>
): Endpoint =>
  Object.assign(send, {
    endpointName,
    reserve: (message: Message, bound: boolean, delivery: Delivery): Reservation => ({
      kind: 'reserved',
      send: () => send(message, bound, delivery),
      release: () => {}
    })
  })

/** An endpoint that may refuse a message before it is sent. */
export const createReservingEndpoint = (endpointName: string, reserve: Reserve): Endpoint =>
  Object.assign(
    function * (message: Message, bound = false, delivery: Delivery = newDelivery()): Flow<Outcome> {
      const place = reserve(message, bound, delivery)
      return place.kind === 'refused' ? place : yield * place.send()
    },
    { endpointName, reserve }
  )
