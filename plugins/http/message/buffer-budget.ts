import { fault } from '../../../lib/message/fault.js'

/** A message cannot be read, since the budget has no room for it. */
export const NO_ROOM = fault('UNREADABLE', 'Too many messages are being read at once', { status: 503 })

/** The bytes of all bodies that the process buffers, and counts of what the budget made impossible. */
export class BufferBudget {
  readonly limit: number
  /** Bytes buffered now. */
  inUse = 0
  /** Reservations refused: the body streamed instead, or the message was refused. */
  denied = 0
  /** Requests that failed and could not be retried, because their body had been streamed. */
  retriesImpossible = 0

  constructor (limit: number) {
    this.limit = limit
  }

  /** Reserves bytes. Returns whether there was room; a granted reservation must be freed. */
  reserve (bytes: number): boolean {
    if (this.inUse + bytes > this.limit) {
      this.denied++
      return false
    }
    this.inUse += bytes
    return true
  }

  free (bytes: number): void {
    this.inUse -= bytes
  }
}
