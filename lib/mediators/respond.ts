import { mediator } from '../contracts/kind.js'

/** Stops here and returns the message to the client. */
export const respond = mediator({
  name: 'respond',
  about: 'Returns the message to the client.',
  fields: {},
  read: () => ({}),
  needs: () => ({ passed: false }),
  build: () => message => ({ to: 'client', message })
})
