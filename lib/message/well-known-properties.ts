import { containsLineBreak, withoutHeaders } from './headers.js'
import {
  NO_BODY,
  propertyText,
  type Message,
  type ReadDepth,
  type Properties,
  type PropertyValue
} from './message.js'
import { fault, MediationError } from './fault.js'

/**
 * Properties that mean something to a proxy, by their scope; all others are the configuration's own. Each is a
 * function that is
 * asked where the property acts, so that whoever calls it is the list of places (Synapse: SynapseConstants,
 * NhttpConstants,
 * PassThroughConstants; WSO2 where it says so).
 *
 * Set here, for expressions to see: `proxy.name` (serve), `ERROR_CODE`, `ERROR_MESSAGE`, `ERROR_DETAIL`,
 * `ERROR_EXCEPTION`, `SENDING_FAULT`
 * (chain); in scope axis2 `REMOTE_ADDR` and `SERVICE_PREFIX` (where requests are received).
 * Without effect: `preserveProcessedHeaders`, since no header block is taken out but those of WS-Addressing.
 */

const isTrue = (value: PropertyValue | undefined): boolean =>
  value === true || (typeof value === 'string' && value.toLowerCase() === 'true')

/** RESPONSE (default), a text: whether the message is an answer, whichever way it came (WSO2: Axis2MessageContext). */
export const isResponse = ({ direction, properties: { RESPONSE } }: Message): boolean =>
  typeof RESPONSE === 'string' ? isTrue(RESPONSE) : direction === 'response'

/**
 * OUT_ONLY (default), exactly `true`: nobody waits for an answer to what is sent. The client has its 202 before
 * (sentTo, sendAside).
 */
export const isOneWay = ({ properties }: Message): boolean => properties['OUT_ONLY'] === 'true'

/** PRESERVE_WS_ADDRESSING (default): the sender's WS-Addressing goes on, both ways. */
export const keepsAddressing = ({ properties }: Message): boolean => isTrue(properties['PRESERVE_WS_ADDRESSING'])

/**
 * FORCE_ERROR_ON_SOAP_FAULT (default): a SOAP fault is a failure of the endpoint that answers it (WSO2:
 * SynapseCallbackReceiver).
 */
export const failsOnFault = ({ properties }: Message): boolean => isTrue(properties['FORCE_ERROR_ON_SOAP_FAULT'])

/**
 * FORCE_SC_ACCEPTED (axis2): the client gets 202 and nothing else, whatever comes of its message; as soon as that is
 * sent (answerOf).
 */
export const isAccepted = ({ axis2 }: Message): boolean => isTrue(axis2['FORCE_SC_ACCEPTED'])

/** HTTP_SC (axis2), a status that HTTP has for answers. */
export function statusIn ({ axis2: { HTTP_SC } }: Message): number | undefined {
  const status = typeof HTTP_SC === 'object' || HTTP_SC === undefined || HTTP_SC === '' ? NaN : Number(HTTP_SC)
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : undefined
}

/**
 * HTTP_SC_DESC (axis2): the reason phrase of an answer (WSO2: PassThroughTransportUtils). What Latin-1 does not have
 * becomes `?`.
 */
export const reasonPhraseIn = ({ axis2: { HTTP_SC_DESC: reason } }: Message): string | undefined =>
  typeof reason === 'string' && reason !== '' ? reason.replace(/[^\0-\xff]/gu, '?') : undefined

/** FAULTS_AS_HTTP_200 (axis2), exactly `TRUE`: a fault made here has the status of success. */
export const faultsSucceed = ({ axis2 }: Message): boolean => axis2['FAULTS_AS_HTTP_200'] === 'TRUE'

/** POST_TO_URI, FULL_URI (axis2): the request line names the whole address. */
export const namesWholeUri = ({ axis2 }: Message): boolean =>
  isTrue(axis2['POST_TO_URI']) || isTrue(axis2['FULL_URI'])

/** messageType `application/xml` (axis2): what a SOAP message carries is written without its envelope. */
export const isWrittenPlain = ({ axis2 }: Message): boolean => axis2['messageType'] === 'application/xml'

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

/**
 * NO_ENTITY_BODY (axis2): only the head is written. ContentType (axis2): what the body is called where nothing else
 * says it.
 */
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

/** The message with its head only. */
export const withoutBody = (message: Message): Message => ({
  ...message,
  headers: withoutHeaders(message.headers, 'content-type', 'content-encoding'),
  body: NO_BODY
})

/**
 * How much of the message in hand, and of its answer, a property wants to be read: DISABLE_CHUNKING and its kin need
 * its length.
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

type Part = (message: Message, value: string | undefined) => Message

/** Names in scope axis2 that are parts of the message itself: setting or removing them changes it. */
const PARTS: Readonly<Record<string, Part>> = {
  /** Path and query below the service; without it, neither goes on. */
  REST_URL_POSTFIX (message, value = '') {
    const safe = value.replace(/[^\x21-\x7e]+/g, each => Buffer.from(each).toString('hex').replace(/../g, '%$&'))
    const mark = safe.indexOf('?')
    const [path, query] = mark < 0 ? [safe, ''] : [safe.slice(0, mark), safe.slice(mark)]
    return { ...message, path: path === '' || path.startsWith('/') ? path : `/${path}`, query }
  },
  HTTP_METHOD (message, value) {
    if (value === undefined) return message
    if (!/^[A-Z]+$/.test(value)) {
      throw new MediationError(fault('MEDIATION', `HTTP_METHOD cannot be "${value.slice(0, 40)}"`))
    }
    return { ...message, method: value }
  },
  HTTP_SC_DESC (message, value) {
    if (value !== undefined && containsLineBreak(value)) {
      throw new MediationError(fault('MEDIATION', 'HTTP_SC_DESC has a line break or a control character in it'))
    }
    return inAxis2(message, 'HTTP_SC_DESC', value)
  },
  /** Removed: the status of the back-end does not count any more. @see PassThroughTransportUtils */
  HTTP_SC: (message, value) => inAxis2(message, 'HTTP_SC', value ?? (message.status === undefined ? undefined : '')),
  /** Removed: only what describes the body stays. */
  TRANSPORT_HEADERS: (message, value) =>
    value !== undefined
      ? message
      : { ...message, headers: message.headers.filter((_, at) => DESCRIBING.test(message.headers[at - (at % 2)]!)) }
}

const DESCRIBING = /^content-(type|encoding)$/i

/** The message with a property of scope axis2 set, or removed. */
export function withAxis2 (message: Message, name: string, value: PropertyValue | undefined): Message {
  const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined
  if (part !== undefined) return part(message, value === undefined ? undefined : propertyText(value))
  return inAxis2(message, name, value)
}

const inAxis2 = (message: Message, name: string, value: PropertyValue | undefined): Message => ({
  ...message,
  axis2: value === undefined ? without(message.axis2, name) : { ...message.axis2, [name]: value }
})

/** The properties but for the one of this name. */
export const without = (properties: Properties, name: string): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([each]) => each !== name))
