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
    super(budget, request.socket)
    this.request = request
    this.payload = payload
    this.response = response
    response.on('close', () => this.close())
    register(this)
  }

  /** Whether the response to an earlier request ends the connection: this one gets none. */
  get isBehindLast (): boolean { return endingConnections.has(this.request.socket) }

  /** Ends the connection behind the response. */
  endConnection (): void {
    this.response.shouldKeepAlive = false
    endingConnections.add(this.request.socket)
  }

  /** The response was sent completely, or the client disconnected. */
  close (): void {
    if (this.closed) return
    openExchanges.get(this.request.socket)?.delete(this)
    this.finish(!this.response.writableFinished)
  }
}

/**
 * Open exchanges by connection, in the order of their requests. Responses to pipelined requests have no socket yet, so
 * they get no event when it closes.
 */
const openExchanges = new WeakMap<Socket, Set<Exchange>>()

const endingConnections = new WeakSet<Socket>()

/** Returns the exchanges of a connection that are not over, in the order of their requests. */
export const exchangesOn = (socket: Socket): readonly Exchange[] => [...openExchanges.get(socket) ?? []]

function register (exchange: Exchange): void {
  const { socket } = exchange.request
  if (socket.destroyed) return exchange.close()
  const known = openExchanges.get(socket)
  if (known !== undefined) {
    known.add(exchange)
    return
  }
  const open = new Set([exchange])
  openExchanges.set(socket, open)
  socket.once('close', () => { for (const each of open) each.close() })
}
