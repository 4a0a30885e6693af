import { fault, MediationError } from '../../message/fault.js'
import { containsLineBreak, headerOf, withHeader, withoutHeaders, type Headers } from '../../message/headers.js'
import { NO_BODY, type Message } from '../../message/message.js'
import { ADDRESSING, writeAddressing } from '../../soap/addressing.js'
import { appendBlocks, removeBlocks, applyEdits } from '../../soap/edit.js'
import { toPlainXml, toSoapVersion } from '../../soap/convert-message.js'
import { contentTypeOf, unquoted } from '../../soap/content-type.js'
import { addressingOf, bytesOf, envelopeOf, soapVersionOf, withStart } from '../../soap/read.js'
import { inMessageType, withXml } from '../../json/convert-message.js'
import { isJson } from '../../json/json-message.js'
import {
  hidesBody,
  isWrittenPlain,
  keepsAddressing,
  withMessageType,
  withoutBody
} from '../../message/well-known-properties.js'

/** The form of the messages for an endpoint. */
export interface EndpointFormat {
  /** The version of WS-Addressing, if any. `asClient`: the version of the client; 1.0 if the client uses none. */
  readonly addressing?: 'final' | 'submission' | 'asClient' | undefined
  /** The format that every message is converted to. Default: none. */
  readonly format?: 'soap11' | 'soap12' | 'pox' | 'get' | 'rest' | undefined
}

/**
 * The Action of a message without one, for an endpoint with addressing.
 * @see Apache Synapse 3.0.1, as measured
 */
const NO_ACTION = 'urn:anonOutInOpResponse'

/**
 * Returns the message as it is sent to an endpoint at `uri`. Edits are made in the Header only: the Body keeps its
 * bytes. A message that no step reads keeps all of them.
 * @throws MediationError for a message that cannot be converted to the endpoint's format, or an Action that no HTTP
 * header can contain
 */
export function endpointRequest (
  message: Message,
  uri: string,
  { addressing, format }: EndpointFormat,
  uuid: () => string
): Message {
  const inType = inMessageType(message)
  const plain = inType === message && isWrittenPlain(message) ? withoutEnvelope(message) : inType
  const formatted = format === undefined ? plain : inFormat(message, format)
  const addressed = withTransportAction(withAddressing(formatted, uri, addressing, uuid))
  return withMessageType(hidesBody(addressed) ? withoutBody(addressed) : addressed)
}

/**
 * A format makes a POST of SOAP, or plain XML of it, or a GET without a body.
 * @see Apache Synapse, Axis2FlexibleMEPClient
 */
function inFormat (message: Message, format: NonNullable<EndpointFormat['format']>): Message {
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
      return { ...withActionParameter(toSoapVersion(withoutJson(message), '1.2'), message), method: 'POST' }
    default:
      return withoutEnvelope(message)
  }
}

/** JSON becomes XML before it becomes SOAP. */
const withoutJson = (message: Message): Message =>
  message.body.kind === 'bytes' && isJson(message) ? withXml(message) : message

const withoutEnvelope = (message: Message): Message => withoutSoapAction(toPlainXml(message), message)

/** A message that is no longer SOAP 1.1 has no SOAPAction. */
const withoutSoapAction = (message: Message, before: Message): Message =>
  message === before ? message : { ...message, headers: withoutHeaders(message.headers, 'soapaction') }

/**
 * Replaces the sender's WS-Addressing by that of the endpoint, if it has any. Blocks of the sender that are kept are
 * not written twice.
 */
function withAddressing (
  message: Message,
  uri: string,
  version: EndpointFormat['addressing'],
  uuid: () => string
): Message {
  const envelope = message.read ? envelopeOf(message) : undefined
  if (envelope === undefined) return message
  const client = addressingOf(message)
  const clientBlocks = client?.blocks ?? []
  const keptBlocks = keepsAddressing(message) ? clientBlocks : []
  const edits = keptBlocks.length > 0 ? [] : removeBlocks(envelope, clientBlocks)
  const action = version === undefined ? message.addressing.action : message.addressing.action || NO_ACTION
  if (version !== undefined) {
    const namespace = version === 'asClient' ? client?.namespace ?? ADDRESSING.final : ADDRESSING[version]
    const isKept = (name: string): boolean =>
      keptBlocks.some(block => block.name === name && block.namespace === namespace)
    const fields = {
      to: isKept('To') ? undefined : uri,
      messageId: isKept('MessageID') ? undefined : `urn:uuid:${uuid()}`,
      action: isKept('Action') ? undefined : action
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

/** The Action in the HTTP headers. */
export const transportAction = (headers: Headers): string | undefined =>
  unquoted(headerOf(headers, 'soapaction')) || contentTypeOf(headerOf(headers, 'content-type')).action

const ACTION_PARAMETER = /;\s*action\s*=\s*(?:"([^"]*)"|([^\s;]+))/i

/** Makes the Action in the HTTP headers that of the message. */
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
  return { ...message, headers: withoutHeaders(withContentTypeAction(action, headers), 'soapaction') }
}

/**
 * A message converted to SOAP 1.2 has its Action in the Content-Type. A SOAPAction with the same value is forwarded
 * beside it.
 * @see Apache Synapse 3.0.1, as measured
 */
const withActionParameter = (message: Message, before: Message): Message =>
  message === before
    ? message
    : { ...message, headers: withContentTypeAction(message.addressing.action ?? '', message.headers) }

const withContentTypeAction = (action: string, headers: Headers): Headers => {
  const bare = (headerOf(headers, 'content-type') ?? '').replace(ACTION_PARAMETER, '')
  return withHeader(headers, 'Content-Type', action === '' ? bare : `${bare}; action=${quoted(action)}`)
}

/** @throws MediationError UNREADABLE for a character that would break the head of the request */
function quoted (action: string): string {
  if (containsLineBreak(action)) {
    throw new MediationError(
      fault('UNREADABLE', 'the Action of the message has a line break or a control character in it')
    )
  }
  return `"${action.replace(/["\\]/g, '\\$&').replace(/[^\0-\xff]/gu, '?')}"`
}
