import type { Endpoint } from '../../contracts/endpoint.js'
import type { Mediator } from '../../contracts/mediator.js'
import type { Message } from '../../message/message.js'
import { isOneWay } from '../../message/well-known-properties.js'
import { sendAndReceive, sendDetached } from '../../pipeline/send-and-receive.js'

/** What a mediator sends, and the message that continues. */
export interface RoundTrip {
  readonly requestFor: (message: Message) => Message
  readonly continueWith: (original: Message, response: Message) => Message
  /** Default: the message continues as it was. */
  readonly continueOneWay?: (original: Message, request: Message) => Message
}

/** A mediator that sends a request and continues with its response. A one-way message continues at once. */
export const roundTrip = (
  destination: Endpoint,
  { requestFor, continueWith, continueOneWay = original => original }: RoundTrip
): Mediator =>
  function * (message) {
    const request = requestFor(message)
    if (isOneWay(message)) {
      yield * sendDetached(destination, request)
      return { to: 'next', message: continueOneWay(message, request) }
    }
    const received = yield * sendAndReceive(destination, request)
    return received.kind === 'handled'
      ? received.step
      : { to: 'next', message: continueWith(message, received.message) }
  }
