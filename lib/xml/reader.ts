import { contentOf, valueOf, withLineEnds } from './characters.js'
import { decode, encodingError } from './encoding.js'
import { intern } from './intern.js'
import { Namespaces, quoted } from './namespaces.js'
import { ATTRIBUTES } from './attribute-positions.js'
import { Tokenizer } from './tokenizer.js'

/** What a reader reports, in document order. Offsets count bytes. */
export interface XmlHandler {
  /** A start tag, from its `<` at `start` to after its `>` at `end`. Its attributes are those of the reader. */
  startElement(namespace: string, prefix: string, name: string, start: number, end: number): void
  /**
   * The innermost open element: its end tag begins at `close`, after it is `end`. Both are after the tag of an
   * empty element.
   */
  endElement(close: number, end: number): void
  /**
   * Character data of the innermost open element, in one or several parts, without references and with `\n` for each
   * line end.
   */
  text(value: string): void
  /** Whether `text` is called for the innermost open element. */
  readonly wantsText: boolean
}

export interface XmlReaderOptions {
  /** Bytes that may be read. Default: no limit. */
  readonly limit?: number | undefined
  /**
   * The charset that the transport names. A byte order mark counts more, an XML declaration less (RFC 7303, section
   * 3.2).
   */
  readonly charset?: string | undefined
  /** Offset of the document in the bytes. Default: 0. */
  readonly from?: number | undefined
  /** Elements that may be nested. Default: no limit. */
  readonly maxDepth?: number | undefined
  /** How many elements must be open where there is character data. Default: 1. */
  readonly textDepth?: number | undefined
  /** How many elements may be open where the bytes end, for a document that is cut off on purpose. Default: 0. */
  readonly openAtEnd?: number | undefined
}

/** An attribute that declares no prefix, or one that does (`xmlns`, `xmlns:…`). Offsets count bytes. */
export interface XmlAttribute {
  readonly namespace: string
  readonly prefix: string
  readonly name: string
  readonly value: string
  readonly declaration: boolean
  /** Of its name … */
  readonly start: number
  readonly nameEnd: number
  /** … and of its value, between the quotation marks. */
  readonly from: number
  readonly to: number
}

const MAX_PREFIXES = 256
const XMLNS = 'http://www.w3.org/2000/xmlns/'

/**
 * Reads XML 1.0 with namespaces: strictly, incrementally, in linear time. A DOCTYPE is refused. All XML of messages and
 * descriptions is read here.
 *
 * One class with a handler rather than a class for each purpose, so that V8 sees one shape of object in the loops over
 * bytes.
 * @see XML 1.0 (fifth edition); Namespaces in XML 1.0 (third edition)
 */
export class XmlReader extends Tokenizer {
  /** How many elements are open, the one whose start tag is reported included. */
  depth = 0
  readonly namespaces = new Namespaces()
  /** How many prefixes were in scope before the start tag that is reported. */
  inherited = 0
  /** How many attributes the start tag that is reported has, declarations included. */
  attributeCount = 0
  /** Whether the start tag that is reported is that of an empty element, `<a/>`. */
  isEmptyElement = false
  /** After the name in the start tag that is reported. */
  nameEnd = 0
  /** Where the text that is reported is, and whether it is a CDATA section: then between its delimiters. */
  textFrom = 0
  textTo = 0
  isCdata = false
  readonly #handler: XmlHandler
  readonly #maxDepth: number
  readonly #textDepth: number
  readonly #openAtEnd: number
  /** Of each open element: where its name begins and ends, and how many prefixes were in scope before it. */
  readonly #open: number[] = []
  #rootClosed = false

  constructor (handler: XmlHandler, options: XmlReaderOptions = {}) {
    super(options.limit ?? Infinity, options.charset, options.from ?? 0)
    this.#handler = handler
    this.#maxDepth = options.maxDepth ?? Infinity
    this.#textDepth = options.textDepth ?? 1
    this.#openAtEnd = options.openAtEnd ?? 0
  }

  /** Ends the reading: enough is known. What was read must be valid in its encoding up to `end`. */
  stop (end: number): void {
    if (this.finished) return
    this.finished = true
    const reason = this.wide
      ? encodingError(this.bytes.subarray(this.from), end - this.from, this.encoding)
      : undefined
    if (reason !== undefined) this.failure = { kind: 'unreadable', cause: 'malformed', reason, offset: this.from }
  }

  /** Whether these characters, all of one byte, are in the document before `end`. */
  contains (literal: string, end: number): boolean {
    return this.bytes.subarray(this.from, end).includes(literal, 0, 'latin1')
  }

  /** An attribute of the start tag that is reported. */
  attribute (index: number): XmlAttribute {
    const { start, colon, end, from, to, plain } = ATTRIBUTES[index]!
    const declaration = isDeclaration(this.bytes, start, colon, end)
    const prefix = colon === 0 ? '' : this.#string(start, colon)
    const namespace = declaration ? XMLNS : prefix === '' ? '' : (this.namespaces.find(prefix) ?? '')
    // Not interned: values of clients, such as secrets, would stay in memory.
    const raw = this.wide ? decode(this.bytes, from, to, this.encoding) : this.bytes.toString('latin1', from, to)
    const name = this.#string(colon === 0 ? start : colon + 1, end)
    return { namespace, prefix, name, value: plain ? raw : valueOf(raw), declaration, start, nameEnd: end, from, to }
  }

  protected hasText (): boolean {
    return this.depth >= this.#textDepth
  }

