import { fault, MediationError } from '../message/fault.js'
import { containsLineBreak, headerOf, withHeader, withoutHeaders, type Headers } from '../message/headers.js'
import { NO_BODY, type Message } from '../message/message.js'
import { ADDRESSING, writeAddressing } from '../soap/addressing.js'
import { appendBlocks, removeBlocks, applyEdits } from '../soap/edit.js'
import { toPlainXml, toSoapVersion } from '../soap/convert-message.js'
import { contentTypeOf, unquoted } from '../soap/content-type.js'
import { addressingOf, bytesOf, envelopeOf, soapVersionOf, withStart } from '../soap/read.js'
import { inMessageType, withXml } from '../json/convert-message.js'
import { isJson } from '../json/json-message.js'
import {
  hidesBody,
  isWrittenPlain,
  keepsAddressing,
  withMessageType,
  withoutBody
} from '../message/well-known-properties.js'

/** What an endpoint wants a message to look like. */
export interface UpstreamFormat {
  /** Which WS-Addressing it is sent with, if any. `asClient`: that of the client; 1.0 if the client uses none. */
  readonly addressing?: 'final' | 'submission' | 'asClient' | undefined
  /** What it is made, whatever it was. */
  readonly format?: 'soap11' | 'soap12' | 'pox' | 'get' | 'rest' | undefined
}

/** The Action of a message that names none, where the endpoint wants one (Apache Synapse 3.0.1, as measured). */
const NO_ACTION = 'urn:anonOutInOpResponse'

/**
 * The message as it goes to an endpoint at `uri`. Edits are made at the start of the message, at known places: its
 * Body keeps its bytes.
 * A message that nobody reads keeps all of them.
 * @throws MediationError for a message that cannot take the form that the endpoint wants, or an Action that no header
 * can hold
 */
export function upstreamRequest (
  message: Message,
  uri: string,
  { addressing, format }: UpstreamFormat,
  uuid: () => string
): Message {
  const typed = inMessageType(message)
  const plain = typed === message && isWrittenPlain(message) ? withoutEnvelope(message) : typed
  const formed = format === undefined ? plain : inFormat(message, format)
  const addressed = withTransportAction(withAddressing(formed, uri, addressing, uuid))
  return withMessageType(hidesBody(addressed) ? withoutBody(addressed) : addressed)
}

/**
 * Forced formats make a POST of SOAP, or plain XML of it, or a GET without a body (Synapse: Axis2FlexibleMEPClient).
 */
function inFormat (message: Message, format: NonNullable<UpstreamFormat['format']>): Message {
  switch (format) {
    case 'get':
      return {
        ...message,
        method: 'GET',
        headers: withoutHeaders(message.headers, 'content-type', 'content-encoding'),
        body: NO_BODY
      }
    case 'soap11':
      return { ...toSoapVersion(withoutJson(message), '1.1'), method: 'POST' }
    case 'soap12':
      return { ...withParameter(toSoapVersion(withoutJson(message), '1.2'), message), method: 'POST' }
    default:
      return withoutEnvelope(message)
  }
}

/** JSON becomes XML before it becomes SOAP. */
const withoutJson = (message: Message): Message =>
  message.body.kind === 'bytes' && isJson(message) ? withXml(message) : message

const withoutEnvelope = (message: Message): Message => withoutSoapAction(toPlainXml(message), message)

/** What is not SOAP 1.1 any more does not say so. */
const withoutSoapAction = (message: Message, before: Message): Message =>
  message === before ? message : { ...message, headers: withoutHeaders(message.headers, 'soapaction') }

/**
 * Its own WS-Addressing, if the endpoint wants any, in place of the sender's. What the sender's may keep stays once.
 */
function withAddressing (
  message: Message,
  uri: string,
  wanted: UpstreamFormat['addressing'],
  uuid: () => string
): Message {
  const envelope = message.read ? envelopeOf(message) : undefined
  if (envelope === undefined) return message
  const client = addressingOf(message)
  const theirs = client?.blocks ?? []
  const kept = keepsAddressing(message) ? theirs : []
  const edits = kept.length > 0 ? [] : removeBlocks(envelope, theirs)
  const action = wanted === undefined ? message.addressing.action : message.addressing.action || NO_ACTION
  if (wanted !== undefined) {
    const namespace = wanted === 'asClient' ? client?.namespace ?? ADDRESSING.final : ADDRESSING[wanted]
    const has = (name: string): boolean => kept.some(block => block.name === name && block.namespace === namespace)
    const fields = {
      to: has('To') ? undefined : uri,
      messageId: has('MessageID') ? undefined : `urn:uuid:${uuid()}`,
      action: has('Action') ? undefined : action
    }
    edits.push(appendBlocks(envelope, writeAddressing(fields, namespace)))
  }
  if (edits.length === 0) return message
  return {
    ...message,
    addressing: { ...message.addressing, action },
    body: withStart(message.body, applyEdits(bytesOf(message.body), edits))
  }
}

/** The Action as HTTP says it. */
export const transportAction = (headers: Headers): string | undefined =>
  unquoted(headerOf(headers, 'soapaction')) || contentTypeOf(headerOf(headers, 'content-type')).action

const PARAMETER = /;\s*action\s*=\s*(?:"([^"]*)"|([^\s;]+))/i

/** HTTP says the same Action as the message. */
function withTransportAction (message: Message): Message {
  const {
    headers,
    addressing: { action = '' }
  } = message
  const version = soapVersionOf(message)
  if (version === undefined || (transportAction(headers) ?? '') === action) return message
  if (version === '1.1') {
    return {
      ...message,
      headers:
        action === '' ? withoutHeaders(headers, 'soapaction') : withHeader(headers, 'SOAPAction', quoted(action))
    }
  }
  return { ...message, headers: withoutHeaders(typedWith(action, headers), 'soapaction') }
}

/**
 * What has become SOAP 1.2 says its Action as that does; a SOAPAction that says the same goes on beside it (Apache
 * Synapse 3.0.1, as measured).
 */
const withParameter = (message: Message, before: Message): Message =>
  message === before ? message : { ...message, headers: typedWith(message.addressing.action ?? '', message.headers) }

const typedWith = (action: string, headers: Headers): Headers => {
  const bare = (headerOf(headers, 'content-type') ?? '').replace(PARAMETER, '')
  return withHeader(headers, 'Content-Type', action === '' ? bare : `${bare}; action=${quoted(action)}`)
}

/** @throws MediationError UNREADABLE for what would break the head of the request */
function quoted (action: string): string {
  if (containsLineBreak(action)) {
    throw new MediationError(
      fault('UNREADABLE', 'the Action of the message has a line break or a control character in it')
    )
  }
  return `"${action.replace(/["\\]/g, '\\$&').replace(/[^\0-\xff]/gu, '?')}"`
}
