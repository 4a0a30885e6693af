import { decode, transcodeStart } from '../xml/encoding.js'
import { escapeAttribute, escapeText } from '../xml/escape.js'
import { XmlReader, type XmlAttribute, type XmlHandler } from '../xml/reader.js'
import { versionOf } from '../message/soap-version.js'
import { redactEmbedded } from './redact-embedded.js'
import { HIDDEN_WHOLE, type Redacted, type Redaction } from './redaction.js'
import { HIDDEN } from '../message/redact-url.js'

/** XML in which values are hidden. */
export interface RedactedXml extends Redacted {
  /** The local name of the first element in a SOAP Body. */
  readonly operation: string | undefined
}

export interface XmlText {
  /** The charset that the transport names. */
  readonly charset?: string | undefined
  /** Whether more would follow: it may end anywhere. */
  readonly isCut: boolean
}

/** Attributes that name what their element contains: `<add key="password" value="…"/>`. */
const NAMING = /^(name|key|id|n)$/i
/** Elements whose text names what is beside them: `<item><key>password</key><value>…</value></item>`. */
const NAMING_ELEMENT = /(?:^|[-_])(?:name|key)$/i

/** Characters of a name. */
const MAX_NAME = 200

/** A part of the document, in bytes. */
interface Span {
  readonly from: number
  readonly to: number
}

interface Replacement extends Span {
  readonly text: string
}

/** An element that is open. */
interface OpenElement {
  readonly isNaming: boolean
  /** Its text, as far as it may be a name. */
  name: string
  /** How many values there are before it. */
  readonly valuesBefore: number
  /** Whether an element in it names the others as secrets. */
  isNamed: boolean
}

/**
 * Hides values in XML, token by token: texts and attributes of elements with secret names and of all that is in them,
 * attributes with secret names, comments, and processing instructions. Undefined: it cannot be read.
 */
export function redactXml (
  bytes: Buffer, redaction: Redaction, { charset, isCut }: XmlText
): RedactedXml | undefined {
  const redactor = new XmlRedactor(bytes, redaction, charset)
  const failure = redactor.read(isCut)
  if (failure === undefined) {
    const { shown, hidden, operation } = redactor
    return { text: shown, hidden, operation }
  }
  if (failure.cause !== 'transcode') return undefined
  const transcoded = transcodeStart(bytes, failure.encoding, isCut)
  return transcoded === undefined ? undefined : redactXml(transcoded, redaction, { isCut })
}

class XmlRedactor implements XmlHandler {
  readonly wantsText = true
  hidden = 0
  operation: string | undefined
  readonly #bytes: Buffer
  readonly #redaction: Redaction
  readonly #reader: XmlReader
  /** What is shown in place of parts of the document, by where they begin. */
  readonly #replaced = new Map<number, Replacement>()
  /** After what has been read. */
  #at = 0
  /** The depth of the outermost element whose content is hidden; 0: there is none. */
  #hiddenAt = 0
  #isInBody = false
  readonly #open: OpenElement[] = []
  /** Values that are shown, all or in part. */
  readonly #values: Span[] = []

  constructor (bytes: Buffer, redaction: Redaction, charset: string | undefined) {
    this.#bytes = bytes
    this.#redaction = redaction
    this.#reader = new XmlReader(this, { charset })
  }

