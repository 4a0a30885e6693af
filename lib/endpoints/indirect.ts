import { Type } from '@sinclair/typebox'
import { endpoint, present } from '../kind.js'

/** An endpoint that is defined elsewhere, by its name. Its state is shared with everybody who names it. */
export const indirect = endpoint({
  name: 'indirect',
  about: 'Refers to an endpoint by its name.',
  fields: { key: Type.String({ minLength: 1 }) },
  read: element => present({ key: element.attribute('key') }),
  write: ({ key }) => [{ key }],
  build: ({ key }, tools) => tools.endpointByKey(key)
})
