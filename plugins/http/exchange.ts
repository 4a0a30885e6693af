import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { BufferBudget } from './buffer-budget.js'
import { ExchangeScope } from './exchange-scope.js'

/** A request body that may not have been received completely yet. */
export interface UnreadBody {
  readonly unfinished: boolean
  drainBeforeClose (done: () => void): void
  /** Resolves when all of it is here, or never will be. */
  finished (): Promise<void>
}

/** One request of one client and its response. Ends when the response is sent or the client disconnects. */
export class Exchange extends ExchangeScope {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The body as the host's hooks leave it; the request itself where no hook replaces it. */
  readonly payload: Readable
  /** Whether the client came by https, as far as a trusted proxy in front says. */
  secure = false
  upload: UnreadBody | undefined

  constructor (
    request: IncomingMessage, response: ServerResponse, budget: BufferBudget, payload: Readable = request
  ) {
    super(budget)
    this.request = request
    this.payload = payload
    this.response = response
    response.on('close', () => this.close())
    if (response.socket === null) closeWithSocket(this)
  }

  /** The response was sent completely, or the client disconnected. */
  close (): void {
    if (this.closed) return
    pipelined.get(this.request.socket)?.delete(this)
    this.finish(!this.response.writableFinished)
  }
}

/** Pipelined requests behind another one. Their responses have no socket yet, so they get no event when it closes. */
const pipelined = new WeakMap<Socket, Set<Exchange>>()

function closeWithSocket (exchange: Exchange): void {
  const { socket } = exchange.request
  const known = pipelined.get(socket)
  if (known !== undefined) {
    known.add(exchange)
    return
  }
  const waiting = new Set([exchange])
  pipelined.set(socket, waiting)
  socket.once('close', () => { for (const each of waiting) each.close() })
}
