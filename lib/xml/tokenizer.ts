import { ATTRIBUTES, MAX_ATTRIBUTES } from './attribute-positions.js'
import {
  AMP,
  BANG,
  BRACKET,
  CLASS,
  CR,
  DASH,
  EQUALS,
  GT,
  LT,
  QUESTION,
  QUOTE,
  APOSTROPHE,
  SLASH,
  SPACE,
  TEXT
} from './characters.js'
import { encodingOf, isReadInPlace, readDeclaration, utf16Of, type Encoding } from './encoding.js'
import { intern } from './intern.js'
import { Lexer } from './lexer.js'
import { quoted } from './namespaces.js'
import { STOP } from './incremental-reader.js'

/** The tokens of XML 1.0, in any encoding in which a byte below 0x80 is ASCII. */
export abstract class Tokenizer extends Lexer {
  readonly #charset: string | undefined
  protected readonly from: number
  /** Where the document begins, after a byte order mark; -1 before that is known. */
  #start = -1
  /**
   * Whether a byte order mark or the transport decided the encoding, so that the XML declaration does not count.
   * @see RFC 7303, section 3.2
   */
  #isEncodingKnown = false
  /** Whether anything but white space was read. */
  #hasMarkup = false

  constructor (limit: number, charset: string | undefined, from: number) {
    super(limit, from)
    this.#charset = charset
    this.from = from
  }

  /**
   * Called for a start tag from `from` to `to`, with its name up to `nameEnd` and the first `attributes` of
   * ATTRIBUTES.
   */
  protected abstract startTagRead (
    from: number,
    colon: number,
    nameEnd: number,
    attributes: number,
    to: number,
    empty: boolean
  ): void
  /** Called for an end tag from `from` to `to`, with its name up to `nameEnd`. */
  protected abstract endTagRead (from: number, nameEnd: number, to: number): void
  /**
   * Called for character data. `plain`: it is the text as it stands; `literal`: it is CDATA, without references;
   * `wide`: it is not all ASCII.
   */
  protected abstract characters (from: number, to: number, plain: boolean, literal: boolean, wide: boolean): void
  /** Whether character data is allowed here. */
  protected abstract hasText (): boolean

  protected token (at: number, last: boolean): number {
    if (this.#start < 0) return this.#detectEncoding(last)
    const { bytes, end } = this
    if (at >= end) return STOP
    if (bytes[at] !== LT) return this.hasText() ? this.#text(at) : this.#whiteSpace(at)
    this.#hasMarkup = true
    if (at + 1 >= end) return STOP
    switch (bytes[at + 1]) {
      case SLASH:
        return this.#endTag(at)
      case QUESTION:
        return this.#instruction(at)
      case BANG:
        return this.#bangMarkup(at)
      default:
        return this.#startTag(at)
    }
  }

  /** Refuses a document that is empty or incomplete. */
  protected endsTooEarly (): void {
    if (!this.#hasMarkup && this.position === this.end) this.fail('it is empty', 'empty')
    else this.fail('it ends too early')
  }

  /** Finds the encoding by the first bytes. Returns the position where the document begins, or STOP. */
  #detectEncoding (last: boolean): number {
    const charset = this.#charset
    const { from } = this
    const bytes = from === 0 ? this.bytes : this.bytes.subarray(from)
    const end = this.end - from
    if (end < 4 && !last) return STOP
    const utf16 = end < 2 ? undefined : utf16Of(bytes)
    if (utf16 !== undefined) return this.#failToTranscode(utf16, !bytes.subarray(0, 4).includes(LT))
    const mark = end >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    this.#start = mark ? from + 3 : from
    this.#isEncodingKnown = mark || charset !== undefined
    return mark || charset === undefined || this.#useEncoding(charset, encodingOf(charset)) ? this.#start : STOP
  }

  /** Uses the encoding of this name. Returns false if the document cannot be in it. */
  #useEncoding (name: string, encoding: Encoding | undefined): boolean {
    if (encoding === undefined) this.fail(`its encoding ${quoted(name)} is unknown`)
    else if (encoding === 'utf-16') this.fail(`it is not in the encoding ${quoted(name)} that it declares`)
    else if (!isReadInPlace(encoding)) this.#failToTranscode(encoding, false)
    else this.encoding = encoding
    return !this.finished
  }

