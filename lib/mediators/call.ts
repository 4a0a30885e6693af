import { Type } from '@sinclair/typebox'
import { answerOf } from '../chain.js'
import { mediator, present } from '../kind.js'

/** Asks an endpoint and goes on with its answer. */
export const call = mediator({
  name: 'call',
  about: 'Asks an endpoint and goes on with its answer.',
  fields: { endpoint: Type.Ref('Endpoint'), blocking: Type.Optional(Type.Boolean()) },
  read (element, reader) {
    const inner = element.child('endpoint')
    if (inner === undefined) reader.problem(element, '<call> needs an <endpoint>')
    for (const name of ['source', 'target']) {
      const part = element.child(name)
      if (part) reader.problem(part, `<${name}> inside <call> is not supported`, 'the whole message is sent, and its answer replaces it')
    }
    return present({ endpoint: inner && reader.endpoint(inner), blocking: reader.flag(element, 'blocking') })
  },
  write: ({ endpoint, blocking }, writer) => [{ blocking }, writer.endpoint(endpoint)],
  needs: ({ endpoint }, of) => ({ ...of.endpoint(endpoint), answered: true }),
  build ({ endpoint }, tools) {
    const target = tools.endpoint(endpoint)
    return function * (message) {
      return { to: 'next', message: yield * answerOf(target, message) }
    }
  }
})
