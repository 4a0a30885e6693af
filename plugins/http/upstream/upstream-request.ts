import type { Forward, ForwardOutcome } from '../../../lib/contracts/flow.js'
import { NO_BODY, type Body, type Message, type ReadDepth } from '../../../lib/message/message.js'
import { scannerFor, contentTypeOf } from '../../../lib/soap/content-type.js'
import { withScan } from '../../../lib/soap/read.js'
import type { ExchangeScope, ScopedOperation, TimedOperation } from '../message/exchange-scope.js'
import { bodyRateOf, type BodyRate } from '../message/body-rate.js'
import { BodySource } from '../message/body-source.js'
import { codingsOf, withoutCodings } from '../message/content-coding.js'
import { type MessageHead, parseHead, upgradeIn } from '../message/message-head.js'
import type { OriginPool } from './origin-pool.js'
import { needsConversion, ResponseBuffering } from './response-buffering.js'
import { upstreamCall } from './upstream-call.js'
import { isShortage, outcomeOf, unreadable, type UpstreamFailure } from './failure-outcome.js'
import type { ResponseListener, UpstreamExchange } from './upstream-transport.js'

/** Bytes of a response that are buffered while no sink is attached. */
const MAX_WAITING = 65_536

type RequestPhase = 'queued' | 'sent' | 'buffering' | 'streaming' | 'closed'

/**
 * One request to one back-end, and the source of the body of its response.
 *
 *     queued ──▶ sent ──head──▶ buffering ──(as much of the body as is read)──▶ streaming ──▶ closed
 *        └─────────┴───────────────┴───────────── failure, abort ─────────────────┴───────────▲
 */
export class UpstreamRequest extends BodySource implements ResponseListener, ScopedOperation, TimedOperation {
  previous: ScopedOperation | undefined
  next: ScopedOperation | undefined
  readonly #forward: Forward
  readonly #scope: ExchangeScope
  readonly #readDepth: ReadDepth
  readonly #pool: OriginPool
  #phase: RequestPhase = 'queued'
  #exchange: UpstreamExchange | undefined
  #resolve: ((outcome: ForwardOutcome) => void) | undefined
  #status = 0
  #head: MessageHead | undefined
  #reader: ResponseBuffering | undefined
  /** Whether the body is compressed and must be read. */
  #isCoded = false
  /** Watches whether the body comes fast enough. */
  #rate: BodyRate | undefined
  /** Called when a switched connection takes more. */
  onWritable: (() => void) | undefined

  constructor (forward: Forward, scope: ExchangeScope, readDepth: ReadDepth, pool: OriginPool) {
    super()
    this.#forward = forward
    this.#scope = scope
    this.#readDepth = readDepth
    this.#pool = pool
  }

