import { Type } from '@sinclair/typebox'
import { told } from '../contracts/fields.js'
import { answerOf, sendAside } from '../pipeline/chain.js'
import { mediator, present } from '../contracts/kind.js'
import { isOneWay } from '../message/well-known-properties.js'
import { ADDRESSEE } from './send.js'

/** Asks an endpoint and goes on with its answer, which is still on the way in; with a one-way message at once (WSO2: CallMediator). */
export const call = mediator({
  name: 'call',
  about: 'Asks an endpoint, or whoever is at the address in To, and goes on with its answer. `blocking` makes no difference here.',
  fields: { endpoint: told(Type.Optional(Type.Ref('Endpoint')), 'Who is asked; unset: whom To names.'), blocking: told(Type.Optional(Type.Boolean()), 'Changes nothing.') },
  read (element, reader) {
    const inner = element.child('endpoint')
    for (const name of ['source', 'target']) {
      const part = element.child(name)
      if (part) reader.problem(part, `<${name}> inside <call> is not supported`, 'the whole message is sent, and its answer replaces it')
    }
    for (const ignored of ['initAxis2ClientOptions', 'axis2xml', 'repository']) element.attribute(ignored)
    return present({ endpoint: inner && reader.endpoint(inner), blocking: reader.flag(element, 'blocking') })
  },
  write: ({ endpoint, blocking }, writer) => [{ blocking }, endpoint === undefined ? undefined : writer.endpoint(endpoint)],
  needs: ({ endpoint }, of) => ({ ...of.endpoint(endpoint), answered: true, passed: false }),
  build ({ endpoint }, tools) {
    const target = tools.endpoint(endpoint ?? ADDRESSEE)
    return function * (message) {
      if (!isOneWay(message)) return { to: 'next', message: { ...yield * answerOf(target, message), direction: message.direction } }
      yield * sendAside(target, message)
      return { to: 'next', message }
    }
  }
})
