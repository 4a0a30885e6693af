import { mediator } from '../contracts/kind.js'

/** The message goes no further. A client that waits for it gets 202. */
export const drop = mediator({
  name: 'drop',
  description: 'The message goes no further.',
  fields: {},
  read: () => ({}),
  reads: () => ({ passesOn: false }),
  build: () => message => ({ to: 'end', message })
})
