import type { Dispatcher } from 'undici'
import type { Fault } from '../../lib/message/fault.js'
import type { Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import { NO_BODY, type Body, type ReadDepth } from '../../lib/message/message.js'
import { scannerFor, contentTypeOf } from '../../lib/soap/content-type.js'
import type { Version } from '../../lib/message/soap-version.js'
import type { ExchangeScope, Pending } from './exchange-scope.js'
import { requestTruncated, CLIENT_DISCONNECTED, classifyError, isGatewayFault, PROTOCOL_ERROR, receiving, TIMED_OUT, ABORTED } from './classify-error.js'
import { RequestBodyStream, type ProgressWatch } from './request-body-stream.js'
import type { OriginPool } from './origin-pool.js'
import { type Head, parseHead, requestHeaders } from './message-head.js'
import { BodySource } from './body-source.js'

/** How much of an answer is kept while nobody takes it, in bytes. */
const WAITING = 65_536
/** Interim answers (1xx) end here; a back-end that sends more of them is not going to answer. */
const MAX_INTERIM_RESPONSES = 64
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * One request to one back-end: undici's handler, and the source of the answer's body.
 *
 *     dispatched ──▶ sent ──▶ head ──(as much of the body as is needed)──▶ answered ──▶ over
 *         └───────────┴────────┴──▶ failed
 */
export class UpstreamRequest extends BodySource implements Dispatcher.DispatchHandler, Pending, ProgressWatch {
  previous: Pending | undefined
  private readonly call: Forward
  private readonly exchange: ExchangeScope
  private readonly need: ReadDepth
  private readonly pool: OriginPool
  private bodyStream: RequestBodyStream | undefined
  private controller: Dispatcher.DispatchController | undefined
  private timer: NodeJS.Timeout | undefined
  private resolveOutcome: ((outcome: ForwardOutcome) => void) | undefined
  private sent = false
  private interim = 0
  private status = 0
  private head: Head | undefined
  private headerScanned = true
  /** Whether all of the body is waited for: somebody needs it; or it is SOAP of another version than the client's, and small enough to be converted. */
  private bufferAll = false
  /** Why it is to be given up as soon as undici lets us. */
  private abortReason: Error | undefined

  constructor (call: Forward, exchange: ExchangeScope, need: ReadDepth, lane: OriginPool) {
    super()
    this.call = call
    this.exchange = exchange
    this.need = need
    this.pool = lane
  }

  /** Never rejects. */
  begin (): Promise<ForwardOutcome> {
    return new Promise(resolve => {
      this.resolveOutcome = resolve
      if (!this.survivesClient) this.exchange.track(this)
      this.pool.inFlight++
      const { path, message } = this.call
      const { body } = message
      const streamed = body.kind === 'stream'
      if (streamed) this.bodyStream = new RequestBodyStream(body.head, body.rest as BodySource, this)
      this.pool.pool.dispatch({
        path,
        method: message.method as Dispatcher.HttpMethod,
        headers: requestHeaders(message.headers, this.exchange.agent, streamed ? body.size : undefined),
        body: streamed ? this.bodyStream! : body.kind === 'bytes' ? body.bytes : null
      }, this)
    })
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.abortReason !== undefined) return controller.abort(this.abortReason)
    this.sent = true
    if (this.bodyStream === undefined) this.waiting()
  }

  /** The time for an answer runs: the whole request is out, or the back-end does not take more of it. */
  waiting (): void {
    const timeout = this.call.options.timeout || (this.call.survivesClient === true || this.exchange.alone ? this.pool.limits.responseIdleTimeout : 0)
    if (timeout > 0 && this.head === undefined && this.resolveOutcome !== undefined) this.timer ??= setTimeout(late, Math.min(timeout, MAX_TIMER_MS), this)
  }

  busy (): void {
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
  }

  late (): void { this.controller!.abort(TIMED_OUT) }

  onResponseStart (controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) {
      if (++this.interim > MAX_INTERIM_RESPONSES) controller.abort(PROTOCOL_ERROR)
      return
    }
    this.busy()
    this.status = status
    const described = this.call.message.method === 'HEAD' || status === 304
    const head = this.head = parseHead(controller.rawHeaders as Buffer[], described)
    this.exchange.freeBuffer()
    if (head.unsupportedCoding) return controller.abort(PROTOCOL_ERROR)
    if (described || status === 204) return this.answered(true) // undici may find that its length is wrong
    const media = contentTypeOf(head.type)
    if (this.need !== 'nothing') {
      this.headerScanner = scannerFor(media, this.pool.limits.soapHeaderLimit)
      this.headerScanned = this.headerScanner === undefined
    }
    const tooLarge = head.length > this.pool.limits.inspectionLimit
    if (this.need === 'body' && tooLarge) return this.tooLarge()
    this.bufferAll = this.need === 'body' || (media.xml && !tooLarge && this.needsConversion(media.version))
    if (this.bufferAll || !this.headerScanned) return
    // What has come together with the head is there when this runs.
    process.nextTick(answer, this)
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.sink !== undefined) {
      if (!this.sink.data(chunk)) controller.pause()
      return
    }
    this.keep(chunk, this.head!.length)
    if (this.resolveOutcome === undefined) {
      if (this.kept >= WAITING) controller.pause()
      return
    }
    if (!this.headerScanned) this.headerScanned = this.headerScanner!.push(chunk)
    if (this.bufferAll) {
      const tooLarge = this.kept > this.pool.limits.inspectionLimit
      if (!tooLarge && (this.exchange.closed || this.exchange.reserveBuffer(chunk.length))) return
      this.bufferAll = false
      if (this.need !== 'body') {
        if (this.headerScanned) this.answered(false)
      } else if (tooLarge) this.tooLarge()
      else this.unreadable('cannot be read: too many messages are being read at once')
    } else if (this.headerScanned && this.headerScanner !== undefined) this.answered(false)
    else if (this.kept >= WAITING && this.headerScanned) controller.pause()
  }

  onResponseEnd (): void {
    this.over()
    this.ended = true
    if (this.sink !== undefined) this.sink.end()
    else if (this.resolveOutcome !== undefined) this.answered(true)
  }

  onResponseError (_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.ended || this.broken !== undefined) return
    this.over()
    this.broken = error
    if (this.resolveOutcome === undefined) this.sink?.fail(error)
    else if (error === CLIENT_DISCONNECTED || this.exchange.disconnected) this.failed(classifyError(CLIENT_DISCONNECTED, this.sent), 'none')
    else if (this.bodyStream?.broken === true) this.settled({ kind: 'refused', fault: requestTruncated() })
    else if (isGatewayFault(error)) this.settled({ kind: 'refused', fault: classifyError(error, this.sent) })
    else if (this.head !== undefined && !this.head.unsupportedCoding) this.failed(receiving('responseTruncated', 'broke off', error), 'none')
    else this.failed(classifyError(error, this.sent), this.bodyStream?.begun === true ? 'none' : 'any')
  }

  flow (): void { this.controller?.resume() }
  protected pause (): void { this.controller?.pause() }

  /** The client left, or nobody wants the rest of the answer. */
  discard (): void {
    if (this.ended || this.broken !== undefined || this.abortReason !== undefined) return
    this.abortReason = this.resolveOutcome === undefined ? ABORTED : CLIENT_DISCONNECTED
    if (this.resolveOutcome !== undefined) this.failed(classifyError(CLIENT_DISCONNECTED, this.sent), 'none')
    this.controller?.abort(this.abortReason)
  }

  /** The outcome, unless there is one; `whole`: all of the body is here. */
  answered (whole: boolean): void {
    if (this.resolveOutcome === undefined) return
    const head = this.head!
    const body: Body = !whole
      ? { kind: 'stream', head: this.keptBytes(), rest: this, size: head.length < 0 || head.chunked ? undefined : head.length }
      : this.kept === 0 ? NO_BODY : { kind: 'bytes', bytes: this.keptBytes() }
    if (this.headerScanner !== undefined && body.kind !== 'none') body.scan = this.headerScanner.finish()
    this.headerScanner = undefined
    const { method, path, query, properties } = this.call.message
    this.settled({
      kind: 'answered',
      message: {
        direction: 'response',
        method,
        path,
        query,
        status: this.status,
        headers: head.headers,
        addressing: NO_ADDRESSING,
        properties,
        axis2: NO_PROPERTIES,
        read: this.need !== 'nothing',
        fault: undefined,
        body
      }
    })
  }

  /** Whether an answer in this version of SOAP, where it is one, has to be converted for the client. Plain clients get what somebody has read as plain XML. */
  private needsConversion (version: Version | undefined): boolean {
    const { version: theirs, alone } = this.exchange
    return version !== undefined && version !== theirs && (theirs !== undefined || this.need !== 'nothing') && !alone
  }

  private tooLarge (): void {
    this.unreadable(`is larger than ${this.pool.limits.inspectionLimit} bytes`)
  }

  /** The endpoint has done its part: it is we who cannot read so much. */
  private unreadable (why: string): void {
    this.keptBytes()
    this.settled({ kind: 'refused', fault: receiving('responseTooLarge', why) })
    this.discard()
  }

  private failed (reason: Fault, retry: 'any' | 'none'): void {
    const { resolveOutcome: settle } = this
    this.keptBytes()
    this.settled({ kind: 'failed', fault: reason, retry })
    if (settle !== undefined && retry === 'none' && this.bodyStream?.begun === true && !this.exchange.disconnected) this.pool.unrepeatable(this.call, reason)
    if (this.broken === undefined && this.abortReason === undefined) this.discard()
  }

  private settled (outcome: ForwardOutcome): void {
    const { resolveOutcome: settle } = this
    this.resolveOutcome = undefined
    settle?.(outcome)
    if (this.survivesClient && settle !== undefined) this.exchange.track(this)
  }

  /** Whether the end of the exchange does not end it, before there is an answer. */
  private get survivesClient (): boolean { return this.call.survivesClient === true && !this.exchange.alone }

  private over (): void {
    this.busy()
    this.pool.inFlight--
  }
}

const answer = (attempt: UpstreamRequest): void => attempt.answered(false)
const late = (attempt: UpstreamRequest): void => attempt.late()
const NO_ADDRESSING = Object.freeze({})
const NO_PROPERTIES = Object.freeze({})
