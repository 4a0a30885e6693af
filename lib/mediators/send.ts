import { Type } from '@sinclair/typebox'
import { told } from '../fields.js'
import { sentTo } from '../chain.js'
import { mediator, present } from '../kind.js'
import { isAnswer } from '../well-known.js'

/** Whom a message goes to where nobody is named: whoever is at the address in its To. */
export const ADDRESSEE = { kind: 'default', name: 'To' }

/** Ends the sequence: an answer goes to the client; a request to an endpoint, and what that answers into the out sequence. */
export const send = mediator({
  name: 'send',
  about: 'Sends a request to an endpoint, or to the address in To, and its answer into the out sequence; sends an answer to the client.',
  fields: { endpoint: told(Type.Optional(Type.Ref('Endpoint')), 'Who is asked; unset: the client for an answer, whom To names for a request.') },
  read (element, reader) {
    const inner = element.child('endpoint')
    element.attribute('buildmessage')
    if (element.attribute('receive') !== undefined) reader.problem(element, 'send receive="…" is not supported', 'use <call> and go on after it')
    return present({ endpoint: inner && reader.endpoint(inner) })
  },
  write: ({ endpoint }, writer) => [{}, endpoint === undefined ? undefined : writer.endpoint(endpoint)],
  needs: ({ endpoint }, of) => ({ ...of.endpoint(endpoint), answered: endpoint !== undefined, passed: false }),
  build ({ endpoint }, tools) {
    const target = tools.endpoint(endpoint ?? ADDRESSEE)
    return message => endpoint === undefined && isAnswer(message) ? { to: 'client', message } : sentTo(target, message)
  }
})
