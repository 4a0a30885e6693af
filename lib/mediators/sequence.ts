import { Type } from '@sinclair/typebox'
import { mediator, present } from '../kind.js'

/** Runs a named sequence in this place. */
export const sequence = mediator({
  name: 'sequence',
  about: 'Runs a named sequence.',
  fields: { key: Type.String({ minLength: 1 }) },
  read: element => present({ key: element.attribute('key') }),
  write: ({ key }) => [{ key }],
  needs: ({ key }, of) => of.sequence(key),
  build: ({ key }, tools) => tools.sequence(key)
})
