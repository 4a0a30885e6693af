import { Readable } from 'node:stream'
import type { BodySink, BodySource } from './body-source.js'

/** Whoever times the back-end. */
export interface ProgressWatch {
  /** From now on it is the back-end that we wait for … */
  waiting (): void
  /** … or not: the next bytes have to come from the other side. */
  busy (): void
}

/** A body on its way to a back-end, as the stream that undici wants: its head, then the rest as fast as the back-end takes it. */
export class RequestBodyStream extends Readable implements BodySink {
  /** Whether any of it was consumed: it cannot be sent again then. */
  begun = false
  /** Whether it broke off where it comes from. */
  broken = false
  private readonly head: Buffer
  private readonly source: BodySource
  private readonly watch: ProgressWatch

  constructor (head: Buffer, source: BodySource, watch: ProgressWatch) {
    super({ highWaterMark: 65_536 })
    this.head = head
    this.source = source
    this.watch = watch
    this.on('error', ignore) // undici listens only while it reads
  }

  override _read (): void {
    this.watch.busy()
    if (this.begun) return this.source.flow()
    this.begun = true
    // Not at once: undici may be in the middle of parsing an answer, whose source must not be resumed then.
    process.nextTick(begin, this)
  }

  begin (): void {
    if (this.destroyed) return this.source.discard()
    if (this.head.length > 0) this.push(this.head)
    this.source.attach(this)
  }

  data (chunk: Buffer): boolean {
    if (this.push(chunk)) return true
    this.watch.waiting()
    return false
  }

  end (): void {
    this.push(null)
    this.watch.waiting()
  }

  fail (cause: Error): void {
    this.broken = true
    this.destroy(cause)
  }

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    if (this.begun && !this.readableEnded) this.source.discard()
    done(error)
  }
}

const begin = (feed: RequestBodyStream): void => feed.begin()
const ignore = (): void => {}
