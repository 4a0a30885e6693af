import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { runPart } from '../../pipeline/chain.js'
import { sendToEndpoint } from '../../pipeline/send-and-receive.js'
import type { Endpoint } from '../../contracts/endpoint.js'
import type { Flow } from '../../contracts/flow.js'
import { mediator } from '../../contracts/kind.js'
import type { Mediator, Step } from '../../contracts/mediator.js'
import { atDepthOf } from '../../pipeline/nesting.js'
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
  build ({ endpoint, receive }, context) {
    const target = context.endpoint(endpoint ?? IMPLICIT_ENDPOINT)
    const received = receive === undefined ? undefined : sequenceFor(receive, context)
    return message => {
      if (endpoint === undefined && isResponse(message)) return { to: 'client', message }
      return received === undefined ? sendToEndpoint(target, message) : receivedBy(received, target, message)
    }
  }
})

/** Waits for the response of a request, which continues; it is as deep as the request was. */
function * receive (sent: Flow<Step>, request: Message): Flow<Step> {
  const step = yield * sent
  return step.to === 'out' ? { to: 'next', message: atDepthOf(request, step.message) } : step
}

/** Runs a sequence on the response. A response that the sequence does not send is dropped. */
const receivedBy = (sequence: Mediator, target: Endpoint, request: Message): Flow<Step> =>
  runPart([message => receive(sendToEndpoint(target, message), message), sequence], request, step =>
    step.to === 'next' ? { to: 'end', message: step.message } : step
  )
