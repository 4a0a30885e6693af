import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { continued } from '../../pipeline/branches.js'
import { sendToEndpoint } from '../../pipeline/send-and-receive.js'
import type { Flow } from '../../contracts/flow.js'
import { mediator } from '../../contracts/kind.js'
import type { Mediator, Step } from '../../contracts/mediator.js'
import { atDepthOf, nested } from '../../pipeline/nesting.js'
import { inSequence } from '../../pipeline/read-depth.js'
import type { Message } from '../../message/message.js'
import { isResponse } from '../../message/well-known-properties.js'
import { Key, requirementsOfKey, readKey, sequenceFor, writeKey } from '../core/sequence.js'

/** The endpoint of a message without one: the address in its To. */
export const IMPLICIT_ENDPOINT = { kind: 'default', name: 'To' }

/** Ends the sequence. A response goes to the client; a request to an endpoint, and its response to the out sequence. */
export const send = mediator({
  name: 'send',
  description:
    'Sends a request to an endpoint, and its response to the out sequence. Sends a response to the client.',
  fields: {
    endpoint: describe(
      Type.Optional(Type.Ref('Endpoint')),
      'Destination. Default: the client for a response, the address in To for a request.'
    ),
    receive: describe(Type.Optional(Key), 'Sequence for the response. Default: the out sequence.')
  },
  read (element, reader) {
    const inner = element.child('endpoint')
    element.attribute('buildmessage')
    return omitUndefined({ endpoint: inner && reader.endpoint(inner), receive: readKey(element, 'receive', reader) })
  },
  write: ({ endpoint, receive }, writer) => [
    receive === undefined ? {} : writeKey('receive', receive),
    endpoint === undefined ? undefined : writer.endpoint(endpoint)
  ],
  reads ({ endpoint, receive }, of) {
    const sent = { ...of.endpoint(endpoint ?? IMPLICIT_ENDPOINT), responds: endpoint !== undefined, passesOn: false }
    if (receive === undefined) return sent
    return { ...inSequence({ ...sent, responds: true }, requirementsOfKey(receive, of)), passesOn: false }
  },
  build ({ endpoint, receive }, tools) {
    const target = tools.endpoint(endpoint ?? IMPLICIT_ENDPOINT)
    const received = receive === undefined ? undefined : sequenceFor(receive, tools)
    return message => {
      if (endpoint === undefined && isResponse(message)) return { to: 'client', message }
      const sent = sendToEndpoint(target, message)
      return received === undefined ? sent : receivedBy(received, sent, message)
    }
  }
})

/** Runs a sequence on the response. A response that the sequence does not send is dropped. */
function * receivedBy (sequence: Mediator, sent: Flow<Step>, request: Message): Flow<Step> {
  const response = yield * sent
  if (response.to !== 'out') return response
  const result = sequence(nested(atDepthOf(request, response.message), 'the sequence that receives the response'))
  return yield * continued('to' in result ? result : yield * result, step =>
    step.to === 'next' ? { to: 'end', message: step.message } : step
  )
}
