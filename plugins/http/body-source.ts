import type { BodyRemainder } from '../../lib/message/message.js'
import type { HeaderScanner } from '../../lib/soap/content-type.js'

/** Where bytes go. */
export interface BodySink {
  /** False: the next ones only after `flow`. */
  data (chunk: Buffer): boolean
  end (): void
  /** It broke off: what came so far is not the whole. */
  fail (cause: Error): void
}

/**
 * Where bytes come from: a client's request or a back-end's answer. Both can become the body of either:
 * whatever the side, bytes are kept while nobody wants them, and go to the one sink that is attached later.
 *
 *     reading ──(enough is known)──▶ waiting ──attach──▶ flowing ──▶ ended | broken
 */
export abstract class BodySource implements BodyRemainder {
  protected sink: BodySink | undefined
  protected ended = false
  protected broken: Error | undefined
  protected headerScanner: HeaderScanner | undefined
  /** Kept bytes: the first `kept` of this buffer. */
  private store: Buffer | undefined
  protected kept = 0

  protected abstract pause (): void
  /** More is wanted. */
  abstract flow (): void
  abstract discard (): void

  /** Hands everything on, in order, once: bytes that passed cannot pass again. */
  attach (sink: BodySink): void {
    if (this.sink !== undefined) return sink.fail(new Error('The body has already been passed on'))
    this.sink = sink
    const more = this.kept === 0 || sink.data(this.keptBytes())
    if (this.broken !== undefined) sink.fail(this.broken)
    else if (this.ended) sink.end()
    else if (more) this.flow()
  }

  /** Keeps a copy in one growing buffer: a body sent byte by byte must not cost an object for each. One chunk is kept as it is. */
  protected keep (chunk: Buffer, expected: number): void {
    const size = this.kept + chunk.length
    if (this.kept === 0) this.store = chunk
    else {
      if (size > this.store!.length) {
        const room = Math.max(size, this.kept * 2)
        const grown = Buffer.allocUnsafe(expected >= size ? Math.min(room, expected) : room)
        this.store!.copy(grown, 0, 0, this.kept)
        this.store = grown
      }
      chunk.copy(this.store!, this.kept)
    }
    this.kept = size
  }

  /** What was kept, which is then forgotten. */
  protected keptBytes (): Buffer {
    const bytes = this.store === undefined ? NO_BYTES : this.store.length === this.kept ? this.store : this.store.subarray(0, this.kept)
    this.store = undefined
    this.kept = 0
    return bytes
  }

  /** A copy of the start of what was kept; the rest of it stays, for the sink. */
  protected keptStart (length: number): Buffer {
    if (length >= this.kept) return this.keptBytes()
    const start = length === 0 ? NO_BYTES : Buffer.from(this.store!.subarray(0, length))
    this.store = this.store!.subarray(length, this.kept)
    this.kept -= length
    return start
  }
}

export const NO_BYTES = Buffer.alloc(0)