  /** Sends the request. Never rejects. */
  begin (): Promise<ForwardOutcome> {
    return new Promise(resolve => {
      this.#resolve = resolve
      if (!this.#survivesClient) this.#scope.track(this)
      this.#scope.trackTime(this)
      if (this.#phase !== 'closed') this.#send(false)
    })
  }

  #send (fresh: boolean): void {
    const call = upstreamCall(this.#forward, this.#scope, this.#readDepth, this.#pool.limits)
    this.#exchange = this.#pool.transport.send(fresh ? { ...call, fresh } : call, this)
  }

  onSend (): void { this.#phase = 'sent' }

  onHead (status: number, rawHeaders: readonly (string | Buffer)[], whole: boolean | undefined): void {
    if (this.#phase === 'closed') return
    if (status === 101) return this.#switch(rawHeaders)
    const bodiless = this.#forward.message.method === 'HEAD' || status === 304
    const head = parseHead(rawHeaders, bodiless)
    if (head.unsupportedCoding) {
      this.onError({ name: 'protocolError' })
      return this.#exchange!.abort()
    }
    this.#phase = 'buffering'
    this.#status = status
    this.#head = head
    this.#scope.freeBuffer()
    // Not at the end: a library may find then that the length of a missing body is wrong.
    if (bodiless || status === 204) return this.#respond(true)
    const { minResponseBodyRate, bodyRateWindow } = this.#pool.limits
    this.#rate = bodyRateOf(minResponseBodyRate, bodyRateWindow, () => this.#end({ name: 'responseTooSlow' }))
    this.#rate?.resume()
    this.#read(head, whole)
  }

  /** All that follows passes unread. @see RFC 9110, section 7.8 */
  #switch (rawHeaders: readonly (string | Buffer)[]): void {
    if (upgradeIn(rawHeaders) !== this.#scope.upgrade?.protocol) {
      this.onError({ name: 'protocolError' })
      return this.#exchange!.abort()
    }
    this.#status = 101
    this.#head = parseHead(rawHeaders, false)
    this.#scope.freeBuffer()
    this.#respond(false)
  }

  /** The connection, once the endpoint has switched protocols: it takes bytes. */
  get switched (): UpstreamExchange | undefined { return this.#status === 101 ? this.#exchange : undefined }

  onDrain (): void { this.onWritable?.() }

  /** Reads as much of the body as its proxy needs. */
  #read (head: MessageHead, whole: boolean | undefined): void {
    const { limits } = this.#pool
    const bodyRequired = this.#readDepth === 'body'
    const tooLarge = head.length > limits.inspectionLimit
    if (bodyRequired && tooLarge) return this.#refuse(`is larger than ${limits.inspectionLimit} bytes`)
    const media = contentTypeOf(head.type)
    if (this.#readDepth !== 'nothing') this.headerScanner = scannerFor(media, limits.soapHeaderLimit)
    this.#isCoded = (bodyRequired || this.headerScanner !== undefined) && codingsOf(head.headers).length > 0
    if (this.#isCoded) this.headerScanner = undefined
    const isConverted = needsConversion(media.version, this.#scope, this.#readDepth)
    const reader = new ResponseBuffering({
      bufferAll: bodyRequired || this.#isCoded || (media.xml && !tooLarge && isConverted),
      bodyRequired: bodyRequired || this.#isCoded,
      scanner: this.headerScanner,
      limit: limits.inspectionLimit,
      reserve: this.#reserve
    })
    if (!reader.isComplete) this.#reader = reader
    else if (whole === false) this.#respond(false)
    // What came together with the head is here when this runs.
    else if (whole === undefined) process.nextTick(respond, this)
  }

  onBody (chunk: Buffer): void {
    if (this.#phase === 'closed') return
    this.#rate?.add(chunk.length)
    if (this.sink !== undefined) {
      if (!this.sink.data(chunk)) this.pause()
      return
    }
    this.keep(chunk, this.#head!.length)
    if (this.#phase === 'buffering' && this.#reader !== undefined) this.#apply(this.#reader, chunk)
    else if (this.buffered >= MAX_WAITING) this.pause()
  }

  #apply (reader: ResponseBuffering, chunk: Buffer): void {
    switch (reader.accept(chunk)) {
      case 'stream':
        return this.#respond(false)
      case 'too-large':
        return this.#refuse(`is larger than ${this.#pool.limits.inspectionLimit} bytes`)
      case 'no-room':
        return this.#refuse('cannot be read: too many messages are being read at once')
    }
  }

  onEnd (): void {
    if (this.#phase === 'closed') return
    this.ended = true
    if (this.#phase === 'buffering') this.#respond(true)
    this.#close()
    this.sink?.end()
  }

  onError (failure: UpstreamFailure): void {
    if (this.#phase === 'closed') return
    if (failure.name === 'stale' && this.#maySendAgain(failure)) {
      this.#phase = 'queued'
      this.#pool.onStale(this.#forward)
      return this.#send(true)
    }
    const headReceived = this.#phase === 'buffering' || this.#phase === 'streaming'
    this.#close()
    this.failure = failure.cause ?? new Error(failure.reason ?? failure.name)
    if (this.#resolve === undefined) this.sink?.fail(this.failure)
    else this.#fail(failure, headReceived)
  }

  /** A stale connection does not count against the endpoint, which gets the message once more. */
  #maySendAgain ({ requestSent = true }: UpstreamFailure): boolean {
    if (this.#scope.disconnected || this.#exchange!.bodyConsumed) return false
    return !requestSent || this.#forward.unsentOnly !== true
  }

  flow (): void {
    if (this.#phase !== 'closed') this.#rate?.resume()
    this.#exchange?.resume()
  }

  protected pause (): void {
    this.#rate?.pause()
    this.#exchange?.pause()
  }

  /** The time of the exchange is over. */
  expire (): void { this.#end({ name: 'exchangeTimeout' }) }

  /** The gateway ends it itself. */
  #end (failure: UpstreamFailure): void {
    if (this.#phase === 'closed') return
    this.onError(failure)
    this.#exchange?.abort()
  }

  #close (): void {
    this.#phase = 'closed'
    this.#rate?.stop()
    this.#scope.untrack(this)
    this.#scope.untrackTime(this)
  }

  /** The client disconnected, or the rest of the response is not needed. */
  discard (): void {
    if (this.#phase === 'closed') return
    const requestSent = this.#phase !== 'queued'
    this.#close()
    this.failure = new Error('The response was discarded')
    if (this.#resolve !== undefined) this.#fail({ name: 'clientDisconnected', requestSent }, this.#head !== undefined)
    this.#exchange?.abort()
  }

  /** Resolves with the response, unless there is an outcome. `complete`: all of the body is here. */
  respond (complete: boolean): void {
    if (this.#resolve !== undefined && this.#phase !== 'closed') this.#respond(complete)
  }

  #respond (complete: boolean): void {
    const head = this.#head!
    const body = withScan(this.#bodyOf(head, complete), this.headerScanner?.finish())
    this.headerScanner = undefined
    this.#reader = undefined
    this.#phase = 'streaming'
    const { method, path, query, properties } = this.#forward.message
    const message: Message = {
      direction: 'response',
      method,
      path,
      query,
      status: this.#status,
      headers: head.headers,
      addressing: {},
      properties,
      axis2: NO_PROPERTIES,
      read: this.#readDepth !== 'nothing' && this.switched === undefined,
      fault: undefined,
      body
    }
    if (this.#isCoded && complete) void this.#decode(message)
    else this.#settle({ kind: 'answered', message })
  }

  readonly #reserve = (bytes: number): boolean => this.#scope.closed || this.#scope.reserveBuffer(bytes)

  async #decode (message: Message): Promise<void> {
    try {
      const { inspectionLimit } = this.#pool.limits
      this.#settle({ kind: 'answered', message: await withoutCodings(message, inspectionLimit, this.#reserve) })
    } catch (error) {
      this.#settle(unreadable(`cannot be read: ${(error as Error).message}`))
    }
  }

  #bodyOf ({ length, chunked }: MessageHead, complete: boolean): Body {
    if (complete) return this.buffered === 0 ? NO_BODY : { kind: 'bytes', bytes: this.takeBuffered() }
    return { kind: 'stream', head: this.takeBuffered(), rest: this, size: length < 0 || chunked ? undefined : length }
  }

  /** The endpoint has responded; it is the gateway that cannot read so much. */
  #refuse (why: string): void {
    this.takeBuffered()
    this.#close()
    this.#settle(unreadable(why))
    this.#exchange!.abort()
  }

  #fail (failure: UpstreamFailure, headReceived: boolean): void {
    const bodyConsumed = this.#exchange?.bodyConsumed === true
    const outcome = outcomeOf(failure, { clientDisconnected: this.#scope.disconnected, headReceived, bodyConsumed })
    this.takeBuffered()
    if (isShortage(failure)) this.#pool.onShortage(this.#forward, outcome.fault)
    this.#settle(outcome)
    const isLost = outcome.kind === 'failed' && outcome.retry === 'none' && bodyConsumed && !this.#scope.disconnected
    if (isLost) this.#pool.onRetryImpossible(this.#forward, outcome.fault)
  }

  #settle (outcome: ForwardOutcome): void {
    const resolve = this.#resolve
    this.#scope.connectionReused = this.#exchange?.reused
    this.#resolve = undefined
    resolve?.(outcome)
    if (this.#survivesClient && resolve !== undefined && this.#phase !== 'closed') this.#scope.track(this)
  }

  /** Whether it continues until there is a response when the client disconnects. */
  get #survivesClient (): boolean { return this.#forward.survivesClient === true && !this.#scope.isDetached }
}

const respond = (request: UpstreamRequest): void => request.respond(false)
const NO_PROPERTIES = Object.freeze({})
