import { Type } from '@sinclair/typebox'
import { answerOf } from '../chain.js'
import { fault, MediationError } from '../fault.js'
import { mediator, present } from '../kind.js'

/** Ends the sequence: an answer goes to the client; a request to an endpoint, and what that answers into the out sequence. */
export const send = mediator({
  name: 'send',
  about: 'Sends a request to an endpoint, and its answer into the out sequence; sends an answer to the client.',
  fields: { endpoint: Type.Optional(Type.Ref('Endpoint')) },
  read (element, reader) {
    const inner = element.child('endpoint')
    element.attribute('buildmessage')
    if (element.attribute('receive') !== undefined) reader.problem(element, 'send receive="…" is not supported', 'use <call> and go on after it')
    return present({ endpoint: inner && reader.endpoint(inner) })
  },
  write: ({ endpoint }, writer) => [{}, endpoint === undefined ? undefined : writer.endpoint(endpoint)],
  needs: ({ endpoint }, of) => endpoint === undefined ? {} : { ...of.endpoint(endpoint), answered: true },
  build ({ endpoint }, tools) {
    if (endpoint === undefined) {
      const implicit = tools.endpoint({ kind: 'default', name: 'To' })
      return function * (message) {
        if (isAnswer(message)) return { to: 'client', message }
        if (!/^https?:/i.test(message.addressing.to ?? '')) throw new MediationError(fault('NOT_READY', 'send has no endpoint, and To names no address to send to'))
        return { to: 'out', message: yield * answerOf(implicit, message) }
      }
    }
    const target = tools.endpoint(endpoint)
    return function * (message) {
      return { to: 'out', message: yield * answerOf(target, message) }
    }
  }
})

/** An answer of an endpoint, or a message that RESPONSE turned round (WSO2, Axis2MessageContext). */
const isAnswer = ({ direction, properties: { RESPONSE } }: { direction: string, properties: Readonly<Record<string, unknown>> }): boolean =>
  typeof RESPONSE === 'string' ? RESPONSE.toLowerCase() === 'true' : direction === 'response'
