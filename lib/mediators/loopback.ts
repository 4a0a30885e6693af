import { mediator } from '../contracts/kind.js'
import { isAnswer } from '../message/well-known-properties.js'

/** The message turns round: it goes on in the out sequence. There, it goes no further. */
export const loopback = mediator({
  name: 'loopback',
  about: 'Hands the message to the out sequence, as if it were an answer.',
  fields: {},
  read: () => ({}),
  needs: () => ({ passed: false, turned: true }),
  build: () => message => isAnswer(message)
    ? { to: 'nowhere', message }
    : { to: 'out', message: { ...message, direction: 'response', addressing: { ...message.addressing, to: undefined } } }
})
