import { CODES, type Fault } from '../message/fault.js'
import { headerOf, type Headers } from '../message/headers.js'
import type { Message } from '../message/message.js'
import { MEDIA_TYPE, SOAP_NAMESPACE, type Version } from '../message/soap-version.js'
import { statusIn } from '../message/well-known-properties.js'
import { contentTypeOf } from '../soap/content-type.js'
import { writeException, writeFault } from '../soap/fault.js'
import { soapVersionOf } from '../soap/read.js'
import { escapeText } from '../xml/escape.js'
import { preferredType } from './accept.js'

/** The status of a failure for a client without SOAP. Default: 500 */
const STATUSES: ReadonlyMap<number, number> = new Map([
  [CODES.RECEIVING, 502],
  [CODES.CONNECTION_FAILED, 502],
  [CODES.CONNECTION_CLOSED, 502],
  [CODES.PROTOCOL_VIOLATION, 502],
  [CODES.SOAP_FAULT, 502],
  [CODES.FAILURE_STATUS, 502],
  [CODES.NONE_READY, 503],
  [CODES.NOT_READY, 503],
  [CODES.SESSION_NOT_READY, 503],
  [CODES.CONNECT_TIMEOUT, 504],
  [CODES.CONNECTION_TIMEOUT, 504]
])

/** @see RFC 9110, section 15 */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout'
}

/** Where the time is not known, in milliseconds. */
const DEFAULT_RETRY_AFTER_MS = 1_000

/**
 * The response to a request that no fault sequence has answered. A SOAP client gets 500 and a fault in its version. Any
 * other client gets 502, 503 (with `Retry-After`) or 504 as for a gateway, and the reason in a form that it accepts:
 * `application/problem+json`, `<Exception>` or text.
 * @see RFC 9110, section 15.6; RFC 9457
 */
export function faultMessage (request: Message, fault: Fault): Message {
  const version = soapVersionOf(request)
  const status = fault.status ?? (version === undefined ? STATUSES.get(fault.code) : undefined) ?? 500
  const [type, text] = version === undefined ? plainBody(request, fault, status) : soapBody(version, fault)
  return {
    ...request,
    direction: 'response',
    status,
    fault: true,
    headers: ['Content-Type', type, ...retryAfter(fault, status)],
    body: { kind: 'bytes', bytes: Buffer.from(text) }
  }
}

type TypedText = readonly [type: string, text: string]

function soapBody (version: Version, { code, reason }: Fault): TypedText {
  const name = version === '1.1' ? 'Server' : 'Receiver'
  const faultCode = { prefix: 'soapenv', namespace: SOAP_NAMESPACE[version], name }
  const text = writeFault({ version, code: faultCode, reason, detail: `<code>${code}</code>` })
  return [`${MEDIA_TYPE[version]}; charset=UTF-8`, text]
}

const PROBLEM = 'application/problem+json'
const OFFERS = {
  [PROBLEM]: [PROBLEM, 'application/json'],
  'application/xml': ['application/xml', 'text/xml'],
  'text/plain': ['text/plain', 'text/html']
} as const
type Form = keyof typeof OFFERS

function plainBody (request: Message, fault: Fault, status: number): TypedText {
  const { code, reason } = fault
  const form = preferredType(headerOf(request.headers, 'accept'), OFFERS) ?? formOf(request)
  switch (form) {
    case 'application/xml': return [`${form}; charset=UTF-8`, writeException(escapeText(reason))]
    case 'text/plain': return [`${form}; charset=UTF-8`, `${reason}\n`]
    case PROBLEM: {
      const shownStatus = statusIn(request) ?? status
      const title = TITLES[shownStatus] ?? 'Error'
      return [form, `${JSON.stringify({ type: 'about:blank', title, status: shownStatus, detail: reason, code })}\n`]
    }
  }
}

/** The form for a client that accepts anything: that of its own body. */
function formOf ({ headers }: Message): Form {
  const { type, xml } = contentTypeOf(headerOf(headers, 'content-type'))
  if (type === '' || xml) return 'application/xml'
  return /[/+]json$/.test(type) ? PROBLEM : 'text/plain'
}

/** @see RFC 9110, section 10.2.3 */
const retryAfter = ({ retryAfter = DEFAULT_RETRY_AFTER_MS }: Fault, status: number): Headers =>
  status === 503 ? ['Retry-After', String(Math.max(1, Math.ceil(retryAfter / 1_000)))] : []
