import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../contracts/fields.js'
import { sendAndReceive, sendDetached } from '../pipeline/chain.js'
import { mediator } from '../contracts/kind.js'
import { calledBranch } from '../message/branch.js'
import { isOneWay } from '../message/well-known-properties.js'
import { IMPLICIT_ENDPOINT } from './send.js'

/**
 * Sends the message and continues with the response, still in the in sequence. A one-way message continues at once.
 * @see WSO2, CallMediator
 */
export const call = mediator({
  name: 'call',
  description: 'Sends the message to an endpoint and continues with the response.',
  fields: {
    endpoint: describe(Type.Optional(Type.Ref('Endpoint')), 'Destination. Default: the address in To.'),
    blocking: describe(Type.Optional(Type.Boolean()), 'Has no effect: a call never blocks other messages.')
  },
  read (element, reader) {
    const inner = element.child('endpoint')
    for (const name of ['source', 'target']) {
      const part = element.child(name)
      if (part === undefined) continue
      reader.problem(part, `<${name}> inside <call> is not supported`, 'the response replaces the whole message')
    }
    for (const ignored of ['initAxis2ClientOptions', 'axis2xml', 'repository']) element.attribute(ignored)
    return omitUndefined({
      endpoint: inner && reader.endpoint(inner),
      blocking: reader.flag(element, 'blocking', 'onlyTrue')
    })
  },
  write: ({ endpoint, blocking }, writer) => [
    { blocking },
    endpoint === undefined ? undefined : writer.endpoint(endpoint)
  ],
  reads: ({ endpoint }, of) => ({ ...of.endpoint(endpoint ?? IMPLICIT_ENDPOINT), responds: true, passesOn: false }),
  build ({ endpoint }, tools) {
    const target = tools.endpoint(endpoint ?? IMPLICIT_ENDPOINT)
    return function * (message) {
      if (isOneWay(message)) {
        yield * sendDetached(target, message)
        return { to: 'next', message }
      }
      const received = yield * sendAndReceive(target, message)
      if (received.kind === 'handled') return received.step
      return { to: 'next', message: { ...received.message, direction: message.direction, ...calledBranch(message) } }
    }
  }
})
