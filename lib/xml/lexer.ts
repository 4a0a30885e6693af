import { AMP, APOSTROPHE, CLASS, COLON, HASH, LEGAL, LT, NAME, QUOTE, SEMICOLON, SPACE, START, VALUE, isName, referred } from './characters.js'
import { decode, type Encoding } from './encoding.js'
import { intern } from './intern.js'
import { quoted } from './namespaces.js'
import { IncrementalReader, STOP } from './incremental-reader.js'

/** What tokens are made of. Each of these reads from a position, and gives the position behind, or STOP. */
export abstract class Lexer<Outcome> extends IncrementalReader<Outcome> {
  protected encoding: Encoding = 'utf-8'
  /** Whether there was a byte that is not ASCII. */
  protected wide = false
  /** Of the name that was read last; 0 without one. */
  protected colon = 0
  /** Whether the value that was read last stands for itself. */
  protected plain = true

  /** White space, or nothing. */
  protected space (at: number): number {
    const { bytes, end } = this
    let i = at
    while (i < end && (CLASS[bytes[i]!]! & SPACE) !== 0) i++
    return i
  }

  /** A name, with at most one colon inside. */
  protected name (at: number): number {
    const { bytes, end } = this
    let i = at
    let seen = 0
    this.colon = 0
    for (;;) {
      if (i >= end) return STOP
      if ((CLASS[bytes[i]!]! & START) === 0) return this.fail('there is no name where one must be')
      let byte = 0
      while (i < end && (CLASS[byte = bytes[i]!]! & NAME) !== 0) {
        seen |= byte
        i++
      }
      if (i >= end) return STOP
      if (byte !== COLON) break
      if (this.colon !== 0) return this.fail('there is a name with two colons')
      this.colon = i++
    }
    if (seen < 0x80) return i
    this.wide = true
    return decode(bytes, at, i, this.encoding).split(':').every(isName) ? i : this.fail('there is a name with characters that no name may have')
  }

  /** The value of an attribute, behind its quotation mark; the position is that of the closing one. */
  protected value (at: number, quotation: number): number {
    const { bytes, end } = this
    let i = at
    this.plain = true
    for (;;) {
      while (i < end && (CLASS[bytes[i]!]! & VALUE) !== 0) i++
      if (i >= end) return STOP
      const byte = bytes[i]!
      if (byte === quotation) return i
      if (byte === QUOTE || byte === APOSTROPHE) i++
      else if (byte === LT) return this.fail('there is a "<" in the value of an attribute')
      else if (byte === AMP) {
        this.plain = false
        i = this.reference(i)
        if (i === STOP) return STOP
      } else if ((CLASS[byte]! & LEGAL) === 0) return this.illegal()
      else {
        if (byte >= 0x80) this.wide = true
        else this.plain = false
        i++
      }
    }
  }

  /** `&…;`, which must stand for a character. */
  protected reference (at: number): number {
    const { bytes, end } = this
    let i = at + 1
    while (i < end && ((CLASS[bytes[i]!]! & NAME) !== 0 || bytes[i] === HASH)) i++
    if (i >= end) return STOP
    if (bytes[i] !== SEMICOLON) return this.fail('there is an "&" that begins no reference')
    const name = intern(bytes, at + 1, i)
    return referred(name) === undefined ? this.fail(`the reference ${quoted(name)} stands for no character`) : i + 1
  }

  /** The position of this byte, behind bytes that are all allowed. */
  protected until (byte: number, at: number): number {
    const { bytes, end } = this
    let seen = 0
    for (let i = at; i < end; i++) {
      const here = bytes[i]!
      if (here === byte) {
        if (seen >= 0x80) this.wide = true
        return i
      }
      if ((CLASS[here]! & LEGAL) === 0) return this.illegal()
      seen |= here
    }
    return STOP
  }

  /** Whether these characters stand here. */
  protected is (literal: string, at: number): boolean {
    if (at + literal.length > this.end) return false
    for (let i = 0; i < literal.length; i++) if (this.bytes[at + i] !== literal.charCodeAt(i)) return false
    return true
  }

  protected illegal (): typeof STOP {
    return this.fail('it contains a character that XML does not allow')
  }
}
