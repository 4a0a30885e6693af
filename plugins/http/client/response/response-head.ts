import { COLON, CR, FIELD_TEXT, isBlank, LF, SP, TOKEN, word } from './characters.js'
import { ResponseRejected } from '../client-error.js'
import { ConnectionFields } from './connection-fields.js'

/** The head of a response. */
export interface ResponseHead {
  readonly status: number
  readonly reason: string
  /** The minor version: 0 or 1. */
  readonly minor: number
  /**
   * Names and values in turn, as they came, except for what RFC 9112 lets a client repair: blanks before a colon
   * are gone, and of repeated equal lengths one is left.
   */
  readonly headers: readonly string[]
  /** The value of Content-Length; -1 where there is none. */
  readonly contentLength: number
  readonly chunked: boolean
  /** Whether the endpoint keeps the connection open, by version and Connection. */
  readonly persistent: boolean
  /** The value of `Keep-Alive: timeout`, in milliseconds; -1 where there is none. */
  readonly keepAlive: number
  /** Whether the endpoint asks for NTLM or Negotiate, which authenticate the connection. */
  readonly authenticatesConnection: boolean
}

export const MAX_FIELDS = 1000

/** Heads up to this size are remembered. */
const MAX_REMEMBERED = 1024

const HTTP_1 = word('HTTP/1.')
const NO_BYTES = Buffer.alloc(0)

/**
 * Reads heads of responses, in pieces of any size, in time that is linear in their length.
 *
 * @see RFC 9112, sections 4, 5 and 6; what is ambiguous there is refused here
 */
export class ResponseHeadParser {
  readonly #limit: number
  /** Bytes of an incomplete head: the first `#kept` of this buffer. */
  #store = NO_BYTES
  #kept = 0
  /** Where the next line begins, from the start of the head. */
  #offset = 0
  /** Where names and values begin and end, from the start of the head. */
  readonly #positions: number[] = []
  #count = 0
  #status = 0
  #minor = 0
  #reasonStart = 0
  #reasonEnd = 0
  readonly #fields = new ConnectionFields()
  /**
   * The last head, and the first `#lastSize` of these bytes. An endpoint repeats its heads until the second of their
   * Date is over: equal bytes are not read again.
   */
  #last: ResponseHead | undefined
  #lastBytes = NO_BYTES
  #lastSize = 0
  /** Whether `read` has just found the last head again. */
  #isRepeated = false

  /** @param limit the greatest size of a head, in bytes */
  constructor (limit: number) {
    this.#limit = limit
  }

  /** Whether a part of a head is here. */
  get started (): boolean {
    return this.#kept > 0
  }

