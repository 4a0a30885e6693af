import { performance } from 'node:perf_hooks'
import type { FlowClient } from '../../../lib/pipeline/run-flow.js'
import type { Version } from '../../../lib/message/soap-version.js'
import { Countdown } from '../../timing/shared-timer.js'
import type { BufferBudget } from './buffer-budget.js'
import type { ClientUpgrade } from './client-upgrade.js'

/** An operation that is pointless once its exchange is over. */
export interface ScopedOperation {
  /** The neighbours among the operations of its exchange, which sets both. */
  previous: ScopedOperation | undefined
  next: ScopedOperation | undefined
  /** Cancels it; no effect if it is over. */
  discard(): void
}

/** An operation that ends with the time of its exchange. */
export interface TimedOperation {
  /** The time is over. */
  expire(): void
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
  /** The client asks to switch protocols. */
  readonly upgrade: ClientUpgrade | undefined
  closed = false
  /** Whether the connection of the last attempt had carried another request; undefined: not known. */
  connectionReused: boolean | undefined
  /** Called once, when the exchange is over. */
  observer: { onFinish(): void } | undefined
  /** Whether its time is over: it reaches no more endpoints. */
  expired = false
  /** The operation that began last. */
  #operations: ScopedOperation | undefined
  #deadline: Countdown | undefined
  #timedOperations: Set<TimedOperation> | undefined
  readonly #budget: BufferBudget
  #reserved = 0

  constructor (budget: BufferBudget, clientConnection?: object, upgrade?: ClientUpgrade) {
    this.upgrade = upgrade
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
    if (this.#operations !== undefined) this.#operations.next = operation
    this.#operations = operation
  }

  /** The operation is over: a long exchange keeps only those in progress. No effect on one that is not tracked. */
  untrack (operation: ScopedOperation): void {
    const { previous, next } = operation
    if (next !== undefined) next.previous = previous
    else if (this.#operations === operation) this.#operations = previous
    else return
    if (previous !== undefined) previous.next = next
    operation.previous = operation.next = undefined
  }

  /** Limits the time of the exchange from now on, in milliseconds; the shortest limit counts. 0: no limit */
  limitTime (duration: number): void {
    if (duration === 0 || this.closed) return
    if (this.#deadline !== undefined && this.#deadline.at <= performance.now() + duration) return
    this.#timedOperations ??= new Set()
    this.#deadline ??= new Countdown(() => this.expire())
    this.#deadline.start(duration)
  }

  /** The time is not limited any more. */
  unlimitTime (): void {
    this.#deadline?.stop()
  }

  /** Ends this operation when the time of the exchange is over. */
  trackTime (operation: TimedOperation): void {
    this.#timedOperations?.add(operation)
  }

  /** The operation is over. No effect on one that is not tracked. */
  untrackTime (operation: TimedOperation): void {
    this.#timedOperations?.delete(operation)
  }

  /** The time of the exchange is over. */
  protected expire (): void {
    this.expired = true
    for (const each of this.#timedOperations ?? []) each.expire()
  }

  /** Ends the exchange. `aborted`: before it was complete. */
  finish (aborted: boolean): void {
    if (this.closed) return
    this.closed = true
    this.disconnected = aborted
    this.#deadline?.stop()
    this.freeBuffer()
    for (let each = this.#operations; each !== undefined; each = this.#operations) {
      this.untrack(each)
      each.discard()
    }
    if (aborted) this.onDisconnect?.()
    this.observer?.onFinish()
  }
}
