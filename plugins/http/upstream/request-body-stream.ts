import { Readable } from 'node:stream'
import type { BodySink } from '../message/body-source.js'
import type { StreamedBody } from './upstream-transport.js'

/** Learns which side an upload waits for. */
export interface UploadListener {
  /** The back-end: it takes no more, or has all of it. */
  onBackEndTurn (): void
  /** The source of the body. */
  onSourceTurn (): void
}

/** A request body as the stream that undici reads: its start, then the rest as fast as the back-end takes it. */
export class RequestBodyStream extends Readable implements BodySink {
  /** Whether any of it was taken: it cannot be sent again. */
  consumed = false
  /** Whether it was truncated at its source. */
  truncated = false
  readonly #body: StreamedBody
  readonly #listener: UploadListener

  constructor (body: StreamedBody, listener: UploadListener) {
    super({ highWaterMark: 65_536 })
    this.#body = body
    this.#listener = listener
    this.on('error', ignore) // undici listens only while it reads
  }

  override _read (): void {
    this.#listener.onSourceTurn()
    if (this.consumed) return this.#body.source.flow()
    this.consumed = true
    // Deferred: undici may be parsing the response that is the source, which must not be resumed then.
    process.nextTick(begin, this)
  }

  begin (): void {
    const { start, source } = this.#body
    if (this.destroyed) return source.discard()
    if (start.length > 0) this.push(start)
    source.attach(this)
  }

  data (chunk: Buffer): boolean {
    if (this.push(chunk)) return true
    this.#listener.onBackEndTurn()
    return false
  }

  end (): void {
    this.push(null)
    this.#listener.onBackEndTurn()
  }

  fail (cause: Error): void {
    this.truncated = true
    this.destroy(cause)
  }

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    if (this.consumed && !this.readableEnded) this.#body.source.discard()
    done(error)
  }
}

const begin = (stream: RequestBodyStream): void => stream.begin()
const ignore = (): void => {}
