import { fault, type Fault } from '../../lib/fault.js'
import { FAILURES, type FailureClass, type FailureName } from './failures.js'

/** Why we ended a call ourselves. */
export const TIMED_OUT = new Error('No answer in time')
export const CLIENT_LEFT = new Error('The client left')
export const NOT_HTTP = new Error('bad response')
export const UNWANTED = new Error('Nobody wants the answer')

interface Failure extends Error { code?: string }

/**
 * What a failed call is for a fault sequence.
 * `peer` is `host:port`; `sent`: the connection stood, and the server may have seen the request.
 */
export function failure (error: Failure, peer: string, sent: boolean): Fault {
  const name = nameOf(error, sent)
  const isOwn = error === TIMED_OUT || error === CLIENT_LEFT
  return faultOf(name, reasonOf(name, error, peer), { sent, ...!isOwn && { cause: causeOf(error) } })
}

/** An answer that broke off, or could not be read, after its head was here. */
export const receiving = (name: 'brokenOff' | 'tooLarge', peer: string, why: string, error?: Failure): Fault =>
  faultOf(name, `The answer of ${peer} ${why}`, { cause: error && causeOf(error) })

/** The body of a request broke off where it came from: the back-end has no part in it. */
export const brokenOff = (peer: string): Fault => faultOf('clientBrokeOff', `The body for ${peer} broke off before its end`)

const faultOf = (name: FailureName, reason: string, more: { sent?: boolean, cause?: unknown } = {}): Fault => {
  const { code, alias, sent }: FailureClass = FAILURES[name]
  return fault(code, reason, { ...alias !== undefined && { alias }, sent, ...more })
}

/** Mistakes in what we were told to send: nobody was asked. */
const OURS = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])
export const isOurs = ({ code }: Failure): boolean => code !== undefined && OURS.has(code)

const TLS = /TLS|SSL|CERT|SIGNATURE|^EPROTO$|ISSUER/

function nameOf (error: Failure, sent: boolean): FailureName {
  const { code = '', name, message } = error
  if (error === TIMED_OUT) return 'late'
  if (error === CLIENT_LEFT) return 'clientLeft'
  if (OURS.has(code)) return 'unwritable'
  if (!sent) {
    if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'unaccepted'
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknownHost'
    return code !== 'ECONNREFUSED' && (TLS.test(code) || TLS.test(message)) ? 'tls' : 'refused'
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || name === 'HTTPParserError' || code.startsWith('UND_ERR_RES') || message === 'bad response' || message === 'bad upgrade') return 'notHttp'
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'closed'
}

const UNCONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it was refused',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network'
}

function reasonOf (name: FailureName, { code = '', message }: Failure, peer: string): string {
  switch (name) {
    case 'late': return `${peer} did not answer in time`
    case 'clientLeft': return 'The client left'
    case 'unwritable': return `The request to ${peer} could not be written: ${firstLine(message)}`
    case 'unaccepted': return `${peer} did not accept a connection in time`
    case 'tls': return `No connection to ${peer}: TLS failed: ${firstLine(message)}`
    case 'notHttp': return code === 'UND_ERR_HEADERS_OVERFLOW' ? `The headers of the answer of ${peer} are too large` : `The answer of ${peer} is not HTTP`
    case 'reset': return `${peer} reset the connection before it answered`
    case 'closed': return `${peer} closed the connection before it answered`
    default: return `No connection to ${peer}: ${UNCONNECTED[code] ?? firstLine(message)}`
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!

/** A log shows the cause: what undici noted of the answer's bytes does not belong there. */
function causeOf (error: Failure): Error {
  if ('data' in error) delete error.data
  return error
}
