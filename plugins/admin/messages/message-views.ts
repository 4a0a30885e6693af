import type { PartName, RecordedAttempt, RecordedBody, RecordedMessage } from '../../recording/recorded-message.js'
import type { ShownHeaders } from '../../../lib/redaction/redact-headers.js'

/** What the admin API shows of a recording and of recorded messages. Instants are milliseconds since 1970. */
export interface RecordingView {
  readonly isRunning: boolean
  readonly endsAt: number | null
  readonly by: string | null
  /** Bytes of each body that are kept; 0: only heads. */
  readonly bodyBytes: number
  readonly count: number
  readonly limit: number
  /** Bytes that are kept. */
  readonly bytes: number
  readonly maxBytes: number
  /** Messages that were not kept, since more came within a second than are kept. */
  readonly dropped: number
}

export type AttemptView = Omit<RecordedAttempt, 'sent' | 'received' | 'path'>

/** A recorded message without what was sent and received. */
export interface MessageSummary
  extends Omit<RecordedMessage, 'attempts' | 'request' | 'response' | 'path'> {
  /** Rises with each message. */
  readonly id: number
  /** The process id of the worker that served it; null: there are no workers. */
  readonly worker: number | null
  readonly attempts: readonly AttemptView[]
  /** Bytes of the bodies of the client's request and of its response; null: it did not end. */
  readonly requestBytes: number | null
  readonly responseBytes: number | null
}

/** One direction of one hop. */
export interface PartView {
  readonly headers: ShownHeaders
  readonly body: RecordedBody
  /** The part whose body is the same. */
  readonly sameAs: PartName | null
}

export interface MessageDetail extends MessageSummary {
  readonly path: string
  readonly request: PartView
  readonly response: PartView | null
  /** Of each attempt. */
  readonly hops: readonly {
    readonly path: string
    readonly sent: PartView | null
    readonly received: PartView | null
  }[]
}
