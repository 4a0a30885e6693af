import { headerOf, withHeader, withoutHeaders, type Headers } from '../message/headers.js'
import { NO_BODY, type Message } from '../message/message.js'
import { ADDRESSING, writeAddressing } from '../soap/addressing.js'
import { appendBlocks, removeBlocks, applyEdits } from '../soap/edit.js'
import { readFault } from '../soap/fault.js'
import { toPlainXml, toSoapVersion } from '../soap/convert-message.js'
import { addressingOf, bytesOf, documentOf, envelopeOf, scanOf, soapVersionOf, withStart } from '../soap/read.js'
import { contentTypeOf } from '../soap/content-type.js'
import { encodeMessage } from '../soap/encode-message.js'
import { blocksWithGroupId } from '../soap/axis2-session.js'
import { inMessageType } from '../json/convert-message.js'
import { MEDIA_TYPE } from '../message/soap-version.js'
import {
  charsetIn,
  faultsSucceed,
  isWrittenPlain,
  keepsAddressing,
  statusIn,
  withMessageType
} from '../message/well-known-properties.js'

/**
 * The Action of a response without one, for a client that uses WS-Addressing.
 * @see Apache Synapse 3.0.1, as measured
 */
const NO_ACTION = 'urn:mediateResponse'

const DESCRIBES_BODY = /^content-(type|encoding)$/i

/** The response to a client if nothing was sent and nothing failed. */
export const acceptedResponse = (request: Message): Message => ({
  ...request,
  direction: 'response',
  status: 202,
  headers: [],
  body: NO_BODY
})

/**
 * Returns the response as the client receives it: in the client's format, with the addressing that the client uses, and
 * without the client's own headers. A response that no step reads keeps all bytes, unless it is in the other version of
 * SOAP.
 */
export function clientResponse (request: Message, message: Message, uuid: () => string): Message {
  const status = statusOf(message)
  const headers = message.status === undefined ? ownHeaders(request, message) : message.headers
  const converted = convertForClient(request, { ...message, direction: 'response', status, headers })
  const addressed = withReplyAddressing(request, converted, uuid)
  const charset = charsetIn(message)
  return withMessageType(charset === undefined ? addressed : encodeMessage(addressed, charset))
}

/**
 * HTTP_SC, else the status of the endpoint's response, else 500 for a fault and 200 for other messages.
 * @see Apache Synapse, PassThroughTransportUtils
 */
function statusOf (message: Message): number {
  const ownStatus = statusIn(message) ?? (message.axis2['HTTP_SC'] === '' ? undefined : message.status)
  return ownStatus ?? (isFault(message) && !faultsSucceed(message) ? 500 : 200)
}

/** A fault that was made here, or one of a back-end that something reads. */
function isFault (message: Message): boolean {
  if (message.fault === true) return true
  const envelope = message.read && message.body.kind === 'bytes' ? envelopeOf(message) : undefined
  if (envelope === undefined) return false
  const { bytes, charset } = documentOf(message)
  return readFault(bytes, undefined, { charset }) !== undefined
}

/**
 * The headers that mediation has set on a message that becomes a response here: the client's own headers are not
 * echoed.
 */
function ownHeaders (request: Message, message: Message): Headers {
  const sent = new Set(fieldsOf(request.headers).map(keyOf))
  const ownFields = fieldsOf(message.headers).filter(field => !sent.has(keyOf(field)) || DESCRIBES_BODY.test(field[0]))
  const type = contentTypeFor(message)
  const headers = ownFields.flat()
  return message.body.kind === 'none'
    ? withoutHeaders(headers, 'content-type', 'content-encoding')
    : type === undefined
      ? headers
      : withHeader(headers, 'Content-Type', type)
}

const fieldsOf = (headers: Headers): [name: string, value: string][] =>
  headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]!] as [string, string]] : []))
const keyOf = ([name, value]: readonly [string, string]): string => `${name.toLowerCase()}: ${value}`

/** The Content-Type of a body made here. */
function contentTypeFor (message: Message): string | undefined {
  const contentType = headerOf(message.headers, 'content-type')
  const scan = scanOf(message)
  if (scan?.kind === 'plain') return contentTypeOf(contentType).xml ? contentType : 'application/xml; charset=UTF-8'
  if (
    scan?.kind !== 'envelope' ||
    scan.part !== undefined ||
    contentType?.toLowerCase().startsWith(MEDIA_TYPE[scan.version])
  ) {
    return contentType
  }
  return `${MEDIA_TYPE[scan.version]}; charset=UTF-8`
}

/**
 * Converts a complete message for its client: to SOAP in the client's version, or to plain XML for a client without
 * SOAP or where messageType requires it. A response that no step reads changes its version only. A fault made here
 * keeps its version.
 */
function convertForClient (request: Message, message: Message): Message {
  if (message.body.kind !== 'bytes') return message
  const converted = inMessageType(message)
  if (converted !== message) return converted
  const [clientVersion, version] = [soapVersionOf(request), soapVersionOf(message)]
  const isRead = message.read || message.fault === true
  if (isWrittenPlain(message) || (clientVersion === undefined && isRead && !hasParts(message))) {
    return version === undefined ? message : toPlainXml(message)
  }
  if (clientVersion === undefined || clientVersion === version || message.fault === true || hasParts(message)) {
    return message
  }
  const kind = version !== undefined || isRead ? scanOf(message)?.kind : undefined
  return kind === 'envelope' || (kind === 'plain' && isRead) ? toSoapVersion(message, clientVersion) : message
}

/** Messages with attachments are not converted. @see WSO2, Axis2Sender */
const hasParts = (message: Message): boolean => envelopeOf(message)?.part !== undefined

/**
 * A client that uses WS-Addressing receives MessageID, Action and RelatesTo. The addressing of the endpoint is removed,
 * except for blocks that name the client's session.
 */
function withReplyAddressing (request: Message, message: Message, uuid: () => string): Message {
  if ((!message.read && message.fault !== true) || keepsAddressing(message)) return message
  const envelope = envelopeOf(message)
  if (envelope === undefined) return message
  const keptBlocks = blocksWithGroupId(envelope.blocks)
  const edits = removeBlocks(
    envelope,
    (addressingOf(message)?.blocks ?? []).filter(block => !keptBlocks.includes(block))
  )
  const client = request.read || message.fault === true ? addressingOf(request) : undefined
  if (client !== undefined && client.blocks.length > 0) {
    const { messageId, replyTo } = client.addressing
    edits.push(
      appendBlocks(
        envelope,
        writeAddressing({
          // A client of the Submission without ReplyTo expects no reply addressing (Apache Axis2, AddressingInHandler).
          replyTo:
            client.namespace === ADDRESSING.submission && replyTo === undefined
              ? `${ADDRESSING.final}/none`
              : undefined,
          messageId: `urn:uuid:${uuid()}`,
          action:
            (message.fault === true
              ? (client.addressing.action ?? request.addressing.action)
              : message.addressing.action) || NO_ACTION,
          relatesTo: messageId
        })
      )
    )
  }
  return edits.length === 0
    ? message
    : { ...message, body: withStart(message.body, applyEdits(bytesOf(message.body), edits)) }
}
