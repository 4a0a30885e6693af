import type { CodeName } from '../../lib/message/fault.js'

/** One way in which an endpoint fails a message. */
export interface FailureClass {
  /** What happens, for whoever reads the table in the documentation. */
  readonly description: string
  readonly code: CodeName
  /** The code that the pass-through transport of the real engines shows for it, where it is another (TargetErrorHandler). Lists of codes may name either. */
  readonly passThroughCode?: number
  /** What the real engines have as its ERROR_EXCEPTION, where they have one. */
  readonly exception?: string
  /** Whether the endpoint may have seen the message: groups with `retry="unsent"` send it to nobody else then. */
  readonly requestSent: boolean
  /** Whether it counts against the endpoint. */
  readonly countsAgainstEndpoint: boolean
  /** Whether a group tries the message at its next member, as long as its body can be sent again. */
  readonly retryElsewhere: boolean
}

const UNSENT = { requestSent: false, countsAgainstEndpoint: true, retryElsewhere: true } as const
const SENT = { requestSent: true, countsAgainstEndpoint: true, retryElsewhere: true } as const
const LOST = { requestSent: true, countsAgainstEndpoint: true, retryElsewhere: false } as const
const OURS = { countsAgainstEndpoint: false, retryElsewhere: false } as const

/** All ways in which a message fails at an endpoint. `docs/failures.md` lists exactly these, and each is tested on a socket that behaves so. */
export const FAILURE_CLASSES = {
  refused: { description: 'the connection is refused', code: 'CONNECTION_FAILED', ...UNSENT },
  unknownHost: { description: 'the host has no address, or no name server answers', code: 'CONNECTION_FAILED', ...UNSENT },
  tls: { description: 'TLS fails: the certificate is not trusted or for another host, or it is no TLS at all', code: 'CONNECTION_FAILED', ...UNSENT },
  connectTimeout: { description: 'the connection is not accepted in time', code: 'CONNECT_TIMEOUT', ...UNSENT },
  responseTimeout: { description: 'the head of the answer does not come in time', code: 'CONNECTION_TIMEOUT', passThroughCode: 101507, ...SENT },
  closed: { description: 'the connection is closed before the head of the answer is complete', code: 'CONNECTION_CLOSED', passThroughCode: 101508, ...SENT },
  reset: { description: 'the connection is reset before the head of the answer is complete', code: 'CONNECTION_CLOSED', passThroughCode: 101503, exception: 'java.net.SocketException: Connection reset', ...SENT },
  protocolError: { description: 'the answer is not HTTP, or its head is too large', code: 'PROTOCOL_VIOLATION', passThroughCode: 101509, ...SENT },
  responseTruncated: { description: 'the answer breaks off while somebody here reads it', code: 'RECEIVING', ...LOST },
  responseTooLarge: { description: 'the answer is too large to be read here, or there is no room to read it', code: 'RECEIVING', requestSent: true, ...OURS },
  invalidRequest: { description: 'the request cannot be written: a method or a header that HTTP does not allow', code: 'SENDING', requestSent: false, ...OURS },
  requestTruncated: { description: 'the body of the request breaks off where it comes from', code: 'SENDING', requestSent: true, ...OURS },
  clientDisconnected: { description: 'the client leaves', code: 'CONNECT_CANCEL', requestSent: true, ...OURS }
} as const satisfies Readonly<Record<string, FailureClass>>

export type FailureClassName = keyof typeof FAILURE_CLASSES
