import { performance } from 'node:perf_hooks'
import type { Socket } from 'node:net'
import { ClientError, failure, type Evidence, type Failure, type ExchangePhase } from './client-error.js'
import type { Connection } from './connection.js'
import { Deadline } from '../../timing/shared-timer.js'
import type { Linked } from '../../../lib/state/linked-list.js'
import type { ClientRequest, ResponseHandler } from './request.js'
import type { RequestHead } from './request-head.js'
import { RequestUpload, type UploadEvents } from './request-upload.js'
import type { ResponseHead } from './response/response-head.js'

/** Learns when an exchange is over. */
export interface ExchangeHost {
  onOver(exchange: ClientExchange): void
}

/**
 * Head and body are written as one string up to this size together, which needs no buffer of its own (Node's
 * WriteString).
 */
const ONE_WRITE = 16_384

const QUEUED = 0
const DIALING = 1
const ACTIVE = 2
const OVER = 3

/**
 * One request and its response; what the caller holds of it.
 *
 *     queued ─▶ dialing ─▶ active ─▶ over
 *        └─────────────────▲
 */
export class ClientExchange extends Deadline implements Linked<ClientExchange>, UploadEvents, Evidence {
  before: ClientExchange | undefined
  after: ClientExchange | undefined
  readonly request: ClientRequest
  /** When it was given to the pool, by `performance.now()`. */
  readonly startedAt = performance.now()
  bytesWritten = 0
  firstByteSeen = false
  reused = false
  readonly head: RequestHead
  readonly #handler: ResponseHandler
  readonly #host: ExchangeHost
  #state = QUEUED
  #connection: Connection | undefined
  #upload: RequestUpload | undefined
  #paused = false
  #inBody = false
  /** Whether the endpoint has switched protocols. */
  #switched = false

  constructor (request: ClientRequest, head: RequestHead, handler: ResponseHandler, host: ExchangeHost) {
    super()
    this.request = request
    this.head = head
    this.#handler = handler
    this.#host = host
  }

