import { Type } from '@sinclair/typebox'
import { told } from '../contracts/fields.js'
import { sentTo } from '../pipeline/chain.js'
import type { Flow } from '../contracts/flow.js'
import { mediator, present, type Mediator, type Step } from '../contracts/kind.js'
import { after } from '../pipeline/read-depth.js'
import { isAnswer } from '../message/well-known-properties.js'
import { Key, needsOfKey, readKey, sequenceFor, writeKey } from './sequence.js'

/** Whom a message goes to where nobody is named: whoever is at the address in its To. */
export const ADDRESSEE = { kind: 'default', name: 'To' }

/** Ends the sequence: an answer goes to the client; a request to an endpoint, and what that answers into the out sequence. */
export const send = mediator({
  name: 'send',
  about: 'Sends a request to an endpoint, or to the address in To, and its answer into the out sequence; sends an answer to the client.',
  fields: {
    endpoint: told(Type.Optional(Type.Ref('Endpoint')), 'Who is asked; unset: the client for an answer, whom To names for a request.'),
    receive: told(Type.Optional(Key), 'The sequence that the answer goes into, instead of the out sequence.')
  },
  read (element, reader) {
    const inner = element.child('endpoint')
    element.attribute('buildmessage')
    return present({ endpoint: inner && reader.endpoint(inner), receive: readKey(element, 'receive', reader) })
  },
  write: ({ endpoint, receive }, writer) => [receive === undefined ? {} : writeKey('receive', receive), endpoint === undefined ? undefined : writer.endpoint(endpoint)],
  needs ({ endpoint, receive }, of) {
    const sent = { ...of.endpoint(endpoint), answered: endpoint !== undefined, passed: false }
    return receive === undefined ? sent : { ...after({ ...sent, answered: true }, needsOfKey(receive, of)), passed: false }
  },
  build ({ endpoint, receive }, tools) {
    const target = tools.endpoint(endpoint ?? ADDRESSEE)
    const received = receive === undefined ? undefined : sequenceFor(receive, tools)
    return message => {
      if (endpoint === undefined && isAnswer(message)) return { to: 'client', message }
      return received === undefined ? sentTo(target, message) : receivedBy(received, sentTo(target, message))
    }
  }
})

/** The answer goes into a sequence of its own. Where that ends and sends it to nobody, nobody gets it. */
function * receivedBy (sequence: Mediator, sent: Flow<Step>): Flow<Step> {
  const answer = yield * sent
  if (answer.to !== 'out') return answer
  const result = sequence(answer.message)
  const step = 'to' in result ? result : yield * result
  return step.to === 'next' ? { to: 'nowhere', message: step.message } : step
}
