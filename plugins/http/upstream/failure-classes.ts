import type { CodeName } from '../../../lib/message/fault.js'

/** One way in which a message fails at an endpoint. */
export interface FailureClass {
  /** What happens; a row of the table in the documentation. */
  readonly description: string
  /** The text of the fault; one sentence without addresses. */
  readonly reason: string
  readonly code: CodeName
  /**
   * The code that the pass-through transport of the real engines reports for it, where it differs. Lists of codes may
   * name either.
   * @see WSO2 pass-through transport, TargetErrorHandler
   */
  readonly passThroughCode?: number
  /** The ERROR_EXCEPTION of the real engines, where they have one. */
  readonly exception?: string
  /** Whether the endpoint may have seen the message: groups with `retry="unsent"` do not send it again then. */
  readonly requestSent: boolean
  /** The HTTP status for a client that gets this fault without a fault sequence. Default: 500 */
  readonly status?: number
  /** Whether the gateway lacks something: one line of the log a minute reports it. */
  readonly isShortage?: true
  /** Whether it counts against the endpoint. */
  readonly countsAgainstEndpoint: boolean
  /** Whether a group retries the message at its next member, if its body can be sent again. */
  readonly mayFailOver: boolean
}

const UNSENT = { requestSent: false, countsAgainstEndpoint: true, mayFailOver: true } as const
const SENT = { requestSent: true, countsAgainstEndpoint: true, mayFailOver: true } as const
const LOST = { requestSent: true, countsAgainstEndpoint: true, mayFailOver: false } as const
const GATEWAY = { countsAgainstEndpoint: false, mayFailOver: false } as const

/** All ways in which a message fails at an endpoint. `docs/failures.md` lists exactly these. */
export const FAILURE_CLASSES = {
  refused: {
    description: 'the connection is refused',
    reason: 'No connection to the endpoint',
    code: 'CONNECTION_FAILED',
    ...UNSENT
  },
  unknownHost: {
    description: 'the host has no address',
    reason: 'No connection to the endpoint: the host is unknown',
    code: 'CONNECTION_FAILED',
    ...UNSENT
  },
  nameServerFailed: {
    description: 'no name server responds for the host',
    reason: 'No connection to the endpoint: no name server responds',
    code: 'CONNECTION_FAILED',
    requestSent: false,
    ...GATEWAY,
    isShortage: true,
    mayFailOver: true
  },
  tls: {
    description: 'TLS fails: the certificate is not trusted or for another host, or the port does not speak TLS',
    reason: 'No connection to the endpoint: TLS failed',
    code: 'CONNECTION_FAILED',
    ...UNSENT
  },
  connectTimeout: {
    description: 'the connection is not accepted in time',
    reason: 'The endpoint did not accept a connection in time',
    code: 'CONNECT_TIMEOUT',
    ...UNSENT
  },
  responseTimeout: {
    description: 'the head of the response does not come in time',
    reason: 'The endpoint did not respond in time',
    code: 'CONNECTION_TIMEOUT',
    passThroughCode: 101507,
    ...SENT
  },
  closed: {
    description: 'the connection is closed before the head of the response is complete',
    reason: 'The endpoint closed the connection before it responded',
    code: 'CONNECTION_CLOSED',
    passThroughCode: 101508,
    ...SENT
  },
  reset: {
    description: 'the connection is reset before the head of the response is complete',
    reason: 'The endpoint reset the connection before it responded',
    code: 'CONNECTION_CLOSED',
    passThroughCode: 101503,
    exception: 'java.net.SocketException: Connection reset',
    ...SENT
  },
  stale: {
    description: 'a reused connection ends before the first byte of the response, and the message is not sent again',
    reason: 'The connection had ended before the endpoint responded',
    code: 'CONNECTION_CLOSED',
    passThroughCode: 101508,
    requestSent: true,
    ...GATEWAY
  },
  protocolError: {
    description: 'the response is not HTTP',
    reason: 'The response of the endpoint is not HTTP',
    code: 'PROTOCOL_VIOLATION',
    passThroughCode: 101509,
    ...SENT
  },
  responseTruncated: {
    description: 'the response is truncated while the gateway reads it',
    reason: 'The response of the endpoint is truncated',
    code: 'RECEIVING',
    ...LOST
  },
  responseTooSlow: {
    description:
      'the body stops for `limits.responseIdleTimeout`, or is slower than `limits.minResponseBodyRate`, while the ' +
      'gateway reads it',
    reason: 'The endpoint sent its response too slowly',
    code: 'RECEIVING',
    ...LOST
  },
  responseTooLarge: {
    description: 'the response is too large for the gateway to read, or there is no room to buffer it',
    reason: 'The response of the endpoint is too large',
    code: 'RECEIVING',
    requestSent: true,
    ...GATEWAY
  },
  headTooLarge: {
    description: 'the head of the response exceeds `limits.responseHeadLimit`',
    reason: 'The head of the response of the endpoint is too large',
    code: 'RECEIVING',
    requestSent: true,
    ...GATEWAY
  },
  exhausted: {
    description: 'the gateway has no file descriptor, port or memory left',
    reason: 'The gateway has no socket left',
    code: 'SENDING',
    requestSent: false,
    status: 503,
    ...GATEWAY,
    isShortage: true,
    mayFailOver: true
  },
  tooManyRequests: {
    description: 'the requests in flight to the endpoint have reached `limits.maxRequestsPerOrigin`',
    reason: 'The endpoint has too many requests in flight',
    code: 'NOT_READY',
    requestSent: false,
    ...GATEWAY,
    mayFailOver: true
  },
  exchangeTimeout: {
    description: 'the time of the whole exchange is over (`limits.exchangeTimeout`)',
    reason: 'The request took too long',
    code: 'CONNECTION_TIMEOUT',
    requestSent: true,
    ...GATEWAY
  },
  invalidRequest: {
    description: 'the request cannot be written: a method or a header that HTTP does not allow',
    reason: 'The request could not be written',
    code: 'SENDING',
    requestSent: false,
    ...GATEWAY
  },
  requestTruncated: {
    description: 'the body of the request is truncated at its source',
    reason: 'The body of the request is truncated',
    code: 'SENDING',
    requestSent: true,
    ...GATEWAY
  },
  clientDisconnected: {
    description: 'the client disconnects',
    reason: 'The client disconnected',
    code: 'CONNECT_CANCEL',
    requestSent: true,
    ...GATEWAY
  }
} as const satisfies Readonly<Record<string, FailureClass>>

export type FailureClassName = keyof typeof FAILURE_CLASSES
