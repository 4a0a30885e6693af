import { headerOf, withHeader, withoutHeaders, type Headers } from './headers.js'
import { EMPTY, type Message } from './message.js'
import { ADDRESSING, writeAddressing } from './soap/addressing.js'
import { convertEnvelope, unwrapBody, wrapBody } from './soap/convert.js'
import { appendBlocks, removeBlocks, splice } from './soap/edit.js'
import { addressingOf, bytesOf, envelopeOf, soapVersionOf, withStart } from './soap/read.js'
import { MEDIA_TYPE, type Version } from './soap/version.js'

/** What an endpoint wants a message to look like. */
export interface Dress {
  /** Which WS-Addressing it is sent with, if any. */
  readonly addressing?: 'final' | 'submission' | undefined
  /** What it is made, whatever it was. */
  readonly format?: 'soap11' | 'soap12' | 'pox' | 'get' | 'rest' | undefined
}

/** The Action of a message that names none, where the endpoint wants one (Apache Synapse 3.0.1, as measured). */
const NO_ACTION = 'urn:anonOutInOpResponse'

/**
 * The message as it goes to an endpoint at `uri`. Edits are made at the start of the message, at known places: its Body keeps its bytes.
 * A message that nobody reads keeps all of them.
 */
export function outgoing (message: Message, uri: string, dress: Dress, uuid: () => string): Message {
  const formed = dress.format === undefined ? message : inFormat(message, dress.format)
  const addressed = withAddressing(formed, uri, dress, uuid)
  const action = addressed.addressing.action
  const headers = withAction(addressed.headers, action, soapVersionOf(addressed))
  return headers === addressed.headers ? addressed : { ...addressed, headers }
}

/** Forced formats make a POST of SOAP, or plain XML of it, or a GET without a body (Synapse: Axis2FlexibleMEPClient). */
function inFormat (message: Message, format: NonNullable<Dress['format']>): Message {
  if (format === 'get') return { ...message, method: 'GET', headers: withoutHeaders(message.headers, 'content-type'), body: EMPTY }
  const envelope = envelopeOf(message)
  const bytes = bytesOf(message.body)
  if (format === 'pox' || format === 'rest') {
    return envelope === undefined ? message : { ...message, headers: withoutHeaders(withHeader(message.headers, 'Content-Type', 'application/xml; charset=UTF-8'), 'soapaction'), body: { kind: 'bytes', bytes: unwrapBody(bytes) } }
  }
  const version = format === 'soap11' ? '1.1' : '1.2'
  if (envelope?.version === version) return message
  const body = envelope === undefined ? wrapBody(bytes, version) : convertEnvelope(bytes, version)
  return { ...message, method: 'POST', headers: withHeader(message.headers, 'Content-Type', `${MEDIA_TYPE[version]}; charset=UTF-8`), body: { kind: 'bytes', bytes: body } }
}

function withAddressing (message: Message, uri: string, { addressing }: Dress, uuid: () => string): Message {
  const envelope = message.read ? envelopeOf(message) : undefined
  if (envelope === undefined) return message
  const theirs = addressingOf(message)
  const stale = message.properties['PRESERVE_WS_ADDRESSING'] === 'true' ? [] : theirs?.blocks ?? []
  if (addressing === undefined && stale.length === 0) return message
  const edits = removeBlocks(envelope, stale)
  const action = message.addressing.action || NO_ACTION
  if (addressing !== undefined) {
    const namespace = addressing === 'submission' ? ADDRESSING.submission : ADDRESSING.final
    edits.push(appendBlocks(envelope, writeAddressing({ to: uri, messageId: `urn:uuid:${uuid()}`, action }, namespace)))
  }
  const body = withStart(message.body, splice(bytesOf(message.body), edits))
  return addressing === undefined ? { ...message, body } : { ...message, body, addressing: { ...message.addressing, action } }
}

/** The Action as HTTP says it: a header in SOAP 1.1, a parameter of the type in SOAP 1.2. */
export function transportAction (headers: Headers): string | undefined {
  const header = headerOf(headers, 'soapaction')
  if (header !== undefined) return header.trim().replace(/^"(.*)"$/, '$1') || undefined
  return /;\s*action\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(headerOf(headers, 'content-type') ?? '')?.slice(1).find(Boolean)
}

function withAction (headers: Headers, action: string | undefined, version: Version | undefined): Headers {
  if (version === undefined || (transportAction(headers) ?? '') === (action ?? '')) return headers
  if (version === '1.1') return action ? withHeader(headers, 'SOAPAction', `"${action}"`) : withoutHeaders(headers, 'soapaction')
  const bare = (headerOf(headers, 'content-type') ?? '').replace(/;\s*action\s*=\s*("[^"]*"|[^\s;]+)/i, '')
  return withoutHeaders(withHeader(headers, 'Content-Type', action ? `${bare}; action="${action}"` : bare), 'soapaction')
}
