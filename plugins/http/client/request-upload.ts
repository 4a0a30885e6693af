import type { Socket } from 'node:net'
import { failure, type Failure } from './client-error.js'
import type { RequestBodySink, StreamedRequestBody } from './request.js'

export interface UploadEvents {
  /** The endpoint has the whole request, or takes no more of it for now. */
  waiting (): void
  /** The next bytes have to come from the source. */
  busy (): void
  written (bytes: number): void
  failed (failure: Failure): void
}

/** Chunks up to this size are copied, so that those of one turn are sent as one chunk. */
const ONE_PIECE = 4096
/** Bytes of small chunks that are held until the end of the turn at most. */
const MAX_HELD = 16_384
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** A streamed body on its way to the endpoint, as fast as that takes it. */
export class RequestUpload implements RequestBodySink {
  /** Whether the socket has all of it. */
  done = false
  readonly #body: StreamedRequestBody
  readonly #socket: Socket
  readonly #events: UploadEvents
  #bodyLeft: number
  #blocked = false
  #isOver = false
  /** Small chunks of this turn. A client that sends its body byte by byte must not cost a write for each of them. */
  #held: Buffer | undefined
  #heldLength = 0
  #scheduled = false

  constructor (body: StreamedRequestBody, socket: Socket, events: UploadEvents) {
    this.#body = body
    this.#socket = socket
    this.#events = events
    this.#bodyLeft = body.size ?? Infinity
  }

  begin (head: string): void {
    const { start, source } = this.#body
    this.#socket.cork()
    this.#events.written(head.length)
    this.#socket.write(head, 'latin1')
    if (start.length > 0) this.data(start)
    if (!this.#isOver) source.attach(this)
    this.#socket.uncork()
  }

  data (chunk: Buffer): boolean {
    if (this.#isOver) return false
    if (chunk.length === 0) return !this.#blocked
    this.#bodyLeft -= chunk.length
    if (this.#bodyLeft < 0) {
      this.#fail('BODY_TOO_LONG', 'The body of the request is longer than its length')
      return false
    }
    if (this.#body.size === undefined) this.#chunk(chunk)
    else this.#write(chunk)
    if (this.#blocked) this.#events.waiting()
    return !this.#blocked
  }

  end (): void {
    if (this.#isOver) return
    if (this.#body.size === undefined) {
      this.flush()
      this.#write(LAST_CHUNK)
    } else if (this.#bodyLeft > 0) {
      return this.#fail('BODY_TOO_SHORT', 'The body of the request is shorter than its length')
    }
    this.#isOver = this.done = true
    this.#events.waiting()
  }

  fail (cause: Error): void {
    if (!this.#isOver) this.#fail('BODY_FAILED', 'The body of the request broke off at its source', cause)
  }

  drained (): void {
    if (this.#isOver || !this.#blocked) return
    this.#blocked = false
    this.#events.busy()
    this.#body.source.flow()
  }

  /** The endpoint gets no more. */
  cancel (): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#body.source.discard()
  }

  #fail (code: string, message: string, cause?: Error): void {
    this.#isOver = true
    if (cause === undefined) this.#body.source.discard()
    this.#events.failed(failure('requestBodyFailed', code, message, cause))
  }

  #chunk (chunk: Buffer): void {
    if (chunk.length <= ONE_PIECE) return this.#hold(chunk)
    this.flush()
    const line = chunk.length.toString(16) + '\r\n'
    this.#socket.cork()
    this.#socket.write(line, 'latin1')
    this.#events.written(line.length)
    this.#write(chunk)
    this.#write(CRLF)
    this.#socket.uncork()
  }

  /** Keeps a small chunk until the end of the turn: the first one as it is, more of them in one buffer. */
  #hold (chunk: Buffer): void {
    if (this.#heldLength + chunk.length > MAX_HELD) this.flush()
    if (this.#held === undefined) {
      this.#held = chunk
      this.#heldLength = chunk.length
      this.#scheduleFlush()
      return
    }
    if (this.#held.length < MAX_HELD) {
      const buffer = Buffer.allocUnsafe(MAX_HELD)
      this.#held.copy(buffer)
      this.#held = buffer
    }
    chunk.copy(this.#held, this.#heldLength)
    this.#heldLength += chunk.length
  }

  /** Not in a tick: ticks run after each chunk that Node's parser reports. */
  #scheduleFlush (): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(flushHeld, this)
  }

  /** The turn is over. */
  onTurnEnd (): void {
    this.#scheduled = false
    if (this.#isOver) return
    const wasBlocked = this.#blocked
    this.flush()
    if (!wasBlocked && this.#blocked) this.#events.waiting()
  }

  /** Sends what is held as one chunk. */
  flush (): void {
    const held = this.#held
    if (held === undefined) return
    const length = this.#heldLength
    this.#held = undefined
    this.#heldLength = 0
    if (this.#isOver) return
    const line = length.toString(16) + '\r\n'
    const piece = Buffer.allocUnsafe(line.length + length + 2)
    piece.write(line, 'latin1')
    held.copy(piece, line.length, 0, length)
    piece.write('\r\n', piece.length - 2, 'latin1')
    this.#write(piece)
  }

  #write (bytes: Buffer): void {
    this.#events.written(bytes.length)
    if (!this.#socket.write(bytes)) this.#blocked = true
  }
}

const CRLF = Buffer.from('\r\n')

const flushHeld = (upload: RequestUpload): void => upload.onTurnEnd()
