import { mediator } from '../../contracts/kind.js'

/** Ends mediation. A client without a response gets 202. */
export const drop = mediator({
  name: 'drop',
  description: 'Ends mediation. A client without a response gets 202.',
  fields: {},
  read: () => ({}),
  reads: () => ({ passesOn: false }),
  build: () => message => ({ to: 'end', message, isDropped: true })
})
