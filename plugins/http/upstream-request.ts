import type { Dispatcher } from 'undici'
import type { Fault } from '../../lib/message/fault.js'
import type { Call, Outcome } from '../../lib/contracts/flow.js'
import { EMPTY, type Body, type Need } from '../../lib/message/message.js'
import { lookFor, mediaOf } from '../../lib/soap/content-type.js'
import type { Version } from '../../lib/message/soap-version.js'
import type { Hold, Pending } from './exchange-scope.js'
import { brokenOff, CLIENT_LEFT, failure, isOurs, NOT_HTTP, receiving, TIMED_OUT, UNWANTED } from './classify-error.js'
import { Feed, type Watch } from './request-body-stream.js'
import type { Lane } from './origin-pool.js'
import { type Head, headOf, requestHeaders } from './message-head.js'
import { Source } from './body-source.js'

/** How much of an answer is kept while nobody takes it, in bytes. */
const WAITING = 65_536
/** Interim answers (1xx) end here; a back-end that sends more of them is not going to answer. */
const MOST_INTERIM = 64
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * One request to one back-end: undici's handler, and the source of the answer's body.
 *
 *     dispatched ──▶ sent ──▶ head ──(as much of the body as is needed)──▶ answered ──▶ over
 *         └───────────┴────────┴──▶ failed
 */
export class Attempt extends Source implements Dispatcher.DispatchHandler, Pending, Watch {
  previous: Pending | undefined
  private readonly call: Call
  private readonly exchange: Hold
  private readonly need: Need
  private readonly lane: Lane
  private feed: Feed | undefined
  private controller: Dispatcher.DispatchController | undefined
  private timer: NodeJS.Timeout | undefined
  private settle: ((outcome: Outcome) => void) | undefined
  private sent = false
  private interim = 0
  private status = 0
  private head: Head | undefined
  private looked = true
  /** Whether all of the body is waited for: somebody needs it; or it is SOAP of another version than the client's, and small enough to be converted. */
  private whole = false
  /** Why it is to be given up as soon as undici lets us. */
  private unwanted: Error | undefined

  constructor (call: Call, exchange: Hold, need: Need, lane: Lane) {
    super()
    this.call = call
    this.exchange = exchange
    this.need = need
    this.lane = lane
  }

