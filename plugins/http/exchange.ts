import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { BufferBudget } from './buffer-budget.js'
import { ExchangeScope } from './exchange-scope.js'

/** What a client has not sent completely yet. */
export interface UnreadBody {
  readonly unfinished: boolean
  drainBeforeClose (done: () => void): void
  /** Resolves when all of it is here, or it is clear that it never will be. */
  over (): Promise<void>
}

/** One request of one client and its answer: it holds what must be let go of when the client leaves. */
export class Exchange extends ExchangeScope {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Whether the client came by https, as far as a trusted proxy before us says. */
  secure = false
  upload: UnreadBody | undefined

  constructor (request: IncomingMessage, response: ServerResponse, budget: BufferBudget) {
    super(budget)
    this.request = request
    this.response = response
    response.on('close', () => this.close())
    if (response.socket === null) queue(this)
  }

  /** It is over: the answer was sent whole, or the client left. */
  close (): void {
    if (this.closed) return
    queues.get(this.request.socket)?.delete(this)
    this.finish(!this.response.writableFinished)
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
