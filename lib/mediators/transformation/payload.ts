import { MediationError, mediationError } from '../../message/fault.js'
import { headerOf, withHeader, withoutHeaders } from '../../message/headers.js'
import { NO_BODY, type Message, type Properties } from '../../message/message.js'
import { MEDIA_TYPE, SOAP_NAMESPACE, versionOf, type Version } from '../../message/soap-version.js'
import { without } from '../../message/well-known-properties.js'
import { jsonOfXml } from '../../json/convert-message.js'
import { isJson, isJsonType, withJson, withText } from '../../json/json-message.js'
import { wrapBody } from '../../soap/convert-envelope.js'
import { withoutDefault } from '../../soap/edit.js'
import { bytesOf, envelopeOf, soapVersionOf, typeOf } from '../../soap/read.js'
import { inAscii } from '../../xml/escape.js'
import { isContent } from '../../xml/fragment.js'
import { readTree } from '../../xpath/tree.js'

/**
 * Replaces what a message carries by XML: the content of its Body, or the document. An envelope replaces the message.
 * @throws MediationError for text that is not one element
 */
export function withXmlPayload (message: Message, xml: string): Message {
  const version = envelopeVersion(xml)
  if (version !== undefined) return withBytes(message, MEDIA_TYPE[version], Buffer.from(xml))
  const envelope = envelopeOf(message)
  if (envelope === undefined) {
    const current = soapVersionOf(message)
    if (current !== undefined) return withBytes(message, MEDIA_TYPE[current], wrapBody(Buffer.from(xml), current))
    const { type, xml: isXml } = typeOf(message)
    return withBytes(message, isXml ? type : 'application/xml', Buffer.from(xml))
  }
  const { prefix, rest, part, scope } = envelope
  const name = (local: string): string => (prefix === '' ? local : `${prefix}:${local}`)
  const content = (scope[''] ?? '') === '' ? xml : withoutDefault(xml)
  const end = inAscii(`<${name('Body')}>${content}</${name('Body')}></${name('Envelope')}>`)
  const bytes = Buffer.concat([bytesOf(message.body).subarray(part?.start ?? 0, rest), Buffer.from(end)])
  return withBytes(message, MEDIA_TYPE[envelope.version], bytes, part?.charset ?? typeOf(message).charset)
}

/**
 * Replaces what a message carries by these elements. What was JSON stays JSON. Several elements need an envelope: plain
 * XML gets one of SOAP 1.1, and none remains of no element.
 */
export function withElements (message: Message, elements: readonly string[]): Message {
  const isEnveloped = soapVersionOf(message) !== undefined
  if (elements.length === 0 && !isEnveloped) {
    return { ...message, headers: withoutHeaders(message.headers, 'content-type'), body: NO_BODY }
  }
  const changed = withXmlPayload(
    message,
    elements.length === 1 || isEnveloped
      ? elements.join('')
      : `<s:Envelope xmlns:s="${SOAP_NAMESPACE['1.1']}"><s:Body>${elements.join('')}</s:Body></s:Envelope>`
  )
  return isJson(message) ? withJson(changed, jsonOfXml(changed)) : changed
}

/** Replaces what a message carries by a text of this media type, such as JSON. */
export const withTextPayload = (message: Message, type: string, text: string): Message =>
  withoutOldType(withText(message, type, text))

function withBytes (message: Message, type: string, bytes: Buffer, charset = 'UTF-8'): Message {
  const headers = withHeader(message.headers, 'Content-Type', `${type}; charset=${charset}`)
  return withoutOldType({ ...message, headers, body: { kind: 'bytes', bytes } })
}

/** Headers that describe a body. */
const DESCRIBES_BODY = ['Content-Type', 'Content-Encoding']

/** Replaces what a message carries by what another one carries. */
export function withBodyOf (message: Message, { headers, body, read }: Message): Message {
  const described = DESCRIBES_BODY.reduce((changed, name) => {
    const value = headerOf(headers, name.toLowerCase())
    return value === undefined ? withoutHeaders(changed, name.toLowerCase()) : withHeader(changed, name, value)
  }, message.headers)
  return withoutOldType({ ...message, headers: described, body, read })
}

/** Properties of scope axis2 that describe the payload before. */
const DESCRIBES_PAYLOAD = ['ContentType', 'NO_ENTITY_BODY']

function withoutOldType (message: Message): Message {
  const { messageType } = message.axis2
  const isOldJson = typeof messageType === 'string' && isJsonType(messageType) !== isJsonType(typeOf(message).type)
  const names = isOldJson ? [...DESCRIBES_PAYLOAD, 'messageType'] : DESCRIBES_PAYLOAD
  const axis2 = names.reduce(
    (properties: Properties, name) => (Object.hasOwn(properties, name) ? without(properties, name) : properties),
    message.axis2
  )
  return { ...message, axis2 }
}

function envelopeVersion (xml: string): Version | undefined {
  if (!isContent(xml)) throw notXml(xml)
  if (!/Envelope/.test(xml.slice(0, 1000))) return undefined
  const tree = readTree(Buffer.from(xml))
  if ('kind' in tree) throw notXml(xml)
  const root = tree[1]!
  return root.name === 'Envelope' ? versionOf(root.namespace) : undefined
}

const notXml = (xml: string): MediationError =>
  mediationError(`the payload is not well-formed XML: ${JSON.stringify(xml.slice(0, 80))}`)
