import { mediator } from '../../contracts/kind.js'
import { isResponse } from '../../message/well-known-properties.js'

/** Moves a request to the out sequence, as if it were a response. In the out sequence, ends mediation. */
export const loopback = mediator({
  name: 'loopback',
  description: 'Moves the message to the out sequence, as if it were a response.',
  fields: {},
  read: () => ({}),
  reads: () => ({ passesOn: false, entersOut: true }),
  build: () => message => {
    if (isResponse(message)) return { to: 'end', message }
    const addressing = { ...message.addressing, to: undefined }
    return { to: 'out', message: { ...message, direction: 'response', addressing } }
  }
})