  /**
   * Reads from `at` on.
   * @returns where the head ends; -1 where it is not complete: all bytes were taken then
   * @throws ResponseRejected
   */
  read (bytes: Buffer, at: number, end: number): number {
    if (this.#kept > 0) return this.#resume(bytes, at, end)
    if (this.#repeats(bytes, at, end)) return at + this.#lastSize
    this.#reset()
    const next = this.#scan(bytes, at, end)
    if (next < 0) this.#keepBytes(bytes, at, end)
    this.#limitTo(next < 0 ? end - at : next - at)
    return next
  }

  /** Returns what is wrong with an incomplete head that gets no more bytes, if anything is. */
  finish (): void {
    if (this.#kept > 0) this.#scan(this.#store, 0, this.#kept)
  }

  /** The head that `read` has just completed in `bytes`. `at`, `end`: as it was called and as it returned. */
  head (bytes: Buffer, at: number, end: number): ResponseHead {
    if (this.#isRepeated) return this.#last!
    const kept = this.#kept
    const text = kept > 0 ? this.#store.toString('latin1', 0, kept) : bytes.toString('latin1', at, end)
    this.#kept = 0
    this.#store = NO_BYTES
    const headers: string[] = []
    const positions = this.#positions
    for (let field = 0; field < this.#count; field += 4) {
      headers.push(
        text.slice(positions[field], positions[field + 1]),
        text.slice(positions[field + 2], positions[field + 3])
      )
    }
    const fields = this.#fields
    const head: ResponseHead = {
      status: this.#status,
      reason: text.slice(this.#reasonStart, this.#reasonEnd),
      minor: this.#minor,
      headers,
      contentLength: fields.length,
      chunked: fields.chunked,
      persistent: !fields.close && (this.#minor === 1 || fields.keep),
      keepAlive: fields.keepAlive,
      authenticatesConnection: fields.authenticates
    }
    if (kept === 0 && end - at <= MAX_REMEMBERED) this.#remember(head, bytes, at, end)
    return head
  }

  #repeats (bytes: Buffer, at: number, end: number): boolean {
    const size = this.#lastSize
    this.#isRepeated = size > 0 && end - at >= size && bytes.compare(this.#lastBytes, 0, size, at, at + size) === 0
    return this.#isRepeated
  }

  #remember (head: ResponseHead, bytes: Buffer, at: number, end: number): void {
    const size = end - at
    if (this.#lastBytes.length < size) this.#lastBytes = Buffer.allocUnsafeSlow(size)
    bytes.copy(this.#lastBytes, 0, at, end)
    this.#lastSize = size
    this.#last = head
  }

  #reset (): void {
    this.#offset = 0
    this.#count = 0
    this.#fields.reset()
  }

  /** A line is read again only when its end has come: a head that drips in must not cost its length squared. */
  #resume (bytes: Buffer, at: number, end: number): number {
    const before = this.#kept
    this.#keepBytes(bytes, at, end)
    if (before > HTTP_1.length && this.#kept <= this.#limit && !this.#hasLineEnd(before)) return -1
    const next = this.#scan(this.#store, 0, this.#kept)
    this.#limitTo(next < 0 ? this.#kept : next)
    if (next < 0) return -1
    this.#kept = next
    return at + next - before
  }

  /** Whether a line has ended since this many bytes were here, or has a CR that ends none. */
  #hasLineEnd (before: number): boolean {
    const bytes = this.#store.subarray(before - 1, this.#kept)
    const cr = bytes.indexOf(CR)
    return bytes.includes(LF, 1) || (cr >= 0 && cr < bytes.length - 1)
  }

  #limitTo (size: number): void {
    if (size > this.#limit) {
      const message = `The head of the response exceeds ${this.#limit} bytes`
      throw new ResponseRejected('HEAD_TOO_LARGE', message, 'headTooLarge')
    }
  }

  #keepBytes (bytes: Buffer, at: number, end: number): void {
    // What exceeds the limit is looked at once more, and refused.
    const size = Math.min(end - at, this.#limit + 1 - this.#kept)
    const total = this.#kept + size
    if (total > this.#store.length) {
      const grown = Buffer.allocUnsafe(Math.min(Math.max(total * 2, 512), this.#limit + 1))
      this.#store.copy(grown, 0, 0, this.#kept)
      this.#store = grown
    }
    bytes.copy(this.#store, this.#kept, at, at + size)
    this.#kept = total
  }

  /** @returns where the head ends, or -1 */
  #scan (bytes: Buffer, start: number, end: number): number {
    let at = start + this.#offset
    if (this.#offset === 0) {
      at = this.#statusLine(bytes, start, end)
      if (at < 0) return -1
      this.#offset = at - start
    }
    for (;;) {
      if (at >= end) return -1
      if (bytes[at] === CR) {
        if (at + 1 === end) return -1
        if (bytes[at + 1] !== LF) {
          throw new ResponseRejected('BARE_CR', 'The head of the response has a CR without LF')
        }
        return at + 2
      }
      at = this.#fieldLine(bytes, at, end, start)
      if (at < 0) return -1
      this.#offset = at - start
    }
  }

  /** `HTTP/1.x NNN [reason] CRLF`; the blank after the status may be missing where there is no reason. */
  #statusLine (bytes: Buffer, start: number, end: number): number {
    for (let index = 0; index < 7; index++) {
      if (start + index === end) return -1
      if (bytes[start + index] !== HTTP_1[index]) throw new ResponseRejected('NOT_HTTP', 'The response is not HTTP/1')
    }
    let at = start + 7
    if (at === end) return -1
    const minor = bytes[at++]! - 48
    if (minor !== 0 && minor !== 1) throw new ResponseRejected('VERSION', 'The version of the response is unknown')
    if (at === end) return -1
    if (bytes[at++] !== SP) throw statusLine()
    let status = 0
    for (let digit = 0; digit < 3; digit++) {
      if (at === end) return -1
      const value = bytes[at++]! - 48
      if (value < 0 || value > 9) throw statusLine()
      status = status * 10 + value
    }
    if (status < 100) throw statusLine()
    if (at === end) return -1
    this.#reasonStart = at - start
    if (bytes[at] === SP) {
      this.#reasonStart = ++at - start
      while (at < end && FIELD_TEXT[bytes[at]!] === 1) at++
    }
    this.#reasonEnd = at - start
    if (at === end) return -1
    if (bytes[at] !== CR) throw statusLine()
    if (at + 1 === end) return -1
    if (bytes[at + 1] !== LF) throw statusLine()
    this.#status = status
    this.#minor = minor
    return at + 2
  }

  #fieldLine (bytes: Buffer, start: number, end: number, origin: number): number {
    let at = start
    while (at < end && TOKEN[bytes[at]!] === 1) at++
    if (at === start) {
      if (isBlank(bytes[at]!)) throw new ResponseRejected('FOLDED_LINE', 'The head of the response has a folded line')
      throw new ResponseRejected('FIELD_NAME', 'The head of the response has a line without a valid name')
    }
    const nameEnd = at
    while (at < end && isBlank(bytes[at]!)) at++
    if (at === end) return -1
    if (bytes[at++] !== COLON) throw new ResponseRejected('FIELD_NAME', 'The response has an invalid field name')
    while (at < end && isBlank(bytes[at]!)) at++
    const value = at
    while (at < end && FIELD_TEXT[bytes[at]!] === 1) at++
    if (at === end) return -1
    if (bytes[at] !== CR) throw new ResponseRejected('FIELD_VALUE', 'The response has an invalid field value')
    if (at + 1 === end) return -1
    if (bytes[at + 1] !== LF) throw new ResponseRejected('BARE_CR', 'The head of the response has a CR without LF')
    let valueEnd = at
    while (valueEnd > value && isBlank(bytes[valueEnd - 1]!)) valueEnd--
    valueEnd = this.#fields.note(bytes, start, nameEnd, value, valueEnd, this.#minor)
    if (valueEnd >= 0) this.#addPosition(start - origin, nameEnd - origin, value - origin, valueEnd - origin)
    return at + 2
  }

  #addPosition (name: number, nameEnd: number, value: number, valueEnd: number): void {
    const positions = this.#positions
    const at = this.#count
    if (at === MAX_FIELDS * 4) {
      throw new ResponseRejected('TOO_MANY_FIELDS', `The response has more than ${MAX_FIELDS} fields`, 'headTooLarge')
    }
    this.#count += 4
    positions[at] = name
    positions[at + 1] = nameEnd
    positions[at + 2] = value
    positions[at + 3] = valueEnd
  }
}

const statusLine = (): ResponseRejected =>
  new ResponseRejected('STATUS_LINE', 'The status line of the response is malformed')
