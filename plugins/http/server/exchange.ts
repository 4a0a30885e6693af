import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Fault } from '../../../lib/message/fault.js'
import type { Headers } from '../../../lib/message/headers.js'
import type { Body } from '../../../lib/message/message.js'
import { isSent, type AbortReason } from '../../logging/request-trace.js'
import type { BufferBudget } from '../message/buffer-budget.js'
import { connectionOf, type ClientConnection } from './client-connection.js'
import type { ClientUpgrade } from '../message/client-upgrade.js'
import type { HookHeaders } from './hook-headers.js'
import { ExchangeScope } from '../message/exchange-scope.js'

/** A request body that may not have been received completely yet. */
export interface UnreadBody {
  readonly unfinished: boolean
  drainBeforeClose(done: () => void): void
  /** Resolves when all of it is here, or never will be. */
  finished(): Promise<void>
  /** The request is responded to: ends its stream, if that is still open after its last byte. */
  endStream(): void
}

export interface ExchangeOptions {
  readonly budget: BufferBudget
  /** The body as the host's hooks leave it. Default: the request itself */
  readonly payload?: Readable | undefined
  /** Headers as the host's hooks leave them: names and values in turn. Default: those of the request */
  readonly rawHeaders?: readonly string[] | undefined
  /** The greatest request body, in bytes. Default: no limit */
  readonly bodyLimit?: number | undefined
  /** The client asks to switch protocols. Default: it does not */
  readonly upgrade?: ClientUpgrade | undefined
}

/** One request of one client and its response. Ends when the response is sent or the client disconnects. */
export class Exchange extends ExchangeScope {
  readonly request: IncomingMessage
  readonly connection: ClientConnection
  readonly response: ServerResponse
  readonly payload: Readable
  readonly rawHeaders: readonly string[]
  readonly bodyLimit: number
  /** A fault of the client that was found after its message had been passed on. */
  rejection: Fault | undefined
  /** Whether the client came by https, as far as a trusted proxy in front states. */
  secure = false
  upload: UnreadBody | undefined
  /** Bytes of the body that have come, and bytes of the response's body that were written. */
  requestBytes = 0
  responseBytes = 0
  /** Why the gateway itself ended it before its response was complete. Undefined: it did not */
  abortReason: AbortReason | undefined
  /** Whether the response is the gateway's. */
  responded = false

  constructor (request: IncomingMessage, response: ServerResponse, options: ExchangeOptions) {
    super(options.budget, request.socket, options.upgrade)
    this.request = request
    this.connection = connectionOf(request.socket)
    this.payload = options.payload ?? request
    this.rawHeaders = options.rawHeaders ?? request.rawHeaders
    this.bodyLimit = options.bodyLimit ?? Infinity
    this.response = response
    response.on('close', () => this.close())
    if (request.socket.destroyed) this.close()
    else this.connection.exchanges.add(this)
  }

  /** Whether it is one of Node's server for HTTP/1, and neither HTTP/2 nor a test without a connection. */
  get isPlainHttp (): boolean {
    return this.request.httpVersionMajor === 1 && !('isLightMyRequest' in this.request)
  }

  /** Whether the response to an earlier request ends the connection: this one gets none. */
  get isAfterLast (): boolean {
    return this.connection.isEnding
  }

  /** Ends the connection after the response. */
  endConnection (): void {
    this.response.shouldKeepAlive = false
    this.connection.isEnding = true
  }

  /** Takes the response from the host. Returns false where the host has responded already. */
  takeOver (): boolean {
    return true
  }

  /** The response begins, with these headers besides those that Node adds. */
  onRespond (_headers: readonly string[], _body: Body): void {}

  /** The client's request to switch protocols has been granted. */
  onSwitch (): void {}

  /** The headers of the request as mediators and endpoints get them. */
  requestHeaders (headers: Headers): Headers {
    return headers
  }

  /** Headers of the response that hooks of the host have set, names in lower case; undefined: none. */
  hookHeaders (): HookHeaders | undefined {
    return undefined
  }

  /** A response that has begun is truncated. Otherwise a fault of the message becomes the response. */
  protected override expire (): void {
    super.expire()
    if (!this.responded || this.closed) return
    this.abortReason = 'timeout'
    this.response.destroy()
  }

  /** The response was sent completely, or the client disconnected. */
  close (): void {
    if (this.closed) return
    this.connection.exchanges.delete(this)
    // A response of the host, such as a timeout, ends the exchange like a client that disconnects.
    this.finish(!this.responded || !isSent(this.response))
  }
}
