import type { Message } from '../message/message.js'
import type { Delivery, Flow, Outcome } from './flow.js'

/**
 * A destination: an address or a group. `bound`: the message's session is bound here, so that a draining endpoint
 * still accepts it.
 */
export interface Endpoint {
  (message: Message, bound?: boolean, delivery?: Delivery): Flow<Outcome>
  /** Its name in the registry, in log lines and in explanations. */
  readonly endpointName: string
}

/** An endpoint is a function with a name. */
export const createEndpoint = (
  endpointName: string,
  send: (message: Message, bound?: boolean, delivery?: Delivery) => Flow<Outcome>
): Endpoint => Object.assign(send, { endpointName })
