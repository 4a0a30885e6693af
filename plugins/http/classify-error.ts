import { fault, type Fault } from '../../lib/message/fault.js'
import { FAILURE_CLASSES, type FailureClass, type FailureClassName } from './failure-classes.js'

/** Why we ended a call ourselves. */
export const TIMED_OUT = new Error('No answer in time')
export const CLIENT_DISCONNECTED = new Error('The client left')
export const PROTOCOL_ERROR = new Error('bad response')
export const ABORTED = new Error('Nobody wants the answer')

interface UpstreamFailure extends Error { code?: string }

/**
 * What a failed call is for a fault sequence. The words of libraries are for the log: they may say whom we asked.
 * @param sent the connection stood, and the server may have seen the request
 */
export function classifyError (error: UpstreamFailure, sent: boolean): Fault {
  const name = nameOf(error, sent)
  const isOwn = error === TIMED_OUT || error === CLIENT_DISCONNECTED
  return faultOf(name, reasonOf(name, error), { requestSent: sent, logDetail: logDetailOf(name, error), ...!isOwn && { cause: causeOf(error) } })
}

/** An answer that broke off, or could not be read, after its head was here. */
export const receiving = (name: 'responseTruncated' | 'responseTooLarge', why: string, error?: UpstreamFailure): Fault =>
  faultOf(name, `The answer of the endpoint ${why}`, { cause: error && causeOf(error) })

/** The body of a request broke off where it came from: the back-end has no part in it. */
export const requestTruncated = (): Fault => faultOf('requestTruncated', 'The body of the request broke off before its end')

const faultOf = (name: FailureClassName, reason: string, more: Pick<Fault, 'requestSent' | 'logDetail' | 'cause'> = {}): Fault => {
  const { code, passThroughCode: alias, exception, requestSent }: FailureClass = FAILURE_CLASSES[name]
  return fault(code, reason, { passThroughCode: alias, exception, requestSent, ...more })
}

/** Mistakes in what we were told to send: nobody was asked. */
const OURS = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])
export const isGatewayFault = ({ code }: UpstreamFailure): boolean => code !== undefined && OURS.has(code)

const TLS = /TLS|SSL|CERT|SIGNATURE|^EPROTO$|ISSUER/

function nameOf (error: UpstreamFailure, sent: boolean): FailureClassName {
  const { code = '', name, message } = error
  if (error === TIMED_OUT) return 'responseTimeout'
  if (error === CLIENT_DISCONNECTED) return 'clientDisconnected'
  if (OURS.has(code)) return 'invalidRequest'
  if (!sent) {
    if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'connectTimeout'
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknownHost'
    return code !== 'ECONNREFUSED' && (TLS.test(code) || TLS.test(message)) ? 'tls' : 'refused'
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || name === 'HTTPParserError' || code.startsWith('UND_ERR_RES') || message === 'bad response' || message === 'bad upgrade') return 'protocolError'
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'closed'
}

const UNCONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it was refused',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network'
}

function reasonOf (name: FailureClassName, { code = '' }: UpstreamFailure): string {
  switch (name) {
    case 'responseTimeout': return 'The endpoint did not answer in time'
    case 'clientDisconnected': return 'The client left'
    case 'invalidRequest': return 'The request could not be written'
    case 'connectTimeout': return 'The endpoint did not accept a connection in time'
    case 'tls': return 'No connection to the endpoint: TLS failed'
    case 'protocolError': return code === 'UND_ERR_HEADERS_OVERFLOW' ? 'The headers of the answer of the endpoint are too large' : 'The answer of the endpoint is not HTTP'
    case 'reset': return 'The endpoint reset the connection before it answered'
    case 'closed': return 'The endpoint closed the connection before it answered'
    default: return ['No connection to the endpoint', UNCONNECTED[code]].filter(Boolean).join(': ')
  }
}

/** What only a library knows. */
const logDetailOf = (name: FailureClassName, { code = '', message }: UpstreamFailure): string | undefined =>
  name === 'invalidRequest' || name === 'tls' || (name === 'refused' && UNCONNECTED[code] === undefined) ? firstLine(message) : undefined

const firstLine = (text: string): string => text.split('\n', 1)[0]!

/** A log shows the cause: what undici noted of the answer's bytes does not belong there. */
function causeOf (error: UpstreamFailure): Error {
  if ('data' in error) delete error.data
  return error
}
