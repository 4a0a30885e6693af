import type { Readable } from 'node:stream'
import { MediationError, type Fault } from '../../../lib/message/fault.js'
import { NO_BODY, type Body, type Message, type ReadDepth } from '../../../lib/message/message.js'
import type { HeaderScanner } from '../../../lib/soap/content-type.js'
import { endOfHeader } from '../../../lib/message/envelope.js'
import { withScan } from '../../../lib/soap/read.js'
import type { Exchange } from './exchange.js'
import type { Limits } from '../message/limits.js'
import { bodyRateOf, type BodyRate } from '../message/body-rate.js'
import { BodySource, bytesOf } from '../message/body-source.js'
import { NO_ROOM } from '../message/buffer-budget.js'
import type { TimedOperation } from '../message/exchange-scope.js'
import type { TurnTask } from '../../timing/turn-tasks.js'
import { ClientDisconnected, SILENT_CLIENT, SLOW_REQUEST, tooLarge } from './client-failures.js'
import { drainingSink } from './draining-sink.js'
import { TINY_CHUNK, TINY_CHUNKS, waitForTurn } from './reading-turns.js'
import { isUnread, takeWhole } from './whole-stream.js'

/** The body of a client's request: read as far as its proxy needs, then passed on. */
export class ClientBody extends BodySource implements TimedOperation, TurnTask {
  readonly #exchange: Exchange
  readonly #stream: Readable
  readonly #limits: Limits
  /** -1: unknown until its end. */
  readonly #length: number
  readonly #readDepth: ReadDepth
  #received = 0
  /** Tiny chunks since its connection waited for its turn. */
  #tinyChunks = 0
  #headerComplete = true
  #buffering: boolean
  #reading = false
  #listening = false
  #timer: NodeJS.Timeout | undefined
  /** Watches whether the body comes fast enough. */
  #rate: BodyRate | undefined
  #message: { -readonly [Key in keyof Message]: Message[Key] } | undefined
  #resolve: ((message: Message) => void) | undefined
  #reject: ((reason: Error) => void) | undefined
  #onFinished: (() => void) | undefined

  constructor (exchange: Exchange, length: number, readDepth: ReadDepth, limits: Limits) {
    super()
    this.#exchange = exchange
    this.#stream = exchange.payload
    this.#length = length
    this.#readDepth = readDepth
    this.#limits = limits
    exchange.trackTime(this)
    this.#buffering = readDepth === 'body' || length <= limits.replayBufferLimit
  }

  get unfinished (): boolean {
    return !this.ended && this.failure === undefined
  }

