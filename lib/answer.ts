import type { Fault } from './fault.js'
import { headerOf, withHeader, type Headers } from './headers.js'
import { EMPTY, type Message } from './message.js'
import { ADDRESSING, writeAddressing } from './soap/addressing.js'
import { convertEnvelope } from './soap/convert.js'
import { appendBlocks, removeBlocks, splice } from './soap/edit.js'
import { writeException, writeFault } from './soap/fault.js'
import { addressingOf, bytesOf, envelopeOf, isXml, scanOf, soapVersionOf, withStart } from './soap/read.js'
import { MEDIA_TYPE, SOAP_NAMESPACE } from './soap/version.js'

/** The Action of an answer that names none, for a client that speaks WS-Addressing (Apache Synapse 3.0.1, as measured). */
const NO_ACTION = 'urn:mediateResponse'

/** What a client gets where nothing was sent and nothing went wrong. */
export const accepted = (request: Message): Message =>
  ({ ...request, direction: 'response', status: 202, headers: [], body: EMPTY })

/**
 * The message as its client gets it: in its SOAP version, with the addressing that it speaks, and of what it sent itself nothing.
 * An answer of an endpoint that nobody reads keeps all its bytes.
 */
export function answer (request: Message, message: Message, uuid: () => string): Message {
  const made = message.status === undefined
  const status = statusOf(message)
  const headers = made ? ownHeaders(request, message) : message.headers
  return addressed(request, inVersionOf(request, { ...message, direction: 'response', status, headers }), uuid)
}

/** HTTP_SC stands above all; else what the endpoint said; else a fault is a 500 (Apache Synapse, PassThroughTransportUtils). */
function statusOf ({ axis2, status, fault }: Message): number {
  const wanted = Number(axis2['HTTP_SC'])
  if (axis2['HTTP_SC'] !== undefined && Number.isInteger(wanted) && wanted >= 200 && wanted <= 599) return wanted
  return status ?? (fault === true && String(axis2['FAULTS_AS_HTTP_200']).toUpperCase() !== 'TRUE' ? 500 : 200)
}

/** Of the headers of a message that turns round here, those that mediation set: what the client sent is not sent back to it. */
function ownHeaders (request: Message, message: Message): Headers {
  const sent = new Set<string>()
  for (let at = 0; at < request.headers.length; at += 2) sent.add(`${request.headers[at]!.toLowerCase()}: ${request.headers[at + 1]}`)
  const own = message.headers.filter((_, at) => !sent.has(`${message.headers[at - at % 2]!.toLowerCase()}: ${message.headers[at - at % 2 + 1]}`))
  const type = typeOf(message)
  return type === undefined ? own : withHeader(own, 'Content-Type', type)
}

/** What the body of a message made here is called. */
function typeOf (message: Message): string | undefined {
  if (message.body.kind === 'none') return undefined
  const seen = scanOf(message)
  if (seen?.kind === 'envelope') return withCharset(MEDIA_TYPE[seen.version], message)
  const type = headerOf(message.headers, 'content-type')
  return seen?.kind === 'plain' && !isXml(type) ? 'application/xml; charset=UTF-8' : type
}

const withCharset = (type: string, message: Message): string => {
  const given = headerOf(message.headers, 'content-type')
  return message.fault !== true && given?.toLowerCase().startsWith(type) ? given : `${type}; charset=UTF-8`
}

/** A SOAP client that would get the other version of SOAP gets its own, where the whole message is here. */
function inVersionOf (request: Message, message: Message): Message {
  const wanted = soapVersionOf(request)
  const is = soapVersionOf(message)
  if (wanted === undefined || is === undefined || is === wanted || message.body.kind !== 'bytes' || message.fault === true || envelopeOf(message) === undefined) return message
  return {
    ...message,
    headers: withHeader(message.headers, 'Content-Type', `${MEDIA_TYPE[wanted]}; charset=UTF-8`),
    body: { kind: 'bytes', bytes: convertEnvelope(message.body.bytes, wanted) }
  }
}

/** A client whose WS-Addressing was read gets MessageID, Action and RelatesTo; nobody gets the addressing of an endpoint. */
function addressed (request: Message, message: Message, uuid: () => string): Message {
  if (!message.read && message.fault !== true) return message
  const envelope = envelopeOf(message)
  if (envelope === undefined) return message
  const stale = addressingOf(message)?.blocks ?? []
  const client = addressingOf(request)
  const messageId = client?.addressing.messageId
  const speaksIt = (request.read || message.fault === true) && client !== undefined && client.blocks.length > 0
  if (stale.length === 0 && !speaksIt) return message
  const edits = removeBlocks(envelope, stale)
  if (speaksIt) {
    const action = (message.fault === true ? client.addressing.action ?? request.addressing.action : message.addressing.action) || NO_ACTION
    edits.push(appendBlocks(envelope, writeAddressing({ messageId: `urn:uuid:${uuid()}`, action, relatesTo: messageId }, ADDRESSING.final)))
  }
  return { ...message, body: withStart(message.body, splice(bytesOf(message.body), edits)) }
}

/** A fault for a client whom no fault sequence answered: in its version of SOAP, as XML for one that sent XML, else as plain text. */
export function faultFor (request: Message, { code, reason, status = 500 }: Fault): Message {
  const version = soapVersionOf(request)
  const [type, text] = version !== undefined
    ? [MEDIA_TYPE[version], writeFault({ version, code: { prefix: 'soapenv', namespace: SOAP_NAMESPACE[version], name: version === '1.1' ? 'Server' : 'Receiver' }, reason, detail: `<code>${code}</code>` })]
    : isXml(headerOf(request.headers, 'content-type')) ? ['application/xml', writeException(reason)] : ['text/plain', `${reason}\n`]
  return {
    ...request,
    direction: 'response',
    status,
    fault: true,
    headers: ['Content-Type', `${type}; charset=UTF-8`],
    body: { kind: 'bytes', bytes: Buffer.from(text) }
  }
}
