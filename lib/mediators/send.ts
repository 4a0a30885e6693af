import { Type } from '@sinclair/typebox'
import { describe } from '../contracts/fields.js'
import { sendToEndpoint } from '../pipeline/chain.js'
import type { Flow } from '../contracts/flow.js'
import { mediator, omitUndefined, type Mediator, type Step } from '../contracts/kind.js'
import { inSequence } from '../pipeline/read-depth.js'
import { isResponse } from '../message/well-known-properties.js'
import { Key, requirementsOfKey, readKey, sequenceFor, writeKey } from './sequence.js'

/** Whom a message goes to where nobody is named: whoever is at the address in its To. */
export const IMPLICIT_ENDPOINT = { kind: 'default', name: 'To' }

/** Ends the sequence: an answer goes to the client; a request to an endpoint, and what that answers into the out sequence. */
export const send = mediator({
  name: 'send',
  description: 'Sends a request to an endpoint, or to the address in To, and its answer into the out sequence; sends an answer to the client.',
  fields: {
    endpoint: describe(Type.Optional(Type.Ref('Endpoint')), 'Who is asked; unset: the client for an answer, whom To names for a request.'),
    receive: describe(Type.Optional(Key), 'The sequence that the answer goes into, instead of the out sequence.')
  },
  read (element, reader) {
    const inner = element.child('endpoint')
    element.attribute('buildmessage')
    return omitUndefined({ endpoint: inner && reader.endpoint(inner), receive: readKey(element, 'receive', reader) })
  },
  write: ({ endpoint, receive }, writer) => [receive === undefined ? {} : writeKey('receive', receive), endpoint === undefined ? undefined : writer.endpoint(endpoint)],
  reads ({ endpoint, receive }, of) {
    const sent = { ...of.endpoint(endpoint), responds: endpoint !== undefined, passesOn: false }
    return receive === undefined ? sent : { ...inSequence({ ...sent, responds: true }, requirementsOfKey(receive, of)), passesOn: false }
  },
  build ({ endpoint, receive }, tools) {
    const target = tools.endpoint(endpoint ?? IMPLICIT_ENDPOINT)
    const received = receive === undefined ? undefined : sequenceFor(receive, tools)
    return message => {
      if (endpoint === undefined && isResponse(message)) return { to: 'client', message }
      return received === undefined ? sendToEndpoint(target, message) : receivedBy(received, sendToEndpoint(target, message))
    }
  }
})

/** The answer goes into a sequence of its own. Where that ends and sends it to nobody, nobody gets it. */
function * receivedBy (sequence: Mediator, sent: Flow<Step>): Flow<Step> {
  const answer = yield * sent
  if (answer.to !== 'out') return answer
  const result = sequence(answer.message)
  const step = 'to' in result ? result : yield * result
  return step.to === 'next' ? { to: 'end', message: step.message } : step
}
