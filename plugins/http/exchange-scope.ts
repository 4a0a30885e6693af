import type { FlowClient } from '../../lib/pipeline/run-flow.js'
import type { Version } from '../../lib/message/soap-version.js'
import type { BufferBudget } from './buffer-budget.js'

/** An operation that is pointless once its exchange is over. */
export interface ScopedOperation {
  previous: ScopedOperation | undefined
  /** Cancels it; no effect if it is over. */
  discard (): void
}

/** What one message holds while its response is awaited: buffered bytes and operations in progress. */
export class ExchangeScope implements FlowClient {
  disconnected = false
  onDisconnect?: (() => void) | undefined
  /** The client's own User-Agent. */
  agent: string | undefined
  /** The version of SOAP that the client's Content-Type stands for. */
  version: Version | undefined
  /** The client's connection, while there is one. */
  readonly clientConnection: object | undefined
  /** Whether it continues without a client. */
  readonly isDetached: boolean = false
  closed = false
  /** Whether the connection of the last attempt had carried another request; undefined: not known. */
  connectionReused: boolean | undefined
  /** Called once, when the exchange is over. */
  observer: { onFinish (): void } | undefined
  #operations: ScopedOperation | undefined
  readonly #budget: BufferBudget
  #reserved = 0

  constructor (budget: BufferBudget, clientConnection?: object) {
    this.clientConnection = clientConnection
    this.#budget = budget
  }

  /** Reserves bytes until the first byte of the response. Returns whether there was room. */
  reserveBuffer (bytes: number): boolean {
    if (this.closed || !this.#budget.reserve(bytes)) return false
    this.#reserved += bytes
    return true
  }

  /** The request will not be sent again: frees what was reserved for it. */
  freeBuffer (): void {
    if (this.#reserved === 0) return
    this.#budget.free(this.#reserved)
    this.#reserved = 0
  }

  /** Transfers the reservations to another scope. */
  handTo (other: ExchangeScope): void {
    other.#reserved += this.#reserved
    this.#reserved = 0
  }

  /** Cancels this operation when the exchange is over. */
  track (operation: ScopedOperation): void {
    if (this.closed) return operation.discard()
    operation.previous = this.#operations
    this.#operations = operation
  }

  /** Ends the exchange. `aborted`: before it was complete. */
  finish (aborted: boolean): void {
    if (this.closed) return
    this.closed = true
    this.disconnected = aborted
    this.freeBuffer()
    for (let each = this.#operations; each !== undefined; each = each.previous) each.discard()
    this.#operations = undefined
    if (aborted) this.onDisconnect?.()
    this.observer?.onFinish()
  }
}
