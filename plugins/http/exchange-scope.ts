import type { FlowClient } from '../../lib/pipeline/run-flow.js'
import type { Version } from '../../lib/message/soap-version.js'
import type { BufferBudget } from './buffer-budget.js'

/** Something under way for somebody, that is pointless without them. */
export interface Pending {
  previous: Pending | undefined
  /** Nothing, when it is over already. */
  discard (): void
}

/** What is held for one message on its way, for as long as somebody waits for what comes of it. */
export class ExchangeScope implements FlowClient {
  disconnected = false
  onDisconnect?: (() => void) | undefined
  /** The client's own User-Agent. */
  agent: string | undefined
  /** The version of SOAP that the client speaks, as far as its Content-Type says. */
  version: Version | undefined
  /** Whether no client is there whose leaving would end it. */
  readonly alone: boolean = false
  /** Whether nobody waits any more. */
  closed = false
  private pending: Pending | undefined
  private readonly budget: BufferBudget
  private kept = 0

  constructor (budget: BufferBudget) {
    this.budget = budget
  }

  /** Whether these bytes may be kept until the first byte of the answer. */
  reserveBuffer (bytes: number): boolean {
    if (this.closed || !this.budget.reserve(bytes)) return false
    this.kept += bytes
    return true
  }

  /** What was kept need not be repeated any more. */
  freeBuffer (): void {
    if (this.kept === 0) return
    this.budget.free(this.kept)
    this.kept = 0
  }

  /** From now on this one keeps what was kept. */
  handTo (other: ExchangeScope): void {
    other.kept += this.kept
    this.kept = 0
  }

  track (pending: Pending): void {
    if (this.closed) return pending.discard()
    pending.previous = this.pending
    this.pending = pending
  }

  /** It is over. `left`: before it was done. */
  finish (left: boolean): void {
    if (this.closed) return
    this.closed = true
    this.disconnected = left
    this.freeBuffer()
    for (let each = this.pending; each !== undefined; each = each.previous) each.discard()
    this.pending = undefined
    if (left) this.onDisconnect?.()
  }
}
