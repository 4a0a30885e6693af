import {
  AMP,
  APOSTROPHE,
  CLASS,
  COLON,
  HASH,
  LEGAL,
  LT,
  NAME,
  QUOTE,
  SEMICOLON,
  SPACE,
  START,
  VALUE,
  isName,
  referred
} from './characters.js'
import { decode, type Encoding } from './encoding.js'
import { intern } from './intern.js'
import { quoted } from './namespaces.js'
import { IncrementalReader, STOP } from './incremental-reader.js'

/** Reads what tokens are made of. Each method reads from a position and returns the position after it, or STOP. */
export abstract class Lexer extends IncrementalReader {
  encoding: Encoding = 'utf-8'
  /** Whether a byte that is not ASCII was read. */
  protected wide = false
  /** Position of the colon of the last name; 0 without one. */
  protected colon = 0
  /** Whether the last value is the text as it stands: without references, line ends and tabs. */
  protected plain = true

  /** White space, or nothing. */
  protected space (at: number): number {
    const { bytes, end } = this
    let i = at
    while (i < end && (CLASS[bytes[i]!]! & SPACE) !== 0) i++
    return i
  }

  /** A name with at most one colon inside. */
  protected name (at: number): number {
    const { bytes, end } = this
    let i = at
    let seen = 0
    this.colon = 0
    for (;;) {
      if (i >= end) return STOP
      if ((CLASS[bytes[i]!]! & START) === 0) return this.fail('there is no name where one must be')
      let byte = 0
      while (i < end && (CLASS[(byte = bytes[i]!)]! & NAME) !== 0) {
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
    return decode(bytes, at, i, this.encoding).split(':').every(isName)
      ? i
      : this.fail('there is a name with a character that names may not have')
  }

  /** The value of an attribute, from after its quotation mark. Returns the position of the closing one. */
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

  /** A reference, `&…;`, to a character. */
  protected reference (at: number): number {
    const { bytes, end } = this
    let i = at + 1
    while (i < end && ((CLASS[bytes[i]!]! & NAME) !== 0 || bytes[i] === HASH)) i++
    if (i >= end) return STOP
    if (bytes[i] !== SEMICOLON) return this.fail('there is an "&" that does not begin a reference')
    const name = intern(bytes, at + 1, i)
    return referred(name) === undefined ? this.fail(`the reference ${quoted(name)} is not defined`) : i + 1
  }

  /** Returns the position of the next byte of this value. All bytes before it must be allowed. */
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

  /** Whether these characters are here. */
  protected is (literal: string, at: number): boolean {
    if (at + literal.length > this.end) return false
    for (let i = 0; i < literal.length; i++) if (this.bytes[at + i] !== literal.charCodeAt(i)) return false
    return true
  }

  protected illegal (): typeof STOP {
    return this.fail('it contains a character that XML does not allow')
  }
}
