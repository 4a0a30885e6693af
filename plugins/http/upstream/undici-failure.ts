import { EXHAUSTED } from '../client/client-error.js'
import { tlsFailureText } from './tls-failure.js'
import { firstLine, refusalOf, SILENT_RESPONSE, type UpstreamFailure } from './failure-outcome.js'

interface UndiciError extends Error {
  code?: string
}

/** A request that undici refuses to write, or whose client is closed. */
const INVALID_REQUEST = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED'
])

const TLS = /TLS|SSL|CERT|SIGNATURE|^EPROTO$|ISSUER/

/**
 * Classifies an error of undici.
 * @param sent whether the connection was established: the back-end may have seen the request
 */
export function undiciFailure (error: UndiciError, sent: boolean): UpstreamFailure {
  const { code = '' } = error
  // A log shows the cause; bytes of the response do not belong there.
  if ('data' in error) delete error.data
  // A mock of an app expects no such request.
  if (INVALID_REQUEST.has(code) || code.startsWith('UND_MOCK_')) {
    return { name: 'invalidRequest', detail: firstLine(error), cause: error }
  }
  return sent ? sentFailure(error, code) : connectFailure(error, code)
}

function connectFailure (error: UndiciError, code: string): UpstreamFailure {
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return { name: 'connectTimeout', cause: error }
  if (code === 'ENOTFOUND') return { name: 'unknownHost', cause: error }
  if (code === 'EAI_AGAIN') return { name: 'nameServerFailed', cause: error }
  if (EXHAUSTED.has(code)) return { name: 'exhausted', detail: firstLine(error), cause: error }
  if (code !== 'ECONNREFUSED' && (TLS.test(code) || TLS.test(error.message))) {
    return { name: 'tls', detail: tlsFailureText(error), cause: error }
  }
  return { name: 'refused', ...refusalOf(code, error), cause: error }
}

function sentFailure (error: UndiciError, code: string): UpstreamFailure {
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return { name: 'headTooLarge', cause: error }
  if (code === 'UND_ERR_BODY_TIMEOUT') return { name: 'responseTooSlow', reason: SILENT_RESPONSE, cause: error }
  if (isProtocolError(error, code)) return { name: 'protocolError', cause: error }
  return { name: code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'closed', cause: error }
}

const isProtocolError = ({ name, message }: UndiciError, code: string): boolean =>
  name === 'HTTPParserError' || code.startsWith('UND_ERR_RES') || /^bad (response|upgrade)$/.test(message)
