import type { Socket } from 'node:net'
import { failure, type Failure } from './client-error.js'
import type { BodySink, StreamedBody } from './request.js'

export interface UploadEvents {
  /** The endpoint has the whole request, or takes no more of it for now. */
  waiting (): void
  /** The next bytes have to come from the source. */
  busy (): void
  written (bytes: number): void
  failed (failure: Failure): void
}

/** Chunks up to this size are sent in one piece with their size lines. */
const ONE_PIECE = 4096
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** A streamed body on its way to the endpoint, as fast as that takes it. */
export class RequestUpload implements BodySink {
  /** Whether the socket has all of it. */
  done = false
  readonly #body: StreamedBody
  readonly #socket: Socket
  readonly #events: UploadEvents
  #left: number
  #blocked = false
  #over = false

  constructor (body: StreamedBody, socket: Socket, events: UploadEvents) {
    this.#body = body
    this.#socket = socket
    this.#events = events
    this.#left = body.size ?? Infinity
  }

  begin (head: string): void {
    const { start, source } = this.#body
    this.#socket.cork()
    this.#events.written(head.length)
    this.#socket.write(head, 'latin1')
    if (start.length > 0) this.data(start)
    if (!this.#over) source.attach(this)
    this.#socket.uncork()
  }

  data (chunk: Buffer): boolean {
    if (this.#over) return false
    if (chunk.length === 0) return !this.#blocked
    this.#left -= chunk.length
    if (this.#left < 0) {
      this.#fail('BODY_TOO_LONG', 'The body of the request is longer than it said')
      return false
    }
    if (this.#body.size === undefined) this.#chunk(chunk)
    else this.#write(chunk)
    if (this.#blocked) this.#events.waiting()
    return !this.#blocked
  }

  end (): void {
    if (this.#over) return
    if (this.#body.size === undefined) this.#write(LAST_CHUNK)
    else if (this.#left > 0) return this.#fail('BODY_TOO_SHORT', 'The body of the request is shorter than it said')
    this.#over = this.done = true
    this.#events.waiting()
  }

  fail (cause: Error): void {
    if (!this.#over) this.#fail('BODY_FAILED', 'The body of the request broke off at its source', cause)
  }

  drained (): void {
    if (this.#over || !this.#blocked) return
    this.#blocked = false
    this.#events.busy()
    this.#body.source.flow()
  }

  /** The endpoint gets no more. */
  cancel (): void {
    if (this.#over) return
    this.#over = true
    this.#body.source.discard()
  }

  #fail (code: string, message: string, cause?: Error): void {
    this.#over = true
    if (cause === undefined) this.#body.source.discard()
    this.#events.failed(failure('requestBodyFailed', code, message, cause))
  }

  #chunk (chunk: Buffer): void {
    const line = chunk.length.toString(16) + '\r\n'
    if (chunk.length <= ONE_PIECE) {
      const piece = Buffer.allocUnsafe(line.length + chunk.length + 2)
      piece.write(line, 'latin1')
      chunk.copy(piece, line.length)
      piece.write('\r\n', piece.length - 2, 'latin1')
      return this.#write(piece)
    }
    this.#socket.cork()
    this.#socket.write(line, 'latin1')
    this.#events.written(line.length)
    this.#write(chunk)
    this.#write(CRLF)
    this.#socket.uncork()
  }

  #write (bytes: Buffer): void {
    this.#events.written(bytes.length)
    if (!this.#socket.write(bytes)) this.#blocked = true
  }
}

const CRLF = Buffer.from('\r\n')
