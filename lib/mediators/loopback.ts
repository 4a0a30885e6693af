import { mediator } from '../contracts/kind.js'
import { isResponse } from '../message/well-known-properties.js'

/** The message turns round: it goes on in the out sequence. There, it goes no further. */
export const loopback = mediator({
  name: 'loopback',
  description: 'Hands the message to the out sequence, as if it were an answer.',
  fields: {},
  read: () => ({}),
  reads: () => ({ passesOn: false, entersOut: true }),
  build: () => message => isResponse(message)
    ? { to: 'end', message }
    : { to: 'out', message: { ...message, direction: 'response', addressing: { ...message.addressing, to: undefined } } }
})
