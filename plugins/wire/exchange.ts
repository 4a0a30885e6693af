import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Client } from '../../lib/flow.js'
import type { Budget } from './budget.js'

/** Something under way for a client, that is pointless without it. */
export interface Pending {
  previous: Pending | undefined
  /** Nothing, when it is over already. */
  discard (): void
}

/** What a client has not sent completely yet. */
export interface Unfinished {
  readonly unfinished: boolean
  linger (done: () => void): void
}

/** One request of one client and its answer: it holds what must be let go of when the client leaves. */
export class Exchange implements Client {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  gone = false
  /** Whether the client came by https, as far as a trusted proxy before us says. */
  secure = false
  onLeave?: (() => void) | undefined
  /** The client's own User-Agent. */
  agent: string | undefined
  upload: Unfinished | undefined
  private pending: Pending | undefined
  private readonly budget: Budget
  private kept = 0
  /** Whether the answer was sent whole, or the client left. */
  closed = false

  constructor (request: IncomingMessage, response: ServerResponse, budget: Budget) {
    this.request = request
    this.response = response
    this.budget = budget
    response.on('close', () => this.close())
    if (response.socket === null) queue(this)
  }

  /** Whether these bytes may be kept until the first byte of the answer. */
  keep (bytes: number): boolean {
    if (this.closed || !this.budget.take(bytes)) return false
    this.kept += bytes
    return true
  }

  /** What was kept need not be repeated any more. */
  release (): void {
    if (this.kept === 0) return
    this.budget.give(this.kept)
    this.kept = 0
  }

  begin (pending: Pending): void {
    if (this.closed) return pending.discard()
    pending.previous = this.pending
    this.pending = pending
  }

  /** It is over: the answer was sent whole, or the client left. */
  close (): void {
    if (this.closed) return
    this.closed = true
    queues.get(this.request.socket)?.delete(this)
    this.gone = !this.response.writableFinished
    this.release()
    for (let each = this.pending; each !== undefined; each = each.previous) each.discard()
    this.pending = undefined
    if (this.gone) this.onLeave?.()
  }
}

/** Pipelined requests that wait for their turn: their responses have no connection yet, and would never hear of its end. */
const queues = new WeakMap<Socket, Set<Exchange>>()

function queue (exchange: Exchange): void {
  const { socket } = exchange.request
  const known = queues.get(socket)
  if (known !== undefined) {
    known.add(exchange)
    return
  }
  const waiting = new Set([exchange])
  queues.set(socket, waiting)
  socket.once('close', () => { for (const each of waiting) each.close() })
}
