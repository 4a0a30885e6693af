import { fault, type Fault } from '../../lib/message/fault.js'
import { FAILURES, type FailureClass, type FailureName } from './failure-classes.js'

/** Why we ended a call ourselves. */
export const TIMED_OUT = new Error('No answer in time')
export const CLIENT_LEFT = new Error('The client left')
export const NOT_HTTP = new Error('bad response')
export const UNWANTED = new Error('Nobody wants the answer')

interface Failure extends Error { code?: string }

/**
 * What a failed call is for a fault sequence. The words of libraries are for the log: they may say whom we asked.
 * @param sent the connection stood, and the server may have seen the request
 */
export function failure (error: Failure, sent: boolean): Fault {
  const name = nameOf(error, sent)
  const isOwn = error === TIMED_OUT || error === CLIENT_LEFT
  return faultOf(name, reasonOf(name, error), { sent, aside: asideOf(name, error), ...!isOwn && { cause: causeOf(error) } })
}

/** An answer that broke off, or could not be read, after its head was here. */
export const receiving = (name: 'brokenOff' | 'tooLarge', why: string, error?: Failure): Fault =>
  faultOf(name, `The answer of the endpoint ${why}`, { cause: error && causeOf(error) })

/** The body of a request broke off where it came from: the back-end has no part in it. */
export const brokenOff = (): Fault => faultOf('clientBrokeOff', 'The body of the request broke off before its end')

const faultOf = (name: FailureName, reason: string, more: Pick<Fault, 'sent' | 'aside' | 'cause'> = {}): Fault => {
  const { code, alias, exception, sent }: FailureClass = FAILURES[name]
  return fault(code, reason, { alias, exception, sent, ...more })
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

function reasonOf (name: FailureName, { code = '' }: Failure): string {
  switch (name) {
    case 'late': return 'The endpoint did not answer in time'
    case 'clientLeft': return 'The client left'
    case 'unwritable': return 'The request could not be written'
    case 'unaccepted': return 'The endpoint did not accept a connection in time'
    case 'tls': return 'No connection to the endpoint: TLS failed'
    case 'notHttp': return code === 'UND_ERR_HEADERS_OVERFLOW' ? 'The headers of the answer of the endpoint are too large' : 'The answer of the endpoint is not HTTP'
    case 'reset': return 'The endpoint reset the connection before it answered'
    case 'closed': return 'The endpoint closed the connection before it answered'
    default: return ['No connection to the endpoint', UNCONNECTED[code]].filter(Boolean).join(': ')
  }
}

/** What only a library knows. */
const asideOf = (name: FailureName, { code = '', message }: Failure): string | undefined =>
  name === 'unwritable' || name === 'tls' || (name === 'refused' && UNCONNECTED[code] === undefined) ? firstLine(message) : undefined

const firstLine = (text: string): string => text.split('\n', 1)[0]!

/** A log shows the cause: what undici noted of the answer's bytes does not belong there. */
function causeOf (error: Failure): Error {
  if ('data' in error) delete error.data
  return error
}
