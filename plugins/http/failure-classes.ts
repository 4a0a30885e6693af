import type { CodeName } from '../../lib/message/fault.js'

/** One way in which an endpoint fails a message. */
export interface FailureClass {
  /** What happens, for whoever reads the table in the documentation. */
  readonly what: string
  readonly code: CodeName
  /** The code that the pass-through transport of the real engines shows for it, where it is another (TargetErrorHandler). Lists of codes may name either. */
  readonly alias?: number
  /** What the real engines have as its ERROR_EXCEPTION, where they have one. */
  readonly exception?: string
  /** Whether the endpoint may have seen the message: groups with `retry="unsent"` send it to nobody else then. */
  readonly sent: boolean
  /** Whether it counts against the endpoint. */
  readonly blamed: boolean
  /** Whether a group tries the message at its next member, as long as its body can be sent again. */
  readonly elsewhere: boolean
}

const UNSENT = { sent: false, blamed: true, elsewhere: true } as const
const SENT = { sent: true, blamed: true, elsewhere: true } as const
const LOST = { sent: true, blamed: true, elsewhere: false } as const
const OURS = { blamed: false, elsewhere: false } as const

/** All ways in which a message fails at an endpoint. `docs/failures.md` lists exactly these, and each is tested on a socket that behaves so. */
export const FAILURES = {
  refused: { what: 'the connection is refused', code: 'CONNECTION_FAILED', ...UNSENT },
  unknownHost: { what: 'the host has no address, or no name server answers', code: 'CONNECTION_FAILED', ...UNSENT },
  tls: { what: 'TLS fails: the certificate is not trusted or for another host, or it is no TLS at all', code: 'CONNECTION_FAILED', ...UNSENT },
  unaccepted: { what: 'the connection is not accepted in time', code: 'CONNECT_TIMEOUT', ...UNSENT },
  late: { what: 'the head of the answer does not come in time', code: 'CONNECTION_TIMEOUT', alias: 101507, ...SENT },
  closed: { what: 'the connection is closed before the head of the answer is complete', code: 'CONNECTION_CLOSED', alias: 101508, ...SENT },
  reset: { what: 'the connection is reset before the head of the answer is complete', code: 'CONNECTION_CLOSED', alias: 101503, exception: 'java.net.SocketException: Connection reset', ...SENT },
  notHttp: { what: 'the answer is not HTTP, or its head is too large', code: 'PROTOCOL_VIOLATION', alias: 101509, ...SENT },
  brokenOff: { what: 'the answer breaks off while somebody here reads it', code: 'RECEIVING', ...LOST },
  tooLarge: { what: 'the answer is too large to be read here, or there is no room to read it', code: 'RECEIVING', sent: true, ...OURS },
  unwritable: { what: 'the request cannot be written: a method or a header that HTTP does not allow', code: 'SENDING', sent: false, ...OURS },
  clientBrokeOff: { what: 'the body of the request breaks off where it comes from', code: 'SENDING', sent: true, ...OURS },
  clientLeft: { what: 'the client leaves', code: 'CONNECT_CANCEL', sent: true, ...OURS }
} as const satisfies Readonly<Record<string, FailureClass>>

export type FailureName = keyof typeof FAILURES
