import { containsLineBreak, withoutHeaders } from './headers.js'
import {
  NO_BODY,
  propertyText,
  type Message,
  type ReadDepth,
  type Properties,
  type PropertyValue
} from './message.js'
import { mediationError } from './fault.js'

/**
 * The properties with a meaning of their own, by scope; all others belong to the configuration. Each is a function that
 * is called where the property acts, so that its callers are the list of places.
 *
 * Set here for expressions: `proxy.name`, `ERROR_CODE`, `ERROR_MESSAGE`, `ERROR_DETAIL`, `ERROR_EXCEPTION`,
 * `SENDING_FAULT`; in scope axis2 `REMOTE_ADDR` and `SERVICE_PREFIX`. Without effect: `preserveProcessedHeaders`, since
 * only blocks of WS-Addressing are removed.
 * @see Apache Synapse, SynapseConstants, NhttpConstants, PassThroughConstants; WSO2 where noted
 */

const isTrue = (value: PropertyValue | undefined): boolean =>
  value === true || (typeof value === 'string' && value.toLowerCase() === 'true')

/**
 * RESPONSE (default), a text: whether the message is a response, in whichever sequence.
 * @see WSO2, Axis2MessageContext
 */
export const isResponse = ({ direction, properties: { RESPONSE } }: Message): boolean =>
  typeof RESPONSE === 'string' ? isTrue(RESPONSE) : direction === 'response'

/**
 * OUT_ONLY (default), exactly `true`: the client receives 202 before the message is sent, and the response is
 * discarded.
 */
export const isOneWay = ({ properties }: Message): boolean => properties['OUT_ONLY'] === 'true'

/** PRESERVE_WS_ADDRESSING (default): the sender's WS-Addressing is kept, in requests and responses. */
export const keepsAddressing = ({ properties }: Message): boolean => isTrue(properties['PRESERVE_WS_ADDRESSING'])

/**
 * FORCE_ERROR_ON_SOAP_FAULT (default): a SOAP fault in a response is a failure of its endpoint.
 * @see WSO2, SynapseCallbackReceiver
 */
export const failsOnFault = ({ properties }: Message): boolean => isTrue(properties['FORCE_ERROR_ON_SOAP_FAULT'])

/** FORCE_SC_ACCEPTED (axis2): the client receives 202 as soon as the message is sent, and nothing else. */
export const isAccepted = ({ axis2 }: Message): boolean => isTrue(axis2['FORCE_SC_ACCEPTED'])

/** HTTP_SC (axis2): the HTTP status of a response, 200 to 599. */
export function statusIn ({ axis2: { HTTP_SC } }: Message): number | undefined {
  const status = typeof HTTP_SC === 'object' || HTTP_SC === undefined || HTTP_SC === '' ? NaN : Number(HTTP_SC)
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : undefined
}

/**
 * HTTP_SC_DESC (axis2): the reason phrase of a response. Characters outside of Latin-1 become `?`.
 * @see WSO2, PassThroughTransportUtils
 */
export const reasonPhraseIn = ({ axis2: { HTTP_SC_DESC: reason } }: Message): string | undefined =>
  typeof reason === 'string' && reason !== '' ? reason.replace(/[^\0-\xff]/gu, '?') : undefined

/** FAULTS_AS_HTTP_200 (axis2), exactly `TRUE`: a fault made here has the status of success. */
export const faultsSucceed = ({ axis2 }: Message): boolean => axis2['FAULTS_AS_HTTP_200'] === 'TRUE'

/** POST_TO_URI, FULL_URI (axis2): the request line contains the whole address. */
export const namesWholeUri = ({ axis2 }: Message): boolean =>
  isTrue(axis2['POST_TO_URI']) || isTrue(axis2['FULL_URI'])

/** The media type that messageType (axis2) names, without parameters, in lower case. */
export const messageTypeOf = (value: PropertyValue | undefined): string | undefined =>
  typeof value === 'string' ? value.split(';', 1)[0]!.trim().toLowerCase() : undefined

/** messageType `application/xml` (axis2): the payload of a SOAP message is written without its envelope. */
export const isWrittenPlain = ({ axis2 }: Message): boolean => messageTypeOf(axis2['messageType']) === 'application/xml'

/**
 * The values of messageType. XML becomes JSON for `application/json`, JSON becomes XML for the others; of XML only
 * `application/xml` removes the envelope (Apache Synapse 3.0.1, as measured).
 */
export const MESSAGE_TYPES: readonly PropertyValue[] = [
  'application/xml',
  'text/xml',
  'application/soap+xml',
  'application/json',
  'text/json'
]

/** REQUEST_HOST_HEADER (axis2): the Host of a request to an endpoint. @see WSO2, TargetRequest */
export const hostIn = ({ axis2: { REQUEST_HOST_HEADER: host } }: Message): string | undefined =>
  typeof host === 'string' && host !== '' ? host : undefined