  #failToTranscode (encoding: Encoding, withoutPosition: boolean): typeof STOP {
    if (this.failure === undefined) {
      const reason = `it is encoded in ${encoding.startsWith('utf-16') ? 'UTF-16' : encoding}`
      this.failure = { kind: 'unreadable', cause: 'transcode', reason, encoding, offset: this.from, withoutPosition }
    }
    this.finished = true
    return STOP
  }

  /** White space where character data is not allowed. */
  #whiteSpace (at: number): number {
    const i = this.space(at)
    return i === at ? this.fail('there is text where only elements may be', 'malformed', !this.#hasMarkup) : i
  }

  #text (at: number): number {
    const { bytes, end } = this
    let i = at
    let plain = true
    let wide = false
    for (;;) {
      while (i < end && (CLASS[bytes[i]!]! & TEXT) !== 0) i++
      if (i >= end) return STOP
      const byte = bytes[i]!
      if (byte === LT) break
      if (byte >= 0x80) {
        wide = true
        i++
      } else if (byte === AMP) {
        plain = false
        i = this.reference(i)
        if (i === STOP) return STOP
      } else if (byte === CR) {
        plain = false
        i++
      } else if (byte === GT) {
        if (i >= at + 2 && bytes[i - 1] === BRACKET && bytes[i - 2] === BRACKET) {
          return this.fail('there is a "]]>" in a text')
        }
        i++
      } else return this.illegal()
    }
    if (wide) this.wide = true
    this.characters(at, i, plain, false, wide)
    return i
  }

  #startTag (at: number): number {
    const { bytes, end } = this
    const nameEnd = this.name(at + 1)
    if (nameEnd === STOP) return STOP
    const colon = this.colon
    let i = nameEnd
    for (let count = 0; ; count++) {
      const before = i
      i = this.space(i)
      if (i >= end) return STOP
      const empty = bytes[i] === SLASH
      if (empty && ++i >= end) return STOP
      if (bytes[i] === GT) {
        this.startTagRead(at, colon, nameEnd, count, i + 1, empty)
        return i + 1
      }
      if (empty) return this.fail('there is a "/" inside a tag')
      if (before === i) return this.fail('there is no space before an attribute')
      if (count === MAX_ATTRIBUTES) return this.fail(`an element has more than ${MAX_ATTRIBUTES} attributes`, 'limit')
      i = this.#attribute(i, ATTRIBUTES[count]!)
      if (i === STOP) return STOP
    }
  }

  #attribute (at: number, attribute: (typeof ATTRIBUTES)[number]): number {
    const { bytes, end } = this
    let i = this.name(at)
    if (i === STOP) return STOP
    attribute.start = at
    attribute.colon = this.colon
    attribute.end = i
    i = this.space(i)
    if (i >= end) return STOP
    if (bytes[i] !== EQUALS) return this.fail('there is an attribute without a value')
    i = this.space(i + 1)
    if (i >= end) return STOP
    const quotation = bytes[i]!
    if (quotation !== QUOTE && quotation !== APOSTROPHE) {
      return this.fail('there is an attribute whose value has no quotation marks')
    }
    attribute.from = i + 1
    i = this.value(i + 1, quotation)
    if (i === STOP) return STOP
    attribute.to = i
    attribute.plain = this.plain
    return i + 1
  }

  #endTag (at: number): number {
    const nameEnd = this.name(at + 2)
    if (nameEnd === STOP) return STOP
    const i = this.space(nameEnd)
    if (i >= this.end) return STOP
    if (this.bytes[i] !== GT) return this.fail('there is an end tag that is more than a name')
    this.endTagRead(at, nameEnd, i + 1)
    return i + 1
  }

  /** A comment, a CDATA section, or a DOCTYPE, which is refused. */
  #bangMarkup (at: number): number {
    if (this.is('<!--', at)) return this.#comment(at + 4)
    if (this.is('<![CDATA[', at)) {
      return this.hasText() ? this.#cdata(at + 9) : this.fail('there is text where only elements may be')
    }
    if (this.is('<!DOCTYPE', at)) return this.fail('it has a DOCTYPE, which is not accepted', 'doctype')
    const beginning = this.end - at < 9 ? this.bytes.toString('latin1', at, this.end) : 'none'
    return ['<!--', '<![CDATA[', '<!DOCTYPE'].some(each => each.startsWith(beginning))
      ? STOP
      : this.fail('there is a "<!" without a meaning')
  }

  #comment (at: number): number {
    for (let i = at; ; i++) {
      i = this.until(DASH, i)
      if (i === STOP || i + 1 >= this.end) return STOP
      if (this.bytes[i + 1] !== DASH) continue
      if (i + 2 >= this.end) return STOP
      return this.bytes[i + 2] === GT ? i + 3 : this.fail('there is a "--" in a comment')
    }
  }

  #cdata (at: number): number {
    for (let i = at; ; i++) {
      i = this.until(GT, i)
      if (i === STOP) return STOP
      if (i < at + 2 || this.bytes[i - 1] !== BRACKET || this.bytes[i - 2] !== BRACKET) continue
      this.characters(at, i - 2, false, true, this.wide)
      return i + 1
    }
  }

  /** A processing instruction, or the XML declaration. */
  #instruction (at: number): number {
    const { bytes, end } = this
    const nameEnd = this.name(at + 2)
    if (nameEnd === STOP) return STOP
    if (this.colon !== 0) return this.fail('there is a processing instruction with a colon in its name')
    if (bytes[nameEnd] !== QUESTION && (CLASS[bytes[nameEnd]!]! & SPACE) === 0) {
      return this.fail('there is a processing instruction without a proper name')
    }
    let i = nameEnd
    for (;;) {
      i = this.until(QUESTION, i)
      if (i === STOP || i + 1 >= end) return STOP
      if (bytes[i + 1] === GT) break
      if (i === nameEnd) return this.fail('there is a processing instruction without a proper name')
      i++
    }
    return nameEnd === at + 5 && isXml(bytes, at + 2) ? this.#declaration(at, i + 2) : i + 2
  }

  #declaration (from: number, to: number): number {
    if (from !== this.#start) return this.fail('there is an XML declaration that is not at the start')
    const { name, encoding, reason: why } = readDeclaration(intern(this.bytes, from, to))
    if (why !== undefined) return this.fail(why)
    // In UTF-16 the declaration could not have been read.
    if (name === undefined || this.#isEncodingKnown || encoding === 'utf-16') return to
    return this.#useEncoding(name, encoding) ? to : STOP
  }
}

/** In upper or lower case: such names are reserved. @see XML 1.0, section 2.6 */
const isXml = (bytes: Buffer, at: number): boolean =>
  (bytes[at]! | 0x20) === 0x78 && (bytes[at + 1]! | 0x20) === 0x6d && (bytes[at + 2]! | 0x20) === 0x6c
