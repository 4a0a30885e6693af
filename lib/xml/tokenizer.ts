import { AMP, BANG, BRACKET, CLASS, CR, DASH, EQUALS, GT, LT, QUESTION, QUOTE, APOSTROPHE, SLASH, SPACE, TEXT } from './characters.js'
import { encodingOf, readDeclaration, utf16Of, type Encoding } from './encoding.js'
import { intern } from './intern.js'
import { Lexer } from './lexer.js'
import { quoted } from './namespaces.js'
import { STOP } from './incremental-reader.js'

const MAX_ATTRIBUTES = 256

/** Where the attributes of the last start tag stand: name, its colon or 0, value, and whether the value stands for itself. Shared: nobody keeps it. */
export const ATTRIBUTES = Array.from({ length: MAX_ATTRIBUTES }, () => ({ start: 0, colon: 0, end: 0, from: 0, to: 0, plain: true }))

/** The tokens of XML 1.0, in any encoding in which a byte below 0x80 is ASCII. */
export abstract class Tokenizer<Outcome> extends Lexer<Outcome> {
  private readonly charset: string | undefined
  protected readonly from: number
  /** Where the document begins, behind a byte order mark; -1 before that is known. */
  private start = -1
  /** Whether there was anything but white space. */
  private marked = false

  constructor (limit: number, charset: string | undefined, from = 0) {
    super(limit, from)
    this.charset = charset
    this.from = from
  }

  /** The start tag of an element, from `from` to `to`; its name up to `nameEnd`; how many of ATTRIBUTES it has. */
  protected abstract opened (from: number, colon: number, nameEnd: number, attributes: number, to: number, empty: boolean): void
  /** An end tag, from `from` to `to`; its name up to `nameEnd`. */
  protected abstract closed (from: number, nameEnd: number, to: number): void
  /** Text of the innermost element. `plain`: it stands for itself; `literal`: it has no references, being CDATA; `wide`: not all of it is ASCII. */
  protected abstract characters (from: number, to: number, plain: boolean, literal: boolean, wide: boolean): void
  /** Whether there may be text here. */
  protected abstract hasText (): boolean

  protected token (at: number, last: boolean): number {
    if (this.start < 0) return this.begin(last)
    const { bytes, end } = this
    if (at >= end) return STOP
    if (bytes[at] !== LT) return this.hasText() ? this.text(at) : this.gap(at)
    this.marked = true
    if (at + 1 >= end) return STOP
    switch (bytes[at + 1]) {
      case SLASH: return this.endTag(at)
      case QUESTION: return this.instruction(at)
      case BANG: return this.special(at)
      default: return this.startTag(at)
    }
  }

  protected ended (at: number): void {
    if (!this.marked && at === this.end) this.fail('it is empty', 'empty')
    else this.fail('it ends too early')
  }

  /** What the first bytes say about the encoding. */
  private begin (last: boolean): number {
    const { charset, from } = this
    const bytes = from === 0 ? this.bytes : this.bytes.subarray(from)
    const end = this.end - from
    if (end < 4 && !last) return STOP
    if (end >= 2 && utf16Of(bytes) !== undefined) return this.fail('it is encoded in UTF-16', 'utf-16', !bytes.subarray(0, 4).includes(LT))
    const mark = end >= 3 && bytes[0] === 0xEF && bytes[1] === 0xBB && bytes[2] === 0xBF
    this.start = mark ? from + 3 : from
    return mark || charset === undefined || this.encode(charset, encodingOf(charset)) ? this.start : STOP
  }

  /** Takes the encoding of this name; false where that cannot be. */
  private encode (name: string, encoding: Encoding | 'utf-16' | undefined): boolean {
    if (encoding === undefined) this.fail(`its encoding ${quoted(name)} is unknown`)
    else if (encoding === 'utf-16' || (this.start === this.from + 3 && encoding !== 'utf-8')) this.fail(`it is not in the encoding ${quoted(name)}, as it says`)
    else this.encoding = encoding
    return this.outcome === undefined
  }

  /** What may be where no text may be. */
  private gap (at: number): number {
    const i = this.space(at)
    return i === at ? this.fail('there is text where only elements may be', 'malformed', !this.marked) : i
  }

