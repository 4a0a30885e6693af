import { LT } from './characters.js'
import { encodingOf, isReadInPlace, readDeclaration, utf16Of, type Encoding } from './encoding.js'
import { STOP } from './incremental-reader.js'
import { intern } from './intern.js'
import { Lexer } from './lexer.js'
import { quoted } from './namespaces.js'

/**
 * Finds the encoding of a document: by its byte order mark, by what the transport says, or by its XML declaration.
 * @see RFC 7303, section 3.2; XML 1.0, appendix F
 */
export abstract class EncodingReader extends Lexer {
  readonly #charset: string | undefined
  protected readonly from: number
  /** Where the document begins, behind a byte order mark; -1 before that is known. */
  protected start = -1
  /** Whether a byte order mark or the transport decided the encoding: the XML declaration then does not count. */
  #isEncodingKnown = false

  constructor (limit: number, charset: string | undefined, from: number) {
    super(limit, from)
    this.#charset = charset
    this.from = from
  }

  /** Finds the encoding by the first bytes. Returns the position where the document begins, or STOP. */
  protected detectEncoding (last: boolean): number {
    const charset = this.#charset
    const { from } = this
    const bytes = from === 0 ? this.bytes : this.bytes.subarray(from)
    const end = this.end - from
    if (end < 4 && !last) return STOP
    const utf16 = end < 2 ? undefined : utf16Of(bytes)
    if (utf16 !== undefined) return this.#failToTranscode(utf16, !bytes.subarray(0, 4).includes(LT))
    const mark = end >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    this.start = mark ? from + 3 : from
    this.#isEncodingKnown = mark || charset !== undefined
    return mark || charset === undefined || this.#useEncoding(charset, encodingOf(charset)) ? this.start : STOP
  }

  /** Uses the encoding of this name. Returns false if the document cannot be in it. */
  #useEncoding (name: string, encoding: Encoding | undefined): boolean {
    if (encoding === undefined) this.fail(`its encoding ${quoted(name)} is unknown`)
    else if (encoding === 'utf-16') this.fail(`it is not in the encoding ${quoted(name)}, as it says`)
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

  /** Reads the XML declaration between these positions. Returns the position behind it, or STOP. */
  protected declaration (from: number, to: number): number {
    if (from !== this.start) return this.fail('there is an XML declaration that is not at the start')
    const { name, encoding, reason: why } = readDeclaration(intern(this.bytes, from, to))
    if (why !== undefined) return this.fail(why)
    // In UTF-16 the declaration could not have been read.
    if (name === undefined || this.#isEncodingKnown || encoding === 'utf-16') return to
    return this.#useEncoding(name, encoding) ? to : STOP
  }
}
