import { ChunkedDecoder } from './chunked-decoder.js'
import { ResponseRejected } from '../client-error.js'
import { ResponseHeadParser, type ResponseHead } from './response-head.js'

/** Where the parts of a response go, in this order. */
export interface ReaderEvents {
  /** Called for each interim response. Returns whether to continue. */
  interim (head: ResponseHead): boolean
  /** `whole`: all of the body came with the head. Returns whether to continue. */
  head (head: ResponseHead, whole: boolean): boolean
  /** A copy of what came of the body, in one piece. Returns whether to continue. */
  body (chunk: Buffer): boolean
  /** `reusable`: the framing has an end of its own, and nothing came after it. */
  end (reusable: boolean): void
}

const MAX_INTERIM = 64

const OFF = 0
const HEAD = 1
const LENGTH = 2
const CHUNKED = 3
const UNTIL_CLOSE = 4

/**
 * Reads responses, one after the other, from pieces of any size. What belongs to one piece is handed on at once: at
 * most one part of the body, copied out of the piece, which may be overwritten as soon as `read` calls back.
 *
 * @see RFC 9112, section 6.3
 */
export class ResponseReader {
  readonly #events: ReaderEvents
  readonly #parser: ResponseHeadParser
  readonly #chunks: ChunkedDecoder
  #state = OFF
  #method = ''
  #upgrades = false
  #bodyLeft = 0
  #interim = 0
  /** Whether the endpoint may send a body where there must be none. */
  #ambiguous = false

  constructor (events: ReaderEvents, headLimit: number) {
    this.#events = events
    this.#parser = new ResponseHeadParser(headLimit)
    this.#chunks = new ChunkedDecoder(headLimit)
  }

  /** Whether the head of the final response is complete. */
  get inBody (): boolean { return this.#state > HEAD }

  /** Expects the response to a request with this method. `upgrades`: it may switch protocols. */
  begin (method: string, upgrades = false): void {
    this.#upgrades = upgrades
    this.#state = HEAD
    this.#method = method
    this.#interim = 0
  }

  /** Expects nothing more. */
  stop (): void { this.#state = OFF }

  /** @throws ResponseRejected */
  read (bytes: Buffer, at: number, end: number): void {
    if (this.#state !== HEAD) return this.#body(bytes, at, end, undefined)
    while (at < end) {
      const from = at
      at = this.#parser.read(bytes, from, end)
      if (at < 0) return
      const head = this.#parser.head(bytes, from, at)
      if (head.status >= 200 || (head.status === 101 && this.#upgrades)) return this.#final(bytes, at, end, head)
      // Whatever the caller does in its turn, the rest of the piece must stay.
      const rest = at < end ? Buffer.from(bytes.subarray(at, end)) : undefined
      this.#interimOf(head)
      if (!this.#events.interim(head) || rest === undefined) return
      bytes = rest
      at = 0
      end = rest.length
    }
  }

  /** Whether the end of the connection ends the response. */
  get isUntilClose (): boolean {
    return this.#state === UNTIL_CLOSE
  }

  /** The connection has ended. Returns whether that completes the response. */
  finish (clean: boolean): boolean {
    if (this.#state === HEAD) this.#parser.finish()
    if (this.#state !== UNTIL_CLOSE || !clean) return false
    this.#state = OFF
    return true
  }

  #interimOf (head: ResponseHead): void {
    const { status, persistent } = head
    if (status === 101) {
      throw new ResponseRejected('UPGRADE', 'The endpoint switched protocols, which was not requested')
    }
    rejectInterimBody(head)
    if (!persistent) throw new ResponseRejected('INTERIM_CLOSE', 'An interim response ends the connection')
    if (++this.#interim > MAX_INTERIM) {
      throw new ResponseRejected('TOO_MANY_INTERIM', `The endpoint sent more than ${MAX_INTERIM} interim responses`)
    }
  }

  #final (bytes: Buffer, at: number, end: number, head: ResponseHead): void {
    const { status, contentLength, chunked } = head
    if (status === 101) rejectInterimBody(head)
    this.#ambiguous = status === 204 && (chunked || contentLength > 0)
    if (status === 101) this.#state = UNTIL_CLOSE
    else if (this.#method === 'HEAD' || status === 204 || status === 304) {
      this.#state = LENGTH
      this.#bodyLeft = 0
    } else if (chunked) {
      this.#state = CHUNKED
      this.#chunks.begin()
    } else if (contentLength >= 0) {
      this.#state = LENGTH
      this.#bodyLeft = contentLength
    } else this.#state = UNTIL_CLOSE
    this.#body(bytes, at, end, head)
  }

  #body (bytes: Buffer, at: number, end: number, head: ResponseHead | undefined): void {
    let chunk: Buffer | undefined
    let rejected: unknown
    let done = false
    if (this.#state === LENGTH) {
      const size = Math.min(this.#bodyLeft, end - at)
      if (size > 0) chunk = copyOf(bytes, at, size)
      at += size
      this.#bodyLeft -= size
      done = this.#bodyLeft === 0
    } else if (this.#state === CHUNKED) {
      const out = Buffer.allocUnsafe(end - at)
      try { at = this.#chunks.decode(bytes, at, end, out) } catch (error) { rejected = error }
      const { written } = this.#chunks
      // Many small chunks must not hold the memory of their size lines.
      if (written > 0) chunk = written * 2 < out.length ? copyOf(out, 0, written) : out.subarray(0, written)
      done = this.#chunks.done
    } else if (this.#state === UNTIL_CLOSE && at < end) chunk = copyOf(bytes, at, end - at)
    // Nothing of the piece is looked at from here on.
    if (done) this.#state = OFF
    if (head !== undefined && !this.#events.head(head, done)) return
    if (chunk !== undefined && !this.#events.body(chunk)) return
    if (rejected !== undefined) throw rejected
    if (done) this.#events.end(at === end && !this.#ambiguous)
  }
}

function rejectInterimBody ({ contentLength, chunked }: ResponseHead): void {
  if (chunked || contentLength > 0) throw new ResponseRejected('INTERIM_BODY', 'An interim response has a body')
}

function copyOf (bytes: Buffer, at: number, size: number): Buffer {
  const copy = Buffer.allocUnsafe(size)
  bytes.copy(copy, 0, at, at + size)
  return copy
}
