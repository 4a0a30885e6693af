import { fault, MediationError } from '../message/fault.js'
import { withHeader } from '../message/headers.js'
import type { Message } from '../message/message.js'
import { messageTypeOf } from '../message/well-known-properties.js'
import { MEDIA_TYPE } from '../message/soap-version.js'
import { wrapBody } from '../soap/convert-envelope.js'
import { documentOf, envelopeOf, scanOf } from '../soap/read.js'
import { childrenOf, type Node, type Tree } from '../xpath/node.js'
import { readTree } from '../xpath/tree.js'
import { isJson, isJsonType, jsonOf, withJson, withText } from './json-message.js'
import type { JsonValue } from './json-value.js'
import { jsonToXml } from './json-to-xml.js'
import { xmlToJson } from './xml-to-json.js'

/**
 * Converts a buffered message between XML and JSON as its property messageType (scope axis2) requires.
 * @throws MediationError for a body that cannot be converted
 * @see WSO2, JsonStreamFormatter, JsonUtil
 */
export function inMessageType (message: Message): Message {
  const type = messageTypeOf(message.axis2['messageType'])
  if (type === undefined || message.body.kind !== 'bytes') return message
  if (isJsonType(type)) return isJson(message) || !isXml(message) ? message : withJson(message, jsonOfXml(message))
  return isJson(message) && /xml$/.test(type) ? withXml(message, type) : message
}

/** Converts a JSON message to XML; `text/xml` and `application/soap+xml` wrap it in an envelope. */
export function withXml (message: Message, type = 'application/xml'): Message {
  const document = jsonOf(message)
  const xml = document === undefined ? '' : jsonToXml(document.value, message.jsonRules)
  const version = (['1.1', '1.2'] as const).find(each => MEDIA_TYPE[each] === type)
  if (version === undefined) return withText(message, type, xml)
  const bytes = wrapBody(Buffer.from(xml), version)
  const headers = withHeader(message.headers, 'Content-Type', `${type}; charset=UTF-8`)
  return { ...message, headers, body: { kind: 'bytes', bytes } }
}

const isXml = (message: Message): boolean => {
  const kind = scanOf(message)?.kind
  return kind === 'envelope' || kind === 'plain'
}

/** Returns the payload of an XML message as JSON: the first element of its Body, or its root. */
export function jsonOfXml (message: Message): JsonValue {
  const { bytes, charset } = documentOf(message)
  const tree = readTree(bytes, { charset })
  if ('kind' in tree) throw new MediationError(fault('UNREADABLE', `the message cannot be read: ${tree.reason}`))
  const payload = payloadOf(tree, envelopeOf(message) !== undefined)
  return payload === undefined ? {} : xmlToJson(payload, message.jsonRules)
}

function payloadOf (tree: Tree, isEnvelope: boolean): Node | undefined {
  const root = tree[1]!
  if (!isEnvelope) return root
  const body = firstElement(root, child => child.name === 'Body' && child.namespace === root.namespace)
  return body && firstElement(body)
}

function firstElement (parent: Node, matches: (child: Node) => boolean = () => true): Node | undefined {
  for (const child of childrenOf(parent)) if (child.kind === 'element' && matches(child)) return child
  return undefined
}
