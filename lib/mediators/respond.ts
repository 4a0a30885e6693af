import { mediator } from '../kind.js'

/** Stops here and returns the message to the client. */
export const respond = mediator({
  name: 'respond',
  about: 'Returns the message to the client.',
  fields: {},
  read: () => ({}),
  build: () => message => ({ to: 'client', message: { ...message, direction: 'response' } })
})