  get phase (): ExchangePhase {
    if (this.#state === QUEUED) return 'queued'
    if (this.#state === DIALING) return this.#connection!.dial.phase
    if (this.#inBody) return 'body'
    if (this.firstByteSeen) return 'head'
    return this.bodySent && this.#connection?.isFlushed !== false ? 'waiting' : 'sending'
  }

  get address (): string | undefined {
    return this.#connection?.address
  }

  /** How long the look-up of the name, TCP and TLS took, in milliseconds; of a reused connection, once. */
  get resolveTime (): number {
    return this.#connection?.dial.resolveTime ?? 0
  }

  get connectTime (): number {
    return this.#connection?.dial.connectTime ?? 0
  }

  get tlsTime (): number {
    return this.#connection?.dial.tlsTime ?? 0
  }

  get isQueued (): boolean {
    return this.#state === QUEUED
  }

  get isOver (): boolean {
    return this.#state === OVER
  }

  get isPaused (): boolean {
    return this.#paused
  }

  /** Whether any byte of the request was handed to a connection, and whether any of a streamed body was. */
  get requestSent (): boolean {
    return this.bytesWritten > 0
  }

  get bodyStarted (): boolean {
    return this.#upload !== undefined
  }

  /** Whether the socket has the whole request. */
  get bodySent (): boolean {
    return this.#upload === undefined ? this.bytesWritten > 0 : this.#upload.done
  }

  /** Reads no more of the response until `resume`. Its time stands still meanwhile. */
  pause (): void {
    if (this.#paused || this.#state !== ACTIVE) return
    this.#paused = true
    this.stop()
    this.#connection!.pause()
  }

  resume (): void {
    if (!this.#paused || this.#state !== ACTIVE) return
    this.#paused = false
    if (this.#inBody) this.#startBodyTimeout()
    else if (this.bodySent) this.#startHeadTimeout()
    this.#connection!.resume()
  }

  /** Sends bytes after a switch of protocols. Returns whether more may be sent now; if not, `onDrain` follows. */
  write (chunk: Buffer): boolean {
    return this.isOver || this.#connection!.write(chunk)
  }

  /** Sends nothing more after a switch of protocols; what the endpoint sends still comes. */
  finishWriting (): void {
    if (!this.isOver) this.#connection!.finishWriting()
  }

  /** Gives up: the connection is closed, `onError` is called with a failure of kind `aborted` before this returns. */
  abort (reason?: Error): void {
    this.fail(failure('aborted', 'ABORTED', reason?.message ?? 'The caller gave up', reason))
  }

  // Events of the pool and the connection

  dialing (connection: Connection): void {
    this.stop()
    this.#state = DIALING
    this.#connection = connection
  }

  /** Writes the request. */
  begin (connection: Connection, socket: Socket, reused: boolean): void {
    this.stop()
    this.#state = ACTIVE
    this.#connection = connection
    this.reused = reused
    this.#handler.onSend?.(this)
    if (this.isOver) return
    const { text } = this.head
    const { body } = this.request
    if (body === undefined || Buffer.isBuffer(body)) {
      this.bytesWritten = text.length + (body?.length ?? 0)
      writeWhole(socket, text, body)
      this.#startHeadTimeout()
    } else {
      this.#upload = new RequestUpload(body, socket, this)
      this.#upload.begin(text)
    }
  }

  drained (): void {
    this.#upload?.drained()
    if (this.#switched) this.#handler.onDrain?.(this)
  }

  interim (head: ResponseHead): boolean {
    this.#handler.onInterim?.(this, head)
    return !this.isOver
  }

  headCame (head: ResponseHead, whole: boolean): boolean {
    this.#inBody = true
    this.#switched = head.status === 101
    if (whole || this.#paused) this.stop()
    else this.#startBodyTimeout()
    this.#handler.onHead(this, head, whole)
    return !this.isOver
  }

  bodyCame (chunk: Buffer): boolean {
    if (!this.#paused) this.#startBodyTimeout()
    this.#handler.onBody(this, chunk)
    return !this.isOver
  }

  /** The response is complete; the connection is no longer of this exchange. */
  complete (): void {
    if (!this.#markOver()) return
    this.#handler.onEnd(this)
  }

  fail (failed: Failure): void {
    if (this.isOver) return
    const error = new ClientError(failed, this)
    const connection = this.#connection
    this.#markOver()
    connection?.abandon(this)
    this.#handler.onError(this, error)
  }

  override onDeadline (): void {
    if (this.#state === QUEUED) {
      this.fail(failure('queueTimeout', 'QUEUE_TIMEOUT', 'The request waited too long for its turn'))
    } else if (this.#inBody) {
      this.fail(failure('bodyTimeout', 'BODY_TIMEOUT', 'The endpoint was silent for too long inside its response'))
    } else this.fail(failure('responseTimeout', 'RESPONSE_TIMEOUT', 'The endpoint did not respond in time'))
  }

  // Events of the upload

  waiting (): void {
    if (!this.#inBody && !this.#paused) this.#startHeadTimeout()
  }

  busy (): void {
    if (!this.#inBody) this.stop()
  }

  written (bytes: number): void {
    this.bytesWritten += bytes
  }

  failed (failed: Failure): void {
    this.fail(failed)
  }

  #startBodyTimeout (): void {
    this.start(this.#switched ? 0 : this.request.bodyTimeout ?? 0)
  }

  #startHeadTimeout (): void {
    this.start(this.request.headTimeout ?? 0)
  }

  #markOver (): boolean {
    if (this.isOver) return false
    this.stop()
    this.#host.onOver(this)
    this.#state = OVER
    this.#upload?.cancel()
    return true
  }
}

function writeWhole (socket: Socket, head: string, body: Buffer | undefined): void {
  if (body === undefined) socket.write(head, 'latin1')
  else if (head.length + body.length <= ONE_WRITE) socket.write(head + body.toString('latin1'), 'latin1')
  else {
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(body)
    socket.uncork()
  }
}
