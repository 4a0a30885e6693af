import { Type } from '@sinclair/typebox'
import { adviceToDefine, describe, omitUndefined } from '../contracts/fields.js'
import { fault } from '../message/fault.js'
import { endpoint } from '../contracts/kind.js'
import { createReservingEndpoint, type Endpoint } from '../contracts/endpoint.js'

/** Refers to an endpoint by its name. All references share its state. */
export const reference = endpoint({
  name: 'reference',
  description: 'Refers to an endpoint by its name.',
  fields: { key: describe(Type.String({ minLength: 1 }), 'The name of an endpoint.') },
  read: element => omitUndefined({ key: element.attribute('key') }),
  write: ({ key }) => [{ key }],
  build ({ key }, context) {
    const found = context.endpointByKey(key)
    if (found === undefined) {
      context.warn(`no endpoint is called "${key}": every message to it fails`, adviceToDefine('endpoint', key))
    }
    return found ?? unknownEndpoint(key)
  }
})

/** An endpoint that refuses every message with a fault that names the missing key. */
export const unknownEndpoint = (key: string): Endpoint =>
  createReservingEndpoint(key, () => ({
    kind: 'refused',
    fault: fault('UNKNOWN_ENDPOINT', `no endpoint is called "${key.slice(0, 100)}"`, { subject: key.slice(0, 100) })
  }))
