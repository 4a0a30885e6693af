import type { RecordedHeaders } from '../gateway/recorded-message.js'

/** What the admin API shows of a recording and of recorded messages. Instants are milliseconds since 1970. */
export interface RecordingView {
  readonly isRunning: boolean
  readonly endsAt: number | null
  readonly by: string | null
  readonly count: number
  readonly limit: number
  readonly characters: number
  /** Messages that were not kept, since more came within a second than are kept. */
  readonly dropped: number
}

export interface AttemptView {
  /** The name of the endpoint. */
  readonly endpoint: string
  readonly outcome: 'answered' | 'failed' | 'refused' | 'pending'
  readonly status: number | null
  /** Milliseconds after the start of the message. */
  readonly from: number
  readonly to: number | null
  readonly code: number | null
  readonly cause: string | null
}

export interface MessageSummary {
  /** Rises with each message. */
  readonly id: number
  readonly at: number
  readonly proxy: string
  readonly method: string
  /** Null: the client disconnected before. */
  readonly status: number | null
  readonly ms: number | null
  readonly hasLeft: boolean
  readonly attempts: readonly AttemptView[]
}

export interface MessageDetail extends MessageSummary {
  readonly path: string
  readonly request: RecordedHeaders
  /** Heads of each attempt. */
  readonly heads: readonly {
    readonly path: string
    readonly sent: RecordedHeaders
    readonly received: RecordedHeaders
  }[]
}