  /** The document in as few parts as possible: each costs more than its characters. */
  get shown (): string {
    let [shown, at] = ['', 0]
    for (const { from, to, text } of [...this.#replaced.values()].sort((a, b) => a.from - b.from)) {
      shown += this.#decoded(at, from) + text
      at = to
    }
    return shown + this.#decoded(at, this.#at)
  }

  /** Reads all of it. Returns why that is not possible. */
  read (isCut: boolean): XmlReader['failure'] {
    this.#reader.push(this.#bytes)
    if (!isCut) this.#reader.finish()
    if (this.#reader.failure === undefined) this.#end(isCut)
    return this.#reader.failure
  }

  startElement (namespace: string, _prefix: string, name: string, start: number, end: number): void {
    const { depth } = this.#reader
    this.#skipTo(start)
    if (this.#isInBody && depth === 3) this.operation ??= name
    this.#isInBody ||= depth === 2 && name === 'Body' && versionOf(namespace) !== undefined
    const attributes = Array.from({ length: this.#reader.attributeCount }, (_, index) => this.#reader.attribute(index))
    const isNamed = attributes.some(
      ({ name, value }) => NAMING.test(name) && this.#redaction.names.matches(value)
    )
    const isBesideName = this.#open.at(-1)?.isNamed === true
    this.#open.push({
      isNaming: NAMING_ELEMENT.test(name), name: '', valuesBefore: this.#values.length, isNamed: false
    })
    if (this.#hiddenAt === 0 && (isNamed || isBesideName || this.#redaction.names.has(name))) this.#hiddenAt = depth
    for (const attribute of attributes) this.#attribute(attribute, isNamed)
    this.#at = end
  }

  endElement (close: number, end: number): void {
    this.#skipTo(close)
    this.#at = end
    if (this.#reader.depth === this.#hiddenAt) this.#hiddenAt = 0
    const element = this.#open.pop()
    const parent = this.#open.at(-1)
    if (element?.isNaming !== true || parent === undefined || parent.isNamed) return
    if (!this.#redaction.names.matches(element.name.trim())) return
    parent.isNamed = true
    // The name itself is shown; what was before it is not.
    this.#values.length = element.valuesBefore
    for (const value of this.#values.splice(parent.valuesBefore)) {
      this.#replace(value, HIDDEN)
      this.hidden++
    }
  }

  text (value: string): void {
    const { textFrom, textTo, isCdata } = this.#reader
    const element = this.#open.at(-1)
    if (element?.isNaming === true && element.name.length <= MAX_NAME) element.name += value
    this.#skipTo(textFrom)
    const isSecret = this.#hiddenAt > 0 && value.trim() !== ''
    const { text, hidden } = isSecret ? HIDDEN_WHOLE : redactEmbedded(value, this.#redaction)
    this.hidden += hidden
    const span = { from: textFrom, to: textTo }
    if (!isSecret && value.trim() !== '') this.#values.push(span)
    if (hidden > 0) this.#replace(span, isCdata ? text.replaceAll(']]>', ']]]]><![CDATA[>') : escapeText(text))
    this.#at = textTo
  }

  #attribute ({ declaration, name, value, from, to }: XmlAttribute, isNamed: boolean): void {
    if (declaration || value === '') return
    const isSecret = this.#hiddenAt > 0 || this.#redaction.names.has(name)
    const isNaming = isNamed && NAMING.test(name)
    const { text, hidden } =
      isSecret && !isNaming ? HIDDEN_WHOLE : redactEmbedded(value, this.#redaction)
    this.hidden += hidden
    const span = { from, to }
    if (!isSecret) this.#values.push(span)
    if (hidden > 0) this.#replace(span, escapeAttribute(text, '"\''))
  }

  /** In place of what was to be shown of it before. */
  #replace ({ from, to }: Span, text: string): void {
    this.#replaced.set(from, { from, to, text })
  }

  /** What no token reports: comments, processing instructions, the ends of CDATA sections, white space. */
  #skipTo (to: number): void {
    const from = this.#at
    if (to <= from) return
    this.#at = to
    const before = this.hidden
    const skipped = this.#decoded(from, to)
      .replace(/<!--[^]*?-->/g, () => this.#hide('<!--', '-->'))
      .replace(/<\?(?!xml[\s?])([^\s?]+)[^]*?\?>/g, (_, target: string) => this.#hide(`<?${target} `, '?>'))
    if (this.hidden > before) this.#replace({ from, to }, skipped)
  }

  #hide (before: string, after: string): string {
    this.hidden++
    return before + HIDDEN + after
  }

  /** After the last complete token. A text that is cut off is shown as far as it goes, a tag is not. */
  #end (isCut: boolean): void {
    if (!isCut) return this.#skipTo(this.#bytes.length)
    const rest = this.#decoded(this.#at, this.#bytes.length).replace(/\uFFFD{1,3}$/, '')
    if (this.#reader.depth === 0 || rest.trim() === '') return
    const cdata = /^<!\[CDATA\[/.exec(rest)?.[0] ?? ''
    const [text = ''] = cdata === '' ? rest.split('<', 1) : [rest.slice(cdata.length)]
    if (text === '' || text.includes('&') || text.includes(']]>')) return
    const { text: shown, hidden } =
      this.#hiddenAt > 0 ? HIDDEN_WHOLE : redactEmbedded(text, this.#redaction, true)
    this.hidden += hidden
    this.#replace({ from: this.#at, to: this.#bytes.length }, cdata + shown)
    this.#at = this.#bytes.length
  }

  #decoded (from: number, to: number): string {
    return decode(this.#bytes, from, to, this.#reader.encoding)
  }
}