  /** Never rejects. */
  begin (): Promise<Outcome> {
    return new Promise(resolve => {
      this.settle = resolve
      if (!this.outlasts) this.exchange.begin(this)
      this.lane.inFlight++
      const { path, message } = this.call
      const { body } = message
      const streamed = body.kind === 'stream'
      if (streamed) this.feed = new Feed(body.head, body.rest as Source, this)
      this.lane.pool.dispatch({
        path,
        method: message.method as Dispatcher.HttpMethod,
        headers: requestHeaders(message.headers, this.exchange.agent, streamed ? body.size : undefined),
        body: streamed ? this.feed! : body.kind === 'bytes' ? body.bytes : null
      }, this)
    })
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.unwanted !== undefined) return controller.abort(this.unwanted)
    this.sent = true
    if (this.feed === undefined) this.waiting()
  }

  /** The time for an answer runs: the whole request is out, or the back-end does not take more of it. */
  waiting (): void {
    const timeout = this.call.options.timeout || (this.call.lasting === true || this.exchange.alone ? this.lane.limits.answerTimeout : 0)
    if (timeout > 0 && this.head === undefined && this.settle !== undefined) this.timer ??= setTimeout(late, Math.min(timeout, LONGEST_TIMER), this)
  }

  busy (): void {
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
  }

  late (): void { this.controller!.abort(TIMED_OUT) }

  onResponseStart (controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) {
      if (++this.interim > MOST_INTERIM) controller.abort(NOT_HTTP)
      return
    }
    this.busy()
    this.status = status
    const described = this.call.message.method === 'HEAD' || status === 304
    const head = this.head = headOf(controller.rawHeaders as Buffer[], described)
    this.exchange.release()
    if (head.coded) return controller.abort(NOT_HTTP)
    if (described || status === 204) return this.answered(true) // undici may find that its length is wrong
    const media = mediaOf(head.type)
    if (this.need !== 'nothing') {
      this.look = lookFor(media, this.lane.limits.headerLimit)
      this.looked = this.look === undefined
    }
    const tooLarge = head.length > this.lane.limits.bodyLimit
    if (this.need === 'body' && tooLarge) return this.tooLarge()
    this.whole = this.need === 'body' || (media.xml && !tooLarge && this.isForeign(media.version))
    if (this.whole || !this.looked) return
    // What has come together with the head is there when this runs.
    process.nextTick(answer, this)
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.sink !== undefined) {
      if (!this.sink.data(chunk)) controller.pause()
      return
    }
    this.keep(chunk, this.head!.length)
    if (this.settle === undefined) {
      if (this.kept >= WAITING) controller.pause()
      return
    }
    if (!this.looked) this.looked = this.look!.push(chunk)
    if (this.whole) {
      const tooLarge = this.kept > this.lane.limits.bodyLimit
      if (!tooLarge && (this.exchange.closed || this.exchange.keep(chunk.length))) return
      this.whole = false
      if (this.need !== 'body') {
        if (this.looked) this.answered(false)
      } else if (tooLarge) this.tooLarge()
      else this.unreadable('cannot be read: too many messages are being read at once')
    } else if (this.looked && this.look !== undefined) this.answered(false)
    else if (this.kept >= WAITING && this.looked) controller.pause()
  }

  onResponseEnd (): void {
    this.over()
    this.ended = true
    if (this.sink !== undefined) this.sink.end()
    else if (this.settle !== undefined) this.answered(true)
  }

  onResponseError (_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.ended || this.broken !== undefined) return
    this.over()
    this.broken = error
    if (this.settle === undefined) this.sink?.fail(error)
    else if (error === CLIENT_LEFT || this.exchange.gone) this.failed(failure(CLIENT_LEFT, this.sent), 'nowhere')
    else if (this.feed?.broken === true) this.settled({ kind: 'refused', fault: brokenOff() })
    else if (isOurs(error)) this.settled({ kind: 'refused', fault: failure(error, this.sent) })
    else if (this.head !== undefined && !this.head.coded) this.failed(receiving('brokenOff', 'broke off', error), 'nowhere')
    else this.failed(failure(error, this.sent), this.feed?.begun === true ? 'nowhere' : 'anywhere')
  }

  flow (): void { this.controller?.resume() }
  protected pause (): void { this.controller?.pause() }

  /** The client left, or nobody wants the rest of the answer. */
  discard (): void {
    if (this.ended || this.broken !== undefined || this.unwanted !== undefined) return
    this.unwanted = this.settle === undefined ? UNWANTED : CLIENT_LEFT
    if (this.settle !== undefined) this.failed(failure(CLIENT_LEFT, this.sent), 'nowhere')
    this.controller?.abort(this.unwanted)
  }

  /** The outcome, unless there is one; `whole`: all of the body is here. */
  answered (whole: boolean): void {
    if (this.settle === undefined) return
    const head = this.head!
    const body: Body = !whole
      ? { kind: 'stream', head: this.keptBytes(), rest: this, size: head.length < 0 || head.chunked ? undefined : head.length }
      : this.kept === 0 ? EMPTY : { kind: 'bytes', bytes: this.keptBytes() }
    if (this.look !== undefined && body.kind !== 'none') body.scan = this.look.finish()
    this.look = undefined
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
  private isForeign (version: Version | undefined): boolean {
    const { version: theirs, alone } = this.exchange
    return version !== undefined && version !== theirs && (theirs !== undefined || this.need !== 'nothing') && !alone
  }

  private tooLarge (): void {
    this.unreadable(`is larger than ${this.lane.limits.bodyLimit} bytes`)
  }

  /** The endpoint has done its part: it is we who cannot read so much. */
  private unreadable (why: string): void {
    this.keptBytes()
    this.settled({ kind: 'refused', fault: receiving('tooLarge', why) })
    this.discard()
  }

  private failed (reason: Fault, retry: 'anywhere' | 'nowhere'): void {
    const { settle } = this
    this.keptBytes()
    this.settled({ kind: 'failed', fault: reason, retry })
    if (settle !== undefined && retry === 'nowhere' && this.feed?.begun === true && !this.exchange.gone) this.lane.unrepeatable(this.call, reason)
    if (this.broken === undefined && this.unwanted === undefined) this.discard()
  }

  private settled (outcome: Outcome): void {
    const { settle } = this
    this.settle = undefined
    settle?.(outcome)
    if (this.outlasts && settle !== undefined) this.exchange.begin(this)
  }

  /** Whether the end of the exchange does not end it, before there is an answer. */
  private get outlasts (): boolean { return this.call.lasting === true && !this.exchange.alone }

  private over (): void {
    this.busy()
    this.lane.inFlight--
  }
}

const answer = (attempt: Attempt): void => attempt.answered(false)
const late = (attempt: Attempt): void => attempt.late()
const NO_ADDRESSING = Object.freeze({})
const NO_PROPERTIES = Object.freeze({})
