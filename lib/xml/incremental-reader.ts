import type { Unreadable } from '../message/envelope.js'
import { APOSTROPHE, BANG, BRACKET, DASH, GT, LT, QUESTION, QUOTE } from './characters.js'

/**
 * Instead of a position: the token was not read, because the reader has finished, or because the token's end has not
 * arrived.
 */
export const STOP = -1

/** Length of `<![CDATA[`, the longest start that determines the kind of a token. */
const MAX_START = 9

const NO_BYTES = Buffer.alloc(0)

/**
 * Reads a document that arrives in chunks, token by token.
 *
 * A token is read at once, when it is complete. Until then new bytes are only searched for its end, each byte once.
 * So the work is linear and the outcome the same, however the chunks are cut.
 */
export abstract class IncrementalReader {
  /** Why the document cannot be read; undefined while nothing is wrong. */
  failure: Unreadable | undefined
  /** Whether no more bytes are wanted: the document failed, or enough of it was read. */
  finished = false
  protected bytes: Buffer = NO_BYTES
  /** After the last byte that may be read. */
  protected end = 0
  /** The first byte after the last complete token. */
  protected position: number
  readonly #limit: number
  #size = 0
  #owned = false
  /**
   * The incomplete token at `#waiting` was searched for its end up to `#searched`, where the quotation mark
   * `#quotation` (0: none) is open.
   */
  #waiting = -1
  #searched = 0
  #quotation = 0

  /**
   * @param limit bytes that may be read
   * @param from where the document begins in the bytes
   */
  constructor (limit: number, from: number) {
    this.#limit = limit
    this.position = from
  }

  /** Reads the token at this position. Returns the position after it, or STOP. `last`: no more bytes follow. */
  protected abstract token (at: number, last: boolean): number
  /** Called when the document ends before the reader has finished. */
  protected abstract endOfDocument (): void

  /**
   * Takes the next bytes. The first chunk is not copied unless more are needed, so it must not change until the
   * reader finishes.
   * Returns `finished`.
   */
  push (chunk: Buffer): boolean {
    if (this.finished) return true
    this.#append(chunk)
    this.#read(false)
    return this.finished
  }

  /** Ends the document, unless the reader has finished already. Returns `failure`. */
  finish (): Unreadable | undefined {
    if (!this.finished) this.#read(true)
    if (!this.finished) this.endOfDocument()
    return this.failure
  }

  /** Refuses the document. The first failure counts. `withoutPosition`: the document does not even begin with a `<`. */
  fail (why: string, cause: Unreadable['cause'] = 'malformed', withoutPosition = false): typeof STOP {
    const { position } = this
    const reason = cause === 'malformed' ? `${why} (byte ${position})` : why
    this.finished = true
    this.failure ??= { kind: 'unreadable', cause, reason, offset: position, withoutPosition }
    return STOP
  }

  #append (chunk: Buffer): void {
    if (this.#size === 0) this.bytes = chunk
    else {
      const size = Math.min(this.#size + chunk.length, this.#limit)
      if (!this.#owned || size > this.bytes.length) {
        const larger = Buffer.allocUnsafe(Math.min(2 * size, this.#limit))
        this.bytes.copy(larger, 0, 0, this.end)
        this.bytes = larger
        this.#owned = true
      }
      chunk.copy(this.bytes, this.#size)
    }
    this.#size += chunk.length
    this.end = Math.min(this.#size, this.#limit)
  }

  #read (last: boolean): void {
    const full = this.end === this.#limit
    if (this.#waiting === this.position && !last && !full && !this.#mayBeComplete()) return
    while (!this.finished) {
      const next = this.token(this.position, last || full)
      if (next === STOP) break
      this.position = next
    }
    if (this.finished) return
    if (full) this.fail(`what comes before the end of the Header is longer than ${this.#limit} bytes`, 'limit')
    if (this.#waiting !== this.position && this.end - this.position >= MAX_START) {
      this.#waiting = this.#searched = this.position
      this.#quotation = 0
    }
  }

  /** Whether the end of the token has arrived. True also where its kind is not known yet. */
  #mayBeComplete (): boolean {
    const { bytes, end, position } = this
    if (end - position < MAX_START) return true
    if (bytes[position] !== LT) return this.#search(LT)
    const second = bytes[position + 1]
    if (second === QUESTION) return this.#search(GT, QUESTION)
    if (second === BANG) {
      return bytes[position + 2] === DASH ? this.#search(GT, DASH, DASH) : this.#search(GT, BRACKET, BRACKET)
    }
    while (this.#searched < end) {
      const byte = bytes[this.#searched++]!
      if (this.#quotation !== 0) {
        if (byte === this.#quotation) this.#quotation = 0
      } else if (byte === QUOTE || byte === APOSTROPHE) this.#quotation = byte
      else if (byte === GT) return true
    }
    return false
  }

  #search (byte: number, before?: number, beforeThat?: number): boolean {
    const { bytes, end } = this
    while (this.#searched < end) {
      const at = this.#searched++
      if (bytes[at] !== byte || (before !== undefined && bytes[at - 1] !== before)) continue
      if (beforeThat === undefined || bytes[at - 2] === beforeThat) return true
    }
    return false
  }
}
