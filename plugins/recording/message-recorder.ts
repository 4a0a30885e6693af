import type { CapturedRequest, MessageCapture } from './message-capture.js'

/** Captures messages while they are on their way. */
export interface MessageRecorder {
  /** Begins to capture a message; undefined: it is not wanted. */
  begin (request: CapturedRequest): MessageCapture | undefined
  /** The client has its response, or has disconnected. */
  finished (message: MessageCapture): void
}