  finished (): Promise<void> {
    return this.unfinished ? new Promise(resolve => { this.#onFinished = resolve }) : Promise.resolve()
  }

  /** Returns the body with what was read of it as its start. */
  unread (head: Buffer): Body {
    return { kind: 'stream', head, rest: this, size: this.#length < 0 ? undefined : this.#length }
  }

  /** Resolves with the message once as much of its body is here as its proxy needs. */
  read (message: Message, scanner: HeaderScanner | undefined): Promise<Message> {
    this.#message = message
    this.headerScanner = scanner
    this.#headerComplete = scanner === undefined
    this.#reading = true
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      // Node's parser hands over the body of a small request in the same turn, after its head.
      if (isUnread(this.#stream)) process.nextTick(take, this)
      else this.#listen()
    })
  }

  /** Takes a body of which all has come by one `read`, which costs less than listeners. */
  take (): void {
    if (!this.#reading || this.#listening) return
    const whole = takeWhole(this.#stream, this.#length)
    if (whole === null) this.#listen()
    else this.#onChunk(whole)
  }

  /** Ends the stream of a body that was taken at once, which Node does only where it is read to its end. */
  endStream (): void {
    if (this.#listening || !this.ended) return
    if (this.#exchange.request.complete) this.#stream.read()
    else this.#stream.resume()
  }

  flow (): void {
    if (this.#listening) {
      this.#stream.resume()
      this.#rate?.resume()
    } else this.#listen()
    this.#startIdleTimer()
  }

  protected pause (): void {
    this.#rate?.pause()
    this.#stream.pause()
  }

  /** The rest is not read until `drainBeforeClose`. */
  discard (): void {
    if (this.#listening && this.unfinished) this.pause()
  }

  /** Reads for a moment before the connection is closed. */
  drainBeforeClose (done: () => void): void {
    this.sink = drainingSink(() => {
      this.#stopTimers()
      done()
    })
    this.takeBuffered()
    this.flow()
    this.#rate?.pause()
  }

  #listen (): void {
    this.#listening = true
    const { minRequestBodyRate, bodyRateWindow } = this.#limits
    this.#rate = bodyRateOf(minRequestBodyRate, bodyRateWindow, () => this.#endSlow())
    this.#rate?.resume()
    const stream = this.#stream
    stream.on('data', (chunk: unknown) => this.#onChunk(chunk))
    if (this.#length < 0) stream.on('end', () => this.#complete())
    stream.on('close', () => this.#onClose(undefined))
    // A connection that fails is closed; a request without one, in a test, is not.
    if (stream !== this.#exchange.request || 'isLightMyRequest' in stream) {
      stream.on('error', (error: Error) => this.#onClose(error))
    }
    // A hook may hand it over paused.
    stream.resume()
  }

  #onChunk (chunk: unknown): void {
    const bytes = bytesOf(chunk)
    if (bytes === undefined) this.#onClose(new TypeError('a hook has replaced the body by a stream of objects'))
    else this.#onData(bytes)
  }

  #onData (chunk: Buffer): void {
    this.#rate?.add(chunk.length)
    this.#received += chunk.length
    this.#exchange.requestBytes = this.#received
    if (chunk.length < TINY_CHUNK && ++this.#tinyChunks === TINY_CHUNKS) this.#waitForTurn()
    if (this.#received > this.#exchange.bodyLimit) return this.#exceedLimit()
    if (this.sink !== undefined) {
      const wantsMore = this.sink.data(chunk)
      if (this.#received === this.#length) return this.#complete()
      if (!wantsMore) this.pause()
      if (!this.#isWaiting) this.#timer?.refresh()
      return
    }
    this.keep(chunk, this.#length)
    if (!this.#reading) {
      // one more chunk after `pause`
      if (this.#received === this.#length) this.#complete()
      return
    }
    if (!this.#headerComplete) this.#headerComplete = this.headerScanner!.push(chunk)
    if (this.#buffering && !this.#mayBuffer(chunk.length)) {
      if (this.#readDepth === 'body') return this.#refuse()
      this.#buffering = false
      this.#exchange.freeBuffer()
    }
    if (this.#received === this.#length) return this.#complete()
    if (this.#buffering || !this.#headerComplete) return this.#startIdleTimer()
    this.pause()
    this.#stopIdleTimer()
    this.#settle()
  }

  /** Whether its connection waits for its turn. */
  get #isWaiting (): boolean { return this.#tinyChunks >= TINY_CHUNKS }

  #waitForTurn (): void {
    this.#rate?.pause()
    waitForTurn(this.#exchange, this)
  }

  /** The connection is read again. */
  onTurn (): void {
    this.#tinyChunks = 0
    if (!this.unfinished || this.#stream.isPaused()) return
    this.#rate?.resume()
    this.#timer?.refresh()
  }

  #mayBuffer (bytes: number): boolean {
    const limit = this.#readDepth === 'body' ? this.#limits.inspectionLimit : this.#limits.replayBufferLimit
    return this.#received <= limit && this.#exchange.reserveBuffer(bytes)
  }

  #complete (): void {
    if (this.ended) return
    this.ended = true
    this.#onFinished?.()
    this.#stopTimers()
    if (this.sink !== undefined) this.sink.end()
    else if (this.#reading && this.#received === 0) this.#settle(NO_BODY)
    else if (this.#reading) this.#settle(this.#buffering ? { kind: 'bytes', bytes: this.takeBuffered() } : undefined)
  }

  /** Without a body it streams. Its start is held until the response, so it is no longer than what was read of it. */
  #settle (whole?: Body): void {
    this.#reading = false
    const scan = this.headerScanner?.finish()
    const body =
      whole ??
      this.unread(this.takeStart(this.headerScanner === undefined ? 0 : (endOfHeader(scan) ?? this.buffered)))
    this.headerScanner = undefined
    this.#message!.body = withScan(body, scan)
    this.#resolve!(this.#message!)
  }

  #refuse (): void {
    this.#stop(this.#received > this.#limits.inspectionLimit ? tooLarge(this.#limits.inspectionLimit) : NO_ROOM)
  }

  #stop (reason: Fault): void {
    this.#reading = false
    this.pause()
    this.#stopIdleTimer()
    this.#exchange.freeBuffer()
    this.takeBuffered()
    this.#reject!(new MediationError(reason))
  }

  #exceedLimit (): void {
    if (this.failure !== undefined) return
    const reason = tooLarge(this.#exchange.bodyLimit)
    this.#exchange.rejection = reason
    if (this.#reading) return this.#stop(reason)
    this.failure = new MediationError(reason)
    this.pause()
    this.#stopIdleTimer()
    this.sink?.fail(this.failure)
  }

  /** The stream ended before its body was complete: the client disconnected, or a hook broke the payload. */
  #onClose (error: Error | undefined): void {
    if (this.ended || this.failure !== undefined) return
    this.failure = error ?? new ClientDisconnected()
    this.#onFinished?.()
    this.#stopTimers()
    if (error === undefined) this.#exchange.close()
    if (this.#reading) {
      this.#reading = false
      this.#reject!(this.failure)
    }
    this.sink?.fail(this.failure)
  }

  /** From here on the client may be silent for `requestIdleTimeout`. */
  #startIdleTimer (): void {
    if (this.#timer === undefined && this.unfinished) {
      this.#timer = setTimeout(onIdle, this.#limits.requestIdleTimeout, this).unref()
    } else if (!this.#isWaiting) this.#timer?.refresh()
  }

  /** No byte of it is awaited any more. */
  #stopTimers (): void {
    this.#rate?.pause()
    this.#stopIdleTimer()
  }

  #stopIdleTimer (): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  onIdle (): void {
    if (this.#stream.isPaused() || this.#isWaiting) this.#timer?.refresh()
    else this.#endSlow()
  }

  /** The client is too slow. Inside a body that streams it gets no response: its endpoint has a part of the message. */
  #endSlow (): void {
    if (this.#reading) return this.#stop(SILENT_CLIENT)
    this.#exchange.abortReason = 'timeout'
    this.#exchange.request.destroy()
  }

  /** The time of the exchange is over. */
  expire (): void {
    if (this.#reading) this.#stop(SLOW_REQUEST)
  }
}

const take = (body: ClientBody): void => body.take()
const onIdle = (body: ClientBody): void => body.onIdle()
