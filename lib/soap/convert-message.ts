import { fault, MediationError } from '../message/fault.js'
import { withHeader, withoutHeaders } from '../message/headers.js'
import { NO_BODY, type Message } from '../message/message.js'
import { escapeText } from '../xml/escape.js'
import { convertEnvelope, unwrapBody, wrapBody } from './convert-envelope.js'
import { readFault, writeException } from './fault.js'
import { bytesOf, envelopeOf, scanOf, typeOf } from './read.js'
import { MEDIA_TYPE, type Version } from '../message/soap-version.js'

/** Returns the message with other bytes and their Content-Type. Default of the encoding: that of the message. */
function withConvertedEnvelope (
  message: Message,
  media: string,
  bytes: Buffer,
  charset: string | undefined = typeOf(message).charset
): Message {
  if (bytes.length === 0) {
    return { ...message, headers: withoutHeaders(message.headers, 'content-type'), body: NO_BODY }
  }
  return {
    ...message,
    headers: withHeader(
      message.headers,
      'Content-Type',
      charset === undefined ? media : `${media}; charset=${charset}`
    ),
    body: { kind: 'bytes', bytes }
  }
}

/** The other parts of a MIME message refer to its root in ways that are not known here. */
const inParts = (): MediationError =>
  new MediationError(fault('UNREADABLE', 'the message has attachments, so it cannot be sent in another form'))

/**
 * Converts a whole message to SOAP of this version; plain XML becomes its Body. A message without a body stays as it
 * is.
 * @throws MediationError if the message is not XML
 */
export function toSoapVersion (message: Message, version: Version): Message {
  const media = MEDIA_TYPE[version]
  if (message.body.kind === 'none') {
    return { ...message, headers: withHeader(message.headers, 'Content-Type', `${media}; charset=UTF-8`) }
  }
  const envelope = envelopeOf(message)
  if (envelope?.version === version) return message
  if (envelope?.part !== undefined) throw inParts()
  const bytes = bytesOf(message.body)
  if (envelope !== undefined) {
    return withConvertedEnvelope(
      message,
      media,
      convertEnvelope(bytes, version, { charset: typeOf(message).charset })
    )
  }
  if (scanOf(message)?.kind !== 'plain') {
    throw new MediationError(fault('UNREADABLE', 'the message is not XML, so it cannot be sent as SOAP'))
  }
  return withConvertedEnvelope(message, media, wrapBody(bytes, version, { charset: typeOf(message).charset }))
}

/**
 * Converts a whole SOAP message to plain XML. A fault becomes an Exception with its detail, or its reason. Other
 * messages stay as they are.
 * @see Apache Synapse, POXUtils
 */
export function toPlainXml (message: Message): Message {
  const envelope = envelopeOf(message)
  if (envelope === undefined) return message
  if (envelope.part !== undefined) throw inParts()
  const [bytes, charset] = [bytesOf(message.body), typeOf(message).charset]
  const theirs = readFault(bytes, envelope, { charset })
  return theirs === undefined
    ? withConvertedEnvelope(message, 'application/xml', unwrapBody(bytes, { charset }))
    : withConvertedEnvelope(
      message,
      'application/xml',
      Buffer.from(writeException((theirs.hasDetailText && theirs.detail) || escapeText(theirs.reason))),
      'UTF-8'
    )
}
