import { mediator } from '../contracts/kind.js'

/** The message goes no further. A client that waits for it gets 202. */
export const drop = mediator({
  name: 'drop',
  about: 'The message goes no further.',
  fields: {},
  read: () => ({}),
  needs: () => ({ passed: false }),
  build: () => message => ({ to: 'nowhere', message })
})
