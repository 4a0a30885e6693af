import { performance } from 'node:perf_hooks'
import type { Socket } from 'node:net'
import { endFailure, failure, ResponseRejected, type Failure } from './client-error.js'
import type { PoolSettings } from './client-options.js'
import { closedByNotify } from './close-notify.js'
import { Deadline } from '../../timing/shared-timer.js'
import { Dial, type DialEvents } from './dialing/dial.js'
import type { ClientExchange } from './client-exchange.js'
import type { Linked } from '../../../lib/state/linked-list.js'
import type { NameResolver } from './names/name-resolver.js'
import type { ResponseHead } from './response/response-head.js'
import { type ReaderEvents, ResponseReader } from './response/response-reader.js'
import type { ConnectionTarget } from './dialing/target.js'

/** Events of a connection for its pool. */
export interface ConnectionHost {
  /** It is open. */
  onOpen(connection: Connection): void
  /** The response is complete, and the connection can be used again after the next poll phase. */
  onReusable(connection: Connection): void
  /** Either the exchange that is going on, or the response to it, authenticates the connection. */
  onAuthenticated(connection: Connection, exchange: ClientExchange): void
  /** It takes no more requests. */
  onDead(connection: Connection): void
}

/** All sockets are read into this: whatever is handed on is copied out before anything else runs. */
const SHARED = Buffer.allocUnsafeSlow(65_536)

/** An endpoint that states how long it keeps a connection may close it so much earlier, in milliseconds. */
const HINT_MARGIN = 1000

const DIALING = 0
const BUSY = 1
const IDLE = 2
const DEAD = 3

/**
 * A connection and the exchanges on it, one at a time.
 *
 *     dialing ─▶ busy ◀─▶ idle
 *        └────────┴─────────┴──▶ dead
 *
 * It is dead at the end that the endpoint sends, at an error, and at any byte that belongs to no response; not only
 * when the socket has closed.
 */
export class Connection extends Deadline implements Linked<Connection>, ReaderEvents, DialEvents {
  before: Connection | undefined
  after: Connection | undefined
  /** Whose it is, once it is authenticated. */
  owner: object | undefined
  /** Whether it ends with the exchange that is going on. */
  closesAfter = false
  /** Where the pool has it while it is idle. */
  place: 'none' | 'cooling' | 'idle' = 'none'
  /** How it was made. */
  readonly dial: Dial
  readonly #host: ConnectionHost
  readonly #settings: PoolSettings
  readonly #reader: ResponseReader
  /** By `performance.now()`. */
  #expiresAt = 0
  #requests = 0
  #idleTimeout: number
  #state = DIALING
  #socket: Socket | undefined
  #exchange: ClientExchange | undefined
  #persistent = true

