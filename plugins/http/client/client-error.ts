/** Where an exchange was when it failed. */
export type ExchangePhase = 'queued' | 'resolving' | 'connecting' | 'tls' | 'sending' | 'waiting' | 'head' | 'body'

/**
 * The classes of failures:
 *
 * - `aborted`: the caller gave up. `poolClosed`: the pool takes no more requests, or was destroyed.
 * - `invalidRequest`: HTTP does not allow the request; nothing was sent. `requestBodyFailed`: its body broke off at
 * its source, or is longer or shorter than its length.
 * - `queueFull`, `queueTimeout`: too many requests are in flight to this origin.
 * - `unknownHost`: the name has no address. `nameServerFailed`: no name server reports that in time.
 * - `exhausted`: this machine has no descriptor, port or memory left.
 * - `refused`: no address accepts a connection. `connectTimeout`: none does in time. `tls`, `tlsTimeout`: the
 * handshake.
 * - `stale`: a reused connection ended before the first byte of a response. It does not count against the endpoint.
 * - `closed`, `reset`: the connection ended before the head was complete. `responseTimeout`: the head is late.
 * - `protocolError`: what came is not HTTP/1.1, or ambiguous. `headTooLarge`: the head exceeds a limit of this client.
 * - `truncated`: the connection ended inside the body. `bodyTimeout`: the endpoint was silent for too long inside it.
 */
export type FailureKind =
  | 'aborted' | 'poolClosed' | 'invalidRequest' | 'requestBodyFailed' | 'queueFull' | 'queueTimeout'
  | 'unknownHost' | 'nameServerFailed' | 'exhausted' | 'refused' | 'connectTimeout' | 'tls' | 'tlsTimeout'
  | 'stale' | 'closed' | 'reset' | 'responseTimeout' | 'protocolError' | 'headTooLarge' | 'truncated' | 'bodyTimeout'

/** What is known about an exchange at the time of its failure. */
export interface Evidence {
  readonly phase: ExchangePhase
  /** Whether the connection had carried another exchange before. */
  readonly reused: boolean
  /** Bytes of the request that were handed to the socket. 0: the endpoint has seen none. */
  readonly bytesWritten: number
  /** Whether any byte of a response came, an interim one included. */
  readonly firstByteSeen: boolean
  /** The address of the connection, or the path of a socket, where there was one. */
  readonly address: string | undefined
}

const NO_EVIDENCE: Evidence =
  Object.freeze({ phase: 'queued', reused: false, bytesWritten: 0, firstByteSeen: false, address: undefined })

/** Every failure of the client. `code`: the code of the system, of TLS, or of the rule that was broken. */
export class ClientError extends Error implements Evidence {
  readonly kind: FailureKind
  readonly code: string
  readonly phase: ExchangePhase
  readonly reused: boolean
  readonly bytesWritten: number
  readonly firstByteSeen: boolean
  readonly address: string | undefined

  constructor (failure: Failure, evidence: Evidence = NO_EVIDENCE) {
    super(failure.message, failure.cause === undefined ? undefined : { cause: failure.cause })
    this.name = 'ClientError'
    this.kind = failure.kind
    this.code = failure.code
    this.phase = evidence.phase
    this.reused = evidence.reused
    this.bytesWritten = evidence.bytesWritten
    this.firstByteSeen = evidence.firstByteSeen
    this.address = evidence.address
  }
}

/** A failure without the evidence of an exchange. */
export interface Failure {
  readonly kind: FailureKind
  readonly code: string
  readonly message: string
  readonly cause?: unknown
}

export const failure = (kind: FailureKind, code: string, message: string, cause?: unknown): Failure =>
  ({ kind, code, message, cause })

/** A response that breaks a rule of HTTP/1.1 or a limit of the client. `rule` becomes the code of the error. */
export class ResponseRejected extends Error {
  readonly rule: string
  readonly kind: 'protocolError' | 'headTooLarge'

  constructor (rule: string, message: string, kind: 'protocolError' | 'headTooLarge' = 'protocolError') {
    super(message)
    this.name = 'ResponseRejected'
    this.rule = rule
    this.kind = kind
  }
}

/** Shortages of this machine, which count against no endpoint. */
export const EXHAUSTED = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EADDRINUSE'])

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN'

/** Classifies an error of the attempt to connect. */
export function connectFailure (error: Error): Failure {
  const code = codeOf(error)
  if (EXHAUSTED.has(code)) return failure('exhausted', code, 'No socket, port or memory is left on this machine', error)
  if (code === 'ETIMEDOUT') return failure('connectTimeout', code, 'The connection was not accepted in time', error)
  return failure('refused', code, 'The connection was not accepted', error)
}

export const tlsFailure = (error: Error): Failure => failure('tls', codeOf(error), 'The TLS handshake failed', error)

/** Whether the end of a connection by this error may be no more than the end of its idle time. */
const ENDED = new Set(['EOF', 'ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'ENOTCONN'])

/** Classifies the end of a connection that an exchange was using. `error`: none where the endpoint closed it (FIN). */
export function endFailure (error: Error | undefined, { phase, reused, firstByteSeen }: Evidence): Failure {
  const code = error === undefined ? 'EOF' : codeOf(error)
  if (phase === 'body') return failure('truncated', code, 'The connection ended inside the body of the response', error)
  if (reused && !firstByteSeen && ENDED.has(code)) {
    return failure('stale', code, 'The reused connection ended before the first byte of the response', error)
  }
  if (EXHAUSTED.has(code)) return failure('exhausted', code, 'No memory is left on this machine', error)
  if (code.startsWith('ERR_SSL_')) return failure('tls', code, 'The endpoint ended the TLS session', error)
  return error === undefined
    ? failure('closed', code, 'The connection was closed before the head of the response was complete')
    : failure('reset', code, 'The connection was reset before the head of the response was complete', error)
}