  protected characters (from: number, to: number, plain: boolean, literal: boolean, wide: boolean): void {
    if (!this.#handler.wantsText) return
    this.textFrom = from
    this.textTo = to
    this.isCdata = literal
    const raw = wide ? decode(this.bytes, from, to, this.encoding) : this.bytes.toString('latin1', from, to)
    this.#handler.text(plain ? raw : literal ? withLineEnds(raw) : contentOf(raw))
  }

  protected startTagRead (
    from: number,
    colon: number,
    nameEnd: number,
    attributes: number,
    to: number,
    empty: boolean
  ): void {
    if (this.#rootClosed) {
      this.fail('it has a second root')
      return
    }
    this.inherited = this.namespaces.size
    if (attributes > 0 && !this.#declare(attributes)) return
    const prefix = colon === 0 ? '' : this.#string(from + 1, colon)
    const namespace = this.#namespaceOf(prefix)
    if (namespace === undefined) return
    if (this.depth === this.#maxDepth) {
      this.fail(`its elements are nested deeper than ${this.#maxDepth}`, 'limit')
      return
    }
    const name = this.#string(colon === 0 ? from + 1 : colon + 1, nameEnd)
    this.#open.push(from + 1, nameEnd, this.inherited)
    this.depth++
    this.attributeCount = attributes
    this.isEmptyElement = empty
    this.nameEnd = nameEnd
    this.#handler.startElement(namespace, prefix, name, from, to)
    if (empty && !this.finished) this.#leave(to, to)
  }

  protected endTagRead (from: number, nameEnd: number, to: number): void {
    const open = this.#open
    const { bytes } = this
    if (open.length === 0) {
      this.fail('there is an end tag without a start tag')
      return
    }
    const start = open.at(-3)!
    const length = open.at(-2)! - start
    let same = length === nameEnd - from - 2
    for (let i = 0; same && i < length; i++) same = bytes[start + i] === bytes[from + 2 + i]
    if (same) this.#leave(from, to)
    else this.fail(`an end tag is not the one of ${quoted(this.#string(start, start + length))}, which is open`)
  }

  protected endOfDocument (): void {
    if (this.position !== this.end || !(this.#rootClosed || (this.depth > 0 && this.depth === this.#openAtEnd))) {
      this.endsTooEarly()
    } else this.stop(this.end)
  }

  /** The innermost element ends. */
  #leave (close: number, end: number): void {
    this.#handler.endElement(close, end)
    const open = this.#open
    this.namespaces.leave(open.pop()!)
    open.pop()
    open.pop()
    if (--this.depth === 0) this.#rootClosed = true
  }

  /**
   * Puts the prefixes in scope that a start tag declares, and checks its other attributes. Returns false if it
   * failed.
   */
  #declare (count: number): boolean {
    const { bytes, namespaces } = this
    const first = namespaces.size
    let others = 0
    let prefixed = false
    for (let at = 0; at < count; at++) {
      const { start, colon, end, from, to, plain } = ATTRIBUTES[at]!
      if (!isDeclaration(bytes, start, colon, end)) {
        others++
        prefixed ||= colon !== 0
        continue
      }
      if (namespaces.size === MAX_PREFIXES) {
        this.fail(`it has more than ${MAX_PREFIXES} prefixes`, 'limit')
        return false
      }
      const value = this.#string(from, to)
      const why = namespaces.declare(
        colon === 0 ? '' : this.#string(colon + 1, end),
        plain ? value : valueOf(value),
        first
      )
      if (why !== undefined) {
        this.fail(why)
        return false
      }
    }
    return (others < 2 && !prefixed) || this.#areDistinct(count)
  }

  /** Two attributes are the same by namespace and local name. @see Namespaces in XML 1.0, section 6.3 */
  #areDistinct (count: number): boolean {
    const seen = new Map<string, string[]>()
    for (let at = 0; at < count; at++) {
      const { start, colon, end } = ATTRIBUTES[at]!
      if (isDeclaration(this.bytes, start, colon, end)) continue
      const namespace = colon === 0 ? '' : this.#namespaceOf(this.#string(start, colon))
      if (namespace === undefined) return false
      const name = this.#string(colon === 0 ? start : colon + 1, end)
      const namespaces = seen.get(name)
      if (namespaces === undefined) seen.set(name, [namespace])
      else if (!namespaces.includes(namespace)) namespaces.push(namespace)
      else {
        this.fail(`there are two attributes ${quoted(name)} in one tag`)
        return false
      }
    }
    return true
  }

  /** The namespace of a prefix; undefined after a failure. */
  #namespaceOf (prefix: string): string | undefined {
    const namespace = this.namespaces.find(prefix)
    if (namespace === undefined) this.fail(`the prefix ${quoted(prefix)} is not declared`)
    return namespace
  }

  #string (from: number, to: number): string {
    return this.wide ? decode(this.bytes, from, to, this.encoding) : intern(this.bytes, from, to)
  }
}

const [X, M, L, N, S] = [0x78, 0x6d, 0x6c, 0x6e, 0x73]

/** Whether the attribute is `xmlns` or `xmlns:…`. */
const isDeclaration = (bytes: Buffer, start: number, colon: number, end: number): boolean =>
  (colon === 0 ? end : colon) === start + 5 &&
  bytes[start] === X &&
  bytes[start + 1] === M &&
  bytes[start + 2] === L &&
  bytes[start + 3] === N &&
  bytes[start + 4] === S
