import type { CapturedRequest, MessageCapture } from './message-capture.js'

/** Captures messages while they are on their way. */
export interface MessageRecorder {
  /** Begins to capture a message; undefined: it is not wanted. */
  begin (request: CapturedRequest): MessageCapture | undefined
  /**
   * The client has its response, or has disconnected.
   * @param delivery resolves when what continues without the client is over
   */
  finished (message: MessageCapture, delivery?: Promise<void>): void
}
