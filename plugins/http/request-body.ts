import type { IncomingMessage } from 'node:http'
import { fault, MediationError } from '../../lib/message/fault.js'
import { NO_BODY, type Body, type Message, type ReadDepth } from '../../lib/message/message.js'
import type { HeaderScanner } from '../../lib/soap/content-type.js'
import type { ScanResult } from '../../lib/message/envelope.js'
import type { Exchange } from './exchange.js'
import type { Limits } from './limits.js'
import { BodySource } from './body-source.js'

/** The client went away before its request was complete. Nobody is to blame, and nobody waits for an answer. */
export class ClientDisconnected extends Error {
  readonly code = 'CLIENT_LEFT'
  constructor () {
    super('The client left before its request was complete')
    this.name = 'ClientLeft'
  }
}

/** How long a connection is read on after an early answer, in milliseconds. */
const DRAIN_MS = 1000

type Unsettled = { -readonly [Key in keyof Message]: Message[Key] }

/** The body of a client's request: read as far as it is needed, then handed on. */
export class ClientBody extends BodySource {
  private readonly exchange: Exchange
  private readonly request: IncomingMessage
  private readonly limits: Limits
  /** -1: chunked. */
  private readonly length: number
  private readonly need: ReadDepth
  private received = 0
  private looked = true
  private keeping: boolean
  private reading = false
  private listening = false
  private timer: NodeJS.Timeout | undefined
  private message: Unsettled | undefined
  private resolve: ((message: Message) => void) | undefined
  private reject: ((reason: Error) => void) | undefined
  private whenOver: (() => void) | undefined

  constructor (exchange: Exchange, length: number, need: ReadDepth, limits: Limits) {
    super()
    this.exchange = exchange
    this.request = exchange.request
    this.length = length
    this.need = need
    this.limits = limits
    this.keeping = need === 'body' || length <= limits.replayBufferLimit
  }

  get unfinished (): boolean { return !this.ended && this.broken === undefined }

  over (): Promise<void> {
    return new Promise(resolve => {
      if (this.unfinished) this.whenOver = resolve
      else resolve()
    })
  }

  /** The body without reading any of it. */
  unread (head: Buffer): Body {
    return { kind: 'stream', head, rest: this, size: this.length < 0 ? undefined : this.length }
  }

  /** Resolves with the message once as much of its body is there as is needed. */
  read (message: Message, look: HeaderScanner | undefined): Promise<Message> {
    this.message = message
    this.headerScanner = look
    this.looked = look === undefined
    this.reading = true
    return new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
      this.listen()
    })
  }

  flow (): void {
    if (this.listening) this.request.resume()
    else this.listen()
    this.watch()
  }

  protected pause (): void { this.request.pause() }

  /** What is left stays with the client, until `linger`. */
  discard (): void { if (this.listening && this.unfinished) this.request.pause() }

  /**
   * Reads on for a moment before the connection is closed: an answer sent before the end of its request
   * must not be lost in a reset (RFC 9112, section 9.6).
   */
  drainBeforeClose (done: () => void): void {
    const over = (): void => {
      if (timer === undefined) return
      clearTimeout(timer)
      timer = undefined
      this.unwatch()
      done()
    }
    let timer: NodeJS.Timeout | undefined = setTimeout(over, DRAIN_MS)
    this.sink = { data: () => true, end: over, fail: over }
    this.keptBytes()
    this.flow()
  }

  private listen (): void {
    this.listening = true
    this.request.on('data', chunk => this.data(chunk))
    if (this.length < 0) this.request.on('end', () => this.complete())
    this.request.on('close', () => this.close())
  }

  private data (chunk: Buffer): void {
    this.received += chunk.length
    if (this.sink !== undefined) {
      const more = this.sink.data(chunk)
      if (this.received === this.length) return this.complete()
      if (!more) this.pause()
      this.timer?.refresh()
      return
    }
    this.keep(chunk, this.length)
    if (!this.reading) { // it was paused a moment too late
      if (this.received === this.length) this.complete()
      return
    }
    if (!this.looked) this.looked = this.headerScanner!.push(chunk)
    if (this.keeping && !this.mayKeep(chunk.length)) {
      if (this.need === 'body') return this.refuse()
      this.keeping = false
      this.exchange.freeBuffer()
    }
    if (this.received === this.length) return this.complete()
    if (!this.keeping && this.looked) this.pass()
    else this.watch()
  }

  private mayKeep (bytes: number): boolean {
    return this.received <= (this.need === 'body' ? this.limits.inspectionLimit : this.limits.replayBufferLimit) && this.exchange.reserveBuffer(bytes)
  }

  private complete (): void {
    this.ended = true
    this.whenOver?.()
    this.unwatch()
    if (this.sink !== undefined) this.sink.end()
    else if (this.reading) this.settle(this.received === 0 ? NO_BODY : this.keeping ? { kind: 'bytes', bytes: this.keptBytes() } : undefined)
  }

  private pass (): void {
    this.pause()
    this.unwatch()
    this.settle()
  }

  /** Without a body: it streams. Its head is then held for as long as the call takes, so it is no longer than what was looked at. */
  private settle (whole?: Body): void {
    this.reading = false
    const scan = this.headerScanner?.finish()
    const body = whole ?? this.unread(this.keptStart(this.headerScanner === undefined ? 0 : endOfHeader(scan) ?? this.kept))
    if (scan !== undefined && body.kind !== 'none') body.scan = scan
    this.headerScanner = undefined
    this.message!.body = body
    this.resolve!(this.message!)
  }

  private refuse (): void {
    const large = this.received > this.limits.inspectionLimit
    this.stop(large ? tooLarge(this.limits.inspectionLimit) : fault('UNREADABLE', 'Too many messages are being read at once', { status: 503 }))
  }

  private stop (reason: ReturnType<typeof fault>): void {
    this.reading = false
    this.pause()
    this.unwatch()
    this.exchange.freeBuffer()
    this.keptBytes()
    this.reject!(new MediationError(reason))
  }

  private close (): void {
    if (this.ended || this.broken !== undefined) return
    this.broken = new ClientDisconnected()
    this.whenOver?.()
    this.unwatch()
    this.exchange.close()
    if (this.reading) { this.reading = false; this.reject!(this.broken) }
    this.sink?.fail(this.broken)
  }

  /** From here on the client may be silent for `bodyTimeout`, not longer. */
  private watch (): void {
    if (this.timer !== undefined) this.timer.refresh()
    else if (this.unfinished) this.timer = setTimeout(silent, this.limits.requestIdleTimeout, this).unref()
  }

  private unwatch (): void {
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
  }

  silent (): void {
    if (this.request.isPaused()) this.timer?.refresh()
    else if (this.reading) this.stop(fault('UNREADABLE', 'The client stopped sending in the middle of its request', { status: 408 }))
    else this.request.destroy()
  }
}

/** Where the start of a message ends that can be read, edited and read again; undefined where that is not sure. */
const endOfHeader = (scan: ScanResult | undefined): number | undefined =>
  scan?.kind === 'envelope' && scan.header !== undefined && scan.part === undefined ? scan.rest : undefined

const silent = (upload: ClientBody): void => upload.silent()

export const tooLarge = (limit: number): ReturnType<typeof fault> =>
  fault('UNREADABLE', `The request is larger than ${limit} bytes`, { status: 413 })
