import { Type } from '@sinclair/typebox'
import { toDefine, told } from '../contracts/fields.js'
import { fault } from '../message/fault.js'
import type { Flow, Outcome } from '../contracts/flow.js'
import { endpoint, named, present, type Endpoint } from '../contracts/kind.js'

/** An endpoint that is defined elsewhere, by its name. Its state is shared with everybody who names it. */
export const indirect = endpoint({
  name: 'indirect',
  about: 'Refers to an endpoint by its name.',
  fields: { key: told(Type.String({ minLength: 1 }), 'The name of an endpoint.') },
  read: element => present({ key: element.attribute('key') }),
  write: ({ key }) => [{ key }],
  build ({ key }, tools) {
    const found = tools.endpointByKey(key)
    if (found === undefined) tools.warn(`no endpoint is called "${key}": every message to it fails`, toDefine('endpoint', key))
    return found ?? unknown(key)
  }
})

/** Whoever sends to an endpoint that is not there gets a fault that says so. */
export const unknown = (key: string): Endpoint => named(key, function * (): Flow<Outcome> {
  return { kind: 'refused', fault: fault('UNKNOWN_ENDPOINT', `no endpoint is called "${key.slice(0, 100)}"`, { about: key.slice(0, 100) }) }
})
