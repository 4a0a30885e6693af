import type { ShownHeaders } from '../../lib/redaction/redact-headers.js'
import type { Note } from './message-capture.js'

/** A body as it is kept. */
export interface RecordedBody {
  /** Bytes on the network; null: it did not end. */
  readonly size: number | null
  /** Its start with values hidden; null: it is not kept. */
  readonly text: string | null
  readonly isCut: boolean
  /** How many values are hidden. */
  readonly hidden: number
  /** Why it is not kept. */
  readonly reason: string | null
}

/** The name of one direction of one hop: `sent-1` is what the first attempt sent. */
export type PartName = 'request' | 'response' | `sent-${number}` | `received-${number}`

/** One direction of one hop. */
export interface RecordedPart {
  readonly headers: ShownHeaders
  /** A name: the body is the same as that of the other part. */
  readonly body: RecordedBody | PartName
}

/** One attempt. Instants are milliseconds after the start of the message. */
export interface RecordedAttempt {
  readonly endpoint: string
  /** Path with secrets and the values of its query hidden. */
  readonly path: string
  readonly outcome: 'answered' | 'failed' | 'refused' | 'pending'
  readonly status: number | null
  readonly from: number
  readonly to: number | null
  readonly code: number | null
  readonly cause: string | null
  /** Null: nothing was sent, or nothing came. */
  readonly sent: RecordedPart | null
  readonly received: RecordedPart | null
}

/** A message as a recording keeps it: values that may be secret are hidden already. */
export interface RecordedMessage {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly proxy: string
  readonly method: string
  /** Path with secrets and the values of its query hidden. */
  readonly path: string
  /** The first element of the SOAP Body. */
  readonly operation: string | null
  /** Null: the client disconnected before. */
  readonly status: number | null
  readonly ms: number | null
  readonly hasLeft: boolean
  /** A fingerprint of the id of its session, for this gateway and until it ends. */
  readonly session: string | null
  readonly fault: { readonly code: number; readonly reason: string } | null
  readonly notes: readonly Note[]
  readonly attempts: readonly RecordedAttempt[]
  readonly moreAttempts: number
  readonly request: RecordedPart
  readonly response: RecordedPart | null
}

/** A message of a process. One whose last attempts end later comes again, with the same number. */
export interface NumberedMessage {
  readonly number: number
  readonly message: RecordedMessage
}

/** What a recorder reports: a message, or how many messages it has not kept so far. */
export type Recorded = NumberedMessage | { readonly dropped: number }
