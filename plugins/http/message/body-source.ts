import type { BodyRemainder } from '../../../lib/message/message.js'
import type { HeaderScanner } from '../../../lib/soap/content-type.js'

/** The destination of a body. */
export interface BodySink {
  /** Takes a chunk. False: the source waits for `flow` before the next one. */
  data (chunk: Buffer): boolean
  end (): void
  /** The body is truncated: what came so far is not all of it. */
  fail (cause: Error): void
}

/** Sees a body pass from its source to its sink. */
export interface BodyObserver {
  add (chunk: Buffer): void
  /** All of it has passed. */
  end (): void
}

/**
 * The origin of a body: a client's request or a back-end's response; either can become the body of the other.
 * Buffers bytes until a sink is attached, then passes them on.
 *
 *     reading ──(enough is read)──▶ waiting ──attach──▶ flowing ──▶ ended | failed
 */
export abstract class BodySource implements BodyRemainder {
  protected sink: BodySink | undefined
  protected ended = false
  protected failure: Error | undefined
  protected headerScanner: HeaderScanner | undefined
  #observers: BodyObserver[] | undefined
  /** The first `buffered` bytes of it are in use. */
  #store: Buffer | undefined
  protected buffered = 0

  protected abstract pause (): void
  /** The sink takes more. */
  abstract flow (): void
  abstract discard (): void

  /** Passes everything to the sink, in order, once: bytes that have passed cannot pass again. */
  attach (given: BodySink): void {
    if (this.sink !== undefined) return given.fail(new Error('The body has already been passed on'))
    const sink = (this.sink = this.#observers === undefined ? given : observedSink(given, this.#observers))
    const wantsMore = this.buffered === 0 || sink.data(this.takeBuffered())
    if (this.failure !== undefined) sink.fail(this.failure)
    else if (this.ended) sink.end()
    else if (wantsMore) this.flow()
  }

  /** Lets an observer see what passes from now on. To be called before `attach`. */
  observe (observer: BodyObserver): void {
    if (this.#observers === undefined) this.#observers = [observer]
    else this.#observers.push(observer)
  }

  /**
   * Appends a copy to one growing buffer: a body sent byte by byte must not cost an object for each byte.
   * A single chunk is kept without a copy.
   */
  protected keep (chunk: Buffer, expectedLength: number): void {
    const size = this.buffered + chunk.length
    if (this.buffered === 0) this.#store = chunk
    else {
      if (size > this.#store!.length) {
        const room = Math.max(size, this.buffered * 2)
        const grown = Buffer.allocUnsafe(expectedLength >= size ? Math.min(room, expectedLength) : room)
        this.#store!.copy(grown, 0, 0, this.buffered)
        this.#store = grown
      }
      chunk.copy(this.#store!, this.buffered)
    }
    this.buffered = size
  }

  /** Returns the buffered bytes and forgets them. */
  protected takeBuffered (): Buffer {
    const store = this.#store
    const length = this.buffered
    this.#store = undefined
    this.buffered = 0
    if (store === undefined) return NO_BYTES
    return store.length === length ? store : store.subarray(0, length)
  }

  /** Returns a copy of the first bytes; the others stay for the sink. */
  protected takeStart (length: number): Buffer {
    if (length >= this.buffered) return this.takeBuffered()
    const start = length === 0 ? NO_BYTES : Buffer.from(this.#store!.subarray(0, length))
    this.#store = this.#store!.subarray(length, this.buffered)
    this.buffered -= length
    return start
  }
}

const observedSink = (sink: BodySink, observers: readonly BodyObserver[]): BodySink => ({
  data (chunk) {
    for (const each of observers) each.add(chunk)
    return sink.data(chunk)
  },
  end () {
    for (const each of observers) each.end()
    sink.end()
  },
  fail: cause => sink.fail(cause)
})

export const NO_BYTES = Buffer.alloc(0)

/** Returns a chunk as bytes: a hook may have set an encoding, or replaced the body. Undefined: it is neither. */
export function bytesOf (chunk: unknown): Buffer | undefined {
  if (Buffer.isBuffer(chunk)) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : undefined
}