/** NO_KEEPALIVE (axis2): the connection to the endpoint ends with this message. */
export const endsConnection = ({ axis2 }: Message): boolean => isTrue(axis2['NO_KEEPALIVE'])

/** FORCE_POST_PUT_NOBODY (axis2): POST and PUT go to the endpoint without a body. @see WSO2, TargetRequestFactory */
export const hidesBody = ({ axis2, method }: Message): boolean =>
  isTrue(axis2['FORCE_POST_PUT_NOBODY']) && (method === 'POST' || method === 'PUT')

/** CHARACTER_SET_ENCODING (axis2): the charset that the message is written in. @see Axis2, MessageContext */
export const charsetIn = ({ axis2: { CHARACTER_SET_ENCODING: charset } }: Message): string | undefined =>
  typeof charset === 'string' && charset !== '' ? charset : undefined

/** NO_ENTITY_BODY (axis2): only the head is written. ContentType (axis2): the Content-Type of a body without one. */
export function withMessageType (message: Message): Message {
  if (isTrue(message.axis2['NO_ENTITY_BODY'])) return withoutBody(message)
  const type = message.axis2['ContentType']
  if (
    typeof type !== 'string' ||
    message.body.kind === 'none' ||
    withoutHeaders(message.headers, 'content-type') !== message.headers
  ) {
    return message
  }
  return { ...message, headers: [...message.headers, 'Content-Type', type] }
}

/** Returns the message without its body. */
export const withoutBody = (message: Message): Message => ({
  ...message,
  headers: withoutHeaders(message.headers, 'content-type', 'content-encoding'),
  body: NO_BODY
})

/**
 * How much of the message and of its response must be read for a property: DISABLE_CHUNKING and others need the length.
 */
export function needOf (scope: string, name: string): { request: ReadDepth; response: ReadDepth } {
  const wantsAll =
    scope === 'axis2' &&
    [
      'messageType',
      'CHARACTER_SET_ENCODING',
      'DISABLE_CHUNKING',
      'FORCE_HTTP_1.0',
      'FORCE_HTTP_CONTENT_LENGTH'
    ].includes(name)
  return {
    request: wantsAll ? 'body' : 'nothing',
    response: scope === 'default' && name === 'FORCE_ERROR_ON_SOAP_FAULT' ? 'body' : 'nothing'
  }
}

type PropertyUpdate = (message: Message, value: string | undefined) => Message

/** Names in scope axis2 that are parts of the message itself: setting or removing one changes the message. */
const PARTS: Readonly<Record<string, PropertyUpdate>> = {
  /** Path and query below the service. Removed: neither is forwarded. */
  REST_URL_POSTFIX (message, value = '') {
    const safe = value.replace(/[^\x21-\x7e]+/g, each => Buffer.from(each).toString('hex').replace(/../g, '%$&'))
    const mark = safe.indexOf('?')
    const [path, query] = mark < 0 ? [safe, ''] : [safe.slice(0, mark), safe.slice(mark)]
    return { ...message, path: path === '' || path.startsWith('/') ? path : `/${path}`, query }
  },
  HTTP_METHOD (message, value) {
    if (value === undefined) return message
    if (!/^[A-Z]+$/.test(value)) {
      throw mediationError(`HTTP_METHOD cannot be "${value.slice(0, 40)}"`)
    }
    return { ...message, method: value }
  },
  HTTP_SC_DESC (message, value) {
    if (value !== undefined && containsLineBreak(value)) {
      throw mediationError('HTTP_SC_DESC has a line break or a control character in it')
    }
    return inAxis2(message, 'HTTP_SC_DESC', value)
  },
  /** Removed: the status of the back-end's response is ignored. @see Apache Synapse, PassThroughTransportUtils */
  HTTP_SC: (message, value) => inAxis2(message, 'HTTP_SC', value ?? (message.status === undefined ? undefined : '')),
  /** Removed: only the headers that describe the body are kept. */
  TRANSPORT_HEADERS: (message, value) =>
    value !== undefined
      ? message
      : { ...message, headers: message.headers.filter((_, at) => DESCRIBING.test(message.headers[at - (at % 2)]!)) }
}

const DESCRIBING = /^content-(type|encoding)$/i

/** Returns the message with a property of scope axis2 set or removed. */
export function withAxis2 (message: Message, name: string, value: PropertyValue | undefined): Message {
  const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined
  if (part !== undefined) return part(message, value === undefined ? undefined : propertyText(value))
  return inAxis2(message, name, value)
}

const inAxis2 = (message: Message, name: string, value: PropertyValue | undefined): Message => ({
  ...message,
  axis2: value === undefined ? without(message.axis2, name) : { ...message.axis2, [name]: value }
})

/** Returns the properties without this one. */
export const without = (properties: Properties, name: string): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([each]) => each !== name))