  private text (at: number): number {
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
        if (i >= at + 2 && bytes[i - 1] === BRACKET && bytes[i - 2] === BRACKET) return this.fail('there is a "]]>" in a text')
        i++
      } else return this.illegal()
    }
    if (wide) this.wide = true
    this.characters(at, i, plain, false, wide)
    return i
  }

  private startTag (at: number): number {
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
        this.opened(at, colon, nameEnd, count, i + 1, empty)
        return i + 1
      }
      if (empty) return this.fail('there is a "/" inside a tag')
      if (before === i) return this.fail('there is no space before an attribute')
      if (count === MAX_ATTRIBUTES) return this.fail(`an element has more than ${MAX_ATTRIBUTES} attributes`, 'limit')
      i = this.attribute(i, ATTRIBUTES[count]!)
      if (i === STOP) return STOP
    }
  }

  private attribute (at: number, attribute: typeof ATTRIBUTES[number]): number {
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
    if (quotation !== QUOTE && quotation !== APOSTROPHE) return this.fail('there is an attribute whose value has no quotation marks')
    attribute.from = i + 1
    i = this.value(i + 1, quotation)
    if (i === STOP) return STOP
    attribute.to = i
    attribute.plain = this.plain
    return i + 1
  }

  private endTag (at: number): number {
    const nameEnd = this.name(at + 2)
    if (nameEnd === STOP) return STOP
    const i = this.space(nameEnd)
    if (i >= this.end) return STOP
    if (this.bytes[i] !== GT) return this.fail('there is an end tag that is more than a name')
    this.closed(at, nameEnd, i + 1)
    return i + 1
  }

  /** A comment, a CDATA section, or what no message may have. */
  private special (at: number): number {
    if (this.is('<!--', at)) return this.comment(at + 4)
    if (this.is('<![CDATA[', at)) return this.hasText() ? this.section(at + 9) : this.fail('there is text where only elements may be')
    if (this.is('<!DOCTYPE', at)) return this.fail('it has a DOCTYPE', 'doctype')
    const beginning = this.end - at < 9 ? this.bytes.toString('latin1', at, this.end) : 'none'
    return ['<!--', '<![CDATA[', '<!DOCTYPE'].some(each => each.startsWith(beginning)) ? STOP : this.fail('there is a "<!" that begins nothing')
  }

  private comment (at: number): number {
    for (let i = at; ; i++) {
      i = this.until(DASH, i)
      if (i === STOP || i + 1 >= this.end) return STOP
      if (this.bytes[i + 1] !== DASH) continue
      if (i + 2 >= this.end) return STOP
      return this.bytes[i + 2] === GT ? i + 3 : this.fail('there is a "--" in a comment')
    }
  }

  private section (at: number): number {
    for (let i = at; ; i++) {
      i = this.until(GT, i)
      if (i === STOP) return STOP
      if (i < at + 2 || this.bytes[i - 1] !== BRACKET || this.bytes[i - 2] !== BRACKET) continue
      this.characters(at, i - 2, false, true, this.wide)
      return i + 1
    }
  }

  /** A processing instruction, or the XML declaration. */
  private instruction (at: number): number {
    const { bytes, end } = this
    const nameEnd = this.name(at + 2)
    if (nameEnd === STOP) return STOP
    if (this.colon !== 0) return this.fail('there is a processing instruction with a colon in its name')
    if (bytes[nameEnd] !== QUESTION && (CLASS[bytes[nameEnd]!]! & SPACE) === 0) return this.fail('there is a processing instruction without a proper name')
    let i = nameEnd
    for (;;) {
      i = this.until(QUESTION, i)
      if (i === STOP || i + 1 >= end) return STOP
      if (bytes[i + 1] === GT) break
      if (i === nameEnd) return this.fail('there is a processing instruction without a proper name')
      i++
    }
    return nameEnd === at + 5 && isXml(bytes, at + 2) ? this.declaration(at, i + 2) : i + 2
  }

  private declaration (from: number, to: number): number {
    if (from !== this.start) return this.fail('there is an XML declaration that is not at the start')
    const { name, encoding, reason: why } = readDeclaration(intern(this.bytes, from, to))
    if (why !== undefined) return this.fail(why)
    return name === undefined || this.encode(name, encoding) ? to : STOP
  }
}

/** In any case, since such names are reserved (XML 1.0, 2.6). */
const isXml = (bytes: Buffer, at: number): boolean =>
  (bytes[at]! | 0x20) === 0x78 && (bytes[at + 1]! | 0x20) === 0x6D && (bytes[at + 2]! | 0x20) === 0x6C
