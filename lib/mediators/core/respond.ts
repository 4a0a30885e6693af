import { mediator } from '../../contracts/kind.js'

/** Ends mediation and returns the message to the client. */
export const respond = mediator({
  name: 'respond',
  description: 'Ends mediation and returns the message to the client.',
  fields: {},
  read: () => ({}),
  reads: () => ({ passesOn: false }),
  build: () => message => ({ to: 'client', message })
})