  constructor (target: ConnectionTarget, settings: PoolSettings, host: ConnectionHost) {
    super()
    this.#host = host
    this.#settings = settings
    this.#idleTimeout = settings.idleTimeout
    this.#reader = new ResponseReader(this, settings.headLimit)
    this.dial = new Dial(target, settings, { buffer: SHARED, callback: size => this.#read(size) }, this)
  }

  get address (): string | undefined {
    return this.dial.address
  }

  get isDialing (): boolean {
    return this.#state === DIALING
  }

  get isIdle (): boolean {
    return this.#state === IDLE
  }

  /** Whether the system has all that was written. */
  get isFlushed (): boolean {
    return this.#socket === undefined || this.#socket.writableLength === 0
  }

  /** Whether it may carry one more request. */
  get isReusable (): boolean {
    return this.#state === IDLE && (this.owner !== undefined || performance.now() < this.#expiresAt)
  }

  /** Connects, for this exchange. */
  open (exchange: ClientExchange, resolver: NameResolver): void {
    this.#exchange = exchange
    exchange.dialing(this)
    this.dial.begin(resolver)
  }

  onConnected (socket: Socket): void {
    this.#socket = socket
    const { maxAge } = this.#settings
    this.#expiresAt = performance.now() + maxAge * (1 - Math.random() / 10)
    this.#host.onOpen(this)
    socket.on('error', error => this.#broken(error))
    socket.on('end', () => this.#ended())
    socket.on('close', () => this.#closed())
    socket.on('drain', () => this.#exchange?.drained())
    this.#beginExchange(this.#exchange!, socket)
  }

  onFailed (failed: Failure): void {
    const exchange = this.#exchange
    this.#destroy()
    exchange?.fail(failed)
  }

  /** Carries this exchange; the connection must be fit. */
  begin (exchange: ClientExchange): void {
    const socket = this.#socket!
    this.stop()
    socket.ref()
    this.#exchange = exchange
    this.#beginExchange(exchange, socket)
  }

  pause (): void {
    this.#socket!.pause()
  }

  resume (): void {
    this.#socket!.resume()
  }

  /** Sends bytes after a switch of protocols. Returns whether more may be sent now. */
  write (chunk: Buffer): boolean {
    return this.#socket!.write(chunk)
  }

  /** Sends nothing more after a switch of protocols. */
  finishWriting (): void {
    this.#socket!.end()
  }

  /** The exchange has failed: nothing more may come for it. */
  abandon (exchange: ClientExchange): void {
    if (this.#exchange !== exchange) return
    this.#exchange = undefined
    this.close()
  }

  close (): void {
    if (this.#state === DIALING) this.dial.cancel()
    this.#destroy()
  }

  /** It was idle for too long. */
  override onDeadline (): void {
    this.#destroy()
  }

  // Events of the reader

  interim (head: ResponseHead): boolean {
    return this.#exchange!.interim(head)
  }

  head (head: ResponseHead, whole: boolean): boolean {
    const exchange = this.#exchange!
    this.#persistent = head.persistent && head.keepAlive !== 0
    if (head.keepAlive > 0) {
      const kept = head.keepAlive - Math.min(HINT_MARGIN, head.keepAlive / 2)
      this.#idleTimeout = Math.min(this.#settings.idleTimeout, kept)
    }
    if (head.authenticatesConnection) this.#host.onAuthenticated(this, exchange)
    return exchange.headCame(head, whole)
  }

  body (chunk: Buffer): boolean {
    return this.#exchange!.bodyCame(chunk)
  }

  end (reusable: boolean): void {
    const exchange = this.#exchange!
    this.#exchange = undefined
    const staysOpen =
      reusable &&
      this.#persistent &&
      exchange.bodySent &&
      !this.closesAfter &&
      this.#requests < this.#settings.maxRequests
    if (staysOpen) this.#becomeIdle(exchange)
    else this.#destroy()
    exchange.complete()
  }

  #beginExchange (exchange: ClientExchange, socket: Socket): void {
    this.#state = BUSY
    if (exchange.head.closes) this.closesAfter = true
    if (exchange.head.authenticates) this.#host.onAuthenticated(this, exchange)
    this.#reader.begin(exchange.request.method, exchange.request.upgrade !== undefined)
    exchange.begin(this, socket, this.#requests++ > 0)
  }

  #becomeIdle (exchange: ClientExchange): void {
    const socket = this.#socket!
    this.#state = IDLE
    if (exchange.isPaused) socket.resume()
    socket.unref()
    this.start(this.#idleTimeout)
    this.#host.onReusable(this)
  }

  /** Reads from `SHARED`. Returns whether to read on. */
  #read (size: number): boolean {
    const exchange = this.#exchange
    if (this.#state !== BUSY || exchange === undefined) {
      this.#destroy()
      return false
    }
    exchange.firstByteSeen = true
    try {
      this.#reader.read(SHARED, 0, size)
    } catch (error) {
      if (!(error instanceof ResponseRejected)) throw error
      this.#exchange?.fail(failure(error.kind, error.rule, error.message, error))
      return false
    }
    return this.isIdle || (this.#exchange === exchange && !exchange.isPaused)
  }

  #broken (error: Error): void {
    const exchange = this.#exchange
    if (exchange === undefined) return this.#destroy()
    exchange.fail(endFailure(error, exchange))
  }

  /** The endpoint sends no more. */
  #ended (): void {
    const exchange = this.#exchange
    if (exchange === undefined) return this.#destroy()
    if (this.#reader.isUntilClose && this.isFlushed && !('encrypted' in this.#socket!)) {
      return this.#endUnlessReset(exchange)
    }
    this.#finish(exchange, !('encrypted' in this.#socket!) || closedByNotify(this.#socket!))
  }

  /**
   * Node shows a reset as an end if it is read together with the last bytes. A write of no bytes fails then.
   * @see libuv, uv__stream_io: a hang-up after a partial read is an end
   */
  #endUnlessReset (exchange: ClientExchange): void {
    this.#socket!.write('', error => {
      if (this.#exchange !== exchange) return
      if (error) this.#broken(error)
      else this.#finish(exchange, true)
    })
  }

  #finish (exchange: ClientExchange, isClean: boolean): void {
    try {
      if (this.#reader.finish(isClean)) return this.end(false)
    } catch (error) {
      if (!(error instanceof ResponseRejected)) throw error
      return exchange.fail(failure(error.kind, error.rule, error.message, error))
    }
    exchange.fail(endFailure(undefined, exchange))
  }

  #closed (): void {
    if (this.#state === DEAD) return
    this.#broken(new Error('The connection was closed'))
  }

  #destroy (): void {
    if (this.#state === DEAD) return
    this.#state = DEAD
    this.stop()
    this.#reader.stop()
    this.#socket?.destroy()
    this.#host.onDead(this)
  }
}
