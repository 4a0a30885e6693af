import type { Unreadable } from '../message/envelope.js'
import { APOSTROPHE, BANG, BRACKET, DASH, GT, LT, QUESTION, QUOTE } from './characters.js'

/** Instead of a position: the token was not read, because the outcome is known, or because its end is not here yet. */
export const STOP = -1

/** So much of a token tells what kind it is: the length of `<![CDATA[`. */
const TELLING = 9

/**
 * A document that comes in pieces, read token by token.
 *
 * A token is read in one go. As long as its end is missing nothing has happened, and what comes is only searched for that end,
 * each byte once; then the token is read again. So the work is linear however the pieces are cut, and so is the outcome the same.
 */
export abstract class IncrementalReader<Outcome> {
  protected bytes: Buffer = NOTHING
  /** Behind the last byte that may be looked at. */
  protected end = 0
  protected outcome: Outcome | Unreadable | undefined
  private readonly limit: number
  /** Behind the last token. */
  private at = 0
  private size = 0
  private owned = false
  /** The unfinished token at `waiting` was searched for its end up to `searched`; there, a quotation is open or 0. */
  private waiting = -1
  private searched = 0
  private quotation = 0

  /** @param from where the document begins in the bytes that come */
  constructor (limit: number, from = 0) {
    this.limit = limit
    this.at = from
  }

  /** Reads the token at this position. The position behind it, or STOP. `last`: no more bytes will come. */
  protected abstract token (at: number, last: boolean): number
  /** Says what is wrong with a document that ends before the outcome is known, with its last whole token at this position. */
  protected abstract ended (at: number): void

  /**
   * Takes the next bytes. The first piece is not copied, unless it was not enough: it must not change before the end.
   * @returns whether the outcome is known, so that no more bytes are wanted
   */
  push (chunk: Buffer): boolean {
    if (this.outcome !== undefined) return true
    this.take(chunk)
    this.run(false)
    return this.outcome !== undefined
  }

  /** The outcome: after `push` returned true, or behind the last byte. */
  finish (): Outcome | Unreadable {
    if (this.outcome === undefined) this.run(true)
    if (this.outcome === undefined) this.ended(this.at)
    return this.outcome as Outcome | Unreadable
  }

  protected fail (why: string, cause: Unreadable['cause'] = 'malformed', bare = false): typeof STOP {
    this.outcome ??= { kind: 'unreadable', cause, reason: cause === 'malformed' ? `${why} (byte ${this.at})` : why, withoutPosition: bare }
    return STOP
  }

  private take (chunk: Buffer): void {
    if (this.size === 0) this.bytes = chunk
    else {
      const size = Math.min(this.size + chunk.length, this.limit)
      if (!this.owned || size > this.bytes.length) {
        const larger = Buffer.allocUnsafe(Math.min(2 * size, this.limit))
        this.bytes.copy(larger, 0, 0, this.end)
        this.bytes = larger
        this.owned = true
      }
      chunk.copy(this.bytes, this.size)
    }
    this.size += chunk.length
    this.end = Math.min(this.size, this.limit)
  }

  private run (last: boolean): void {
    const full = this.end === this.limit
    if (this.waiting === this.at && !last && !full && !this.arrived()) return
    while (this.outcome === undefined) {
      const next = this.token(this.at, last || full)
      if (next === STOP) break
      this.at = next
    }
    if (this.outcome !== undefined) return
    if (full) this.fail(`what comes before the end of the Header is longer than ${this.limit} bytes`, 'limit')
    if (this.waiting !== this.at && this.end - this.at >= TELLING) {
      this.waiting = this.searched = this.at
      this.quotation = 0
    }
  }

  /** Whether the end of the token has come, or it cannot be told. */
  private arrived (): boolean {
    const { bytes, end, at } = this
    if (end - at < TELLING) return true
    if (bytes[at] !== LT) return this.sought(LT)
    const second = bytes[at + 1]
    if (second === QUESTION) return this.sought(GT, QUESTION)
    if (second === BANG) return bytes[at + 2] === DASH ? this.sought(GT, DASH, DASH) : this.sought(GT, BRACKET, BRACKET)
    while (this.searched < end) {
      const byte = bytes[this.searched++]!
      if (this.quotation !== 0) {
        if (byte === this.quotation) this.quotation = 0
      } else if (byte === QUOTE || byte === APOSTROPHE) this.quotation = byte
      else if (byte === GT) return true
    }
    return false
  }

  private sought (byte: number, before?: number, beforeThat?: number): boolean {
    const { bytes, end } = this
    while (this.searched < end) {
      const at = this.searched++
      if (bytes[at] === byte && (before === undefined || bytes[at - 1] === before) && (beforeThat === undefined || bytes[at - 2] === beforeThat)) return true
    }
    return false
  }
}

const NOTHING = Buffer.alloc(0)
