import { fault, type Fault } from '../../lib/fault.js'

/** Why we ended a call ourselves. */
export const TIMED_OUT = new Error('No answer in time')
export const CLIENT_LEFT = new Error('The client left')
export const NOT_HTTP = new Error('bad response')
export const UNWANTED = new Error('Nobody wants the answer')

interface Failure extends Error { code?: string }

/**
 * What a failed call is for a fault sequence. `alias` is the code that the real engines' pass-through transport shows for the same event.
 * `peer` is `host:port`; `sent`: the connection stood, and the server may have seen the request.
 */
export function failure (error: Failure, peer: string, sent: boolean): Fault {
  const cause = causeOf(error)
  const { code = '' } = error
  if (error === TIMED_OUT) return fault('CONNECTION_TIMEOUT', `${peer} did not answer in time`, { alias: 101507, sent })
  if (error === CLIENT_LEFT) return fault('CONNECT_CANCEL', 'The client left', { sent })
  if (OURS.has(code)) return fault('SENDING', `The request to ${peer} could not be written: ${firstLine(error.message)}`, { sent, cause })
  if (!sent) {
    if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return fault('CONNECT_TIMEOUT', `${peer} did not accept a connection in time`, { sent, cause })
    return fault('CONNECTION_FAILED', `No connection to ${peer}: ${unconnected(error)}`, { sent, cause })
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return fault('PROTOCOL_VIOLATION', `The headers of the answer of ${peer} are too large`, { alias: 101509, sent, cause })
  if (error.name === 'HTTPParserError' || code.startsWith('UND_ERR_RES') || error.message === 'bad response' || error.message === 'bad upgrade') return fault('PROTOCOL_VIOLATION', `The answer of ${peer} is not HTTP`, { alias: 101509, sent, cause })
  if (code === 'ECONNRESET' || code === 'EPIPE') return fault('CONNECTION_CLOSED', `${peer} reset the connection before it answered`, { alias: 101503, sent, cause })
  return fault('CONNECTION_CLOSED', `${peer} closed the connection before it answered`, { alias: 101508, sent, cause })
}

/** An answer that broke off, or could not be read, after its head was here. */
export const receiving = (peer: string, why: string, error?: Failure): Fault =>
  fault('RECEIVING', `The answer of ${peer} ${why}`, { sent: true, cause: error && causeOf(error) })

/** The body of a request broke off where it came from: the back-end has no part in it. */
export const brokenOff = (peer: string): Fault =>
  fault('SENDING', `The body for ${peer} broke off before its end`, { sent: true })

/** Mistakes in what we were told to send: nobody was asked. */
const OURS = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])
export const isOurs = ({ code }: Failure): boolean => code !== undefined && OURS.has(code)

const UNCONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it was refused',
  ENOTFOUND: 'the host is unknown',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network'
}

function unconnected (error: Failure): string {
  const { code = '' } = error
  const known = UNCONNECTED[code]
  if (known !== undefined) return known
  return TLS.test(code) || TLS.test(error.message) ? `TLS failed: ${firstLine(error.message)}` : firstLine(error.message)
}

const TLS = /TLS|SSL|CERT|SIGNATURE|^EPROTO$|ISSUER/

const firstLine = (text: string): string => text.split('\n', 1)[0]!

/** A log shows the cause: what undici noted of the answer's bytes does not belong there. */
function causeOf (error: Failure): Error {
  if ('data' in error) delete error.data
  return error
}
