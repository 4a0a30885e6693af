import { Type } from '@sinclair/typebox'
import { describe } from '../contracts/fields.js'
import { sendAndReceive, sendDetached } from '../pipeline/chain.js'
import { mediator, omitUndefined } from '../contracts/kind.js'
import { isOneWay } from '../message/well-known-properties.js'
import { IMPLICIT_ENDPOINT } from './send.js'

/** Asks an endpoint and goes on with its answer, which is still on the way in; with a one-way message at once (WSO2: CallMediator). */
export const call = mediator({
  name: 'call',
  description: 'Asks an endpoint, or whoever is at the address in To, and goes on with its answer. `blocking` makes no difference here.',
  fields: { endpoint: describe(Type.Optional(Type.Ref('Endpoint')), 'Who is asked; unset: whom To names.'), blocking: describe(Type.Optional(Type.Boolean()), 'Changes nothing.') },
  read (element, reader) {
    const inner = element.child('endpoint')
    for (const name of ['source', 'target']) {
      const part = element.child(name)
      if (part) reader.problem(part, `<${name}> inside <call> is not supported`, 'the whole message is sent, and its answer replaces it')
    }
    for (const ignored of ['initAxis2ClientOptions', 'axis2xml', 'repository']) element.attribute(ignored)
    return omitUndefined({ endpoint: inner && reader.endpoint(inner), blocking: reader.flag(element, 'blocking') })
  },
  write: ({ endpoint, blocking }, writer) => [{ blocking }, endpoint === undefined ? undefined : writer.endpoint(endpoint)],
  reads: ({ endpoint }, of) => ({ ...of.endpoint(endpoint), responds: true, passesOn: false }),
  build ({ endpoint }, tools) {
    const target = tools.endpoint(endpoint ?? IMPLICIT_ENDPOINT)
    return function * (message) {
      if (isOneWay(message)) {
        yield * sendDetached(target, message)
        return { to: 'next', message }
      }
      const received = yield * sendAndReceive(target, message)
      return received.kind === 'handled' ? received.step : { to: 'next', message: { ...received.message, direction: message.direction } }
    }
  }
})
