import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { escapeAttribute, escapeText } from './escape.js'
import { flawIn } from './well-formed.js'
import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'

/** A text that is not well-formed XML, with the offset of the error in the text. */
export class XmlError extends SyntaxError {
  readonly offset: number
  constructor (message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/**
 * One element of a configuration: prefixes resolved, children in document order, with its position. It records what is
 * read, so that attributes and children without effect can be reported.
 */
export class Element {
  readonly name: string
  readonly prefix: string
  readonly namespace: string
  readonly prefixes: Readonly<Record<string, string>>
  readonly nodes: readonly (Element | string)[]
  /** The offset of its `<` in the normalised text. */
  readonly offset: number
  readonly #attributes: ReadonlyMap<string, string>
  readonly #asked = new Set<string | Element>()

  constructor (parts: {
    name: string
    prefix: string
    prefixes: Record<string, string>
    attributes: Map<string, string>
    nodes: (Element | string)[]
    offset: number
  }) {
    this.name = parts.name
    this.prefix = parts.prefix
    this.prefixes = parts.prefixes
    this.namespace = parts.prefixes[parts.prefix] ?? ''
    this.nodes = parts.nodes
    this.offset = parts.offset
    this.#attributes = parts.attributes
  }

  /** Attributes are read unqualified. */
  attribute (name: string): string | undefined {
    this.#asked.add(name)
    return this.#attributes.get(name)
  }

  /** All children that are elements, whatever their namespace. */
  get elements (): readonly Element[] {
    const elements = this.nodes.filter(node => typeof node !== 'string')
    for (const each of elements) this.#asked.add(each)
    return elements
  }

  /** Returns the children of these names in the namespace of the configuration. */
  all (...names: readonly string[]): Element[] {
    return this.nodes
      .filter((node): node is Element => typeof node !== 'string' && node.#isCalled(names))
      .map(node => {
        this.#asked.add(node)
        return node
      })
  }

  /** The first child of these names. Others of its name are unhandled, unless they are read too. */
  child (...names: readonly string[]): Element | undefined {
    const found = this.nodes.find((node): node is Element => typeof node !== 'string' && node.#isCalled(names))
    if (found !== undefined) this.#asked.add(found)
    return found
  }

  /** Its own text, without that of its children, trimmed. */
  get text (): string {
    return this.nodes
      .filter(node => typeof node === 'string')
      .join('')
      .trim()
  }

  /**
   * Yields what was not read, and so has no effect: attributes by name, with those that would have one; and children.
   */
  * unhandled (): Generator<{ at: Element; attribute?: string; known?: readonly string[]; isRepeated?: boolean }> {
    const known = [...this.#asked].filter(asked => typeof asked === 'string')
    for (const name of this.#attributes.keys()) if (!this.#asked.has(name)) yield { at: this, attribute: name, known }
    for (const node of this.nodes) {
      if (typeof node === 'string') continue
      if (this.#asked.has(node)) yield * node.unhandled()
      else yield { at: node, isRepeated: this.#hasRead(node.qname) }
    }
  }

  /** Counts the element and its content as read: its effect was reported already. */
  markHandled (): this {
    for (const name of this.#attributes.keys()) this.#asked.add(name)
    for (const each of this.elements) each.markHandled()
    return this
  }

  /** Returns the element as a text of its own, with the declarations that it needs. */
  markup (declared: Readonly<Record<string, string>> = {}): string {
    for (const name of this.#attributes.keys()) this.#asked.add(name)
    const wanted = [
      this.prefix,
      ...[...this.#attributes.keys()].flatMap(name => (name.includes(':') ? [name.split(':')[0]!] : []))
    ]
    const now = { ...declared }
    let tag = `<${this.qname}`
    for (const prefix of new Set([
      ...wanted,
      ...Object.keys(this.prefixes).filter(each => each !== '' && each in declared === false && this.#mentions(each))
    ])) {
      const uri = this.prefixes[prefix] ?? ''
      if (prefix === 'xml' || (now[prefix] ?? '') === uri) continue
      now[prefix] = uri
      tag += ` xmlns${prefix && ':'}${prefix}="${escapeAttribute(uri)}"`
    }
    for (const [name, value] of this.#attributes) tag += ` ${name}="${escapeAttribute(value)}"`
    const content = this.nodes
      .map(node => (typeof node === 'string' ? escapeText(node) : (this.#asked.add(node), node.markup(now))))
      .join('')
    return content === '' ? `${tag}/>` : `${tag}>${content}</${this.qname}>`
  }

  #hasRead (qname: string): boolean {
    return this.nodes.some(node => typeof node !== 'string' && node.qname === qname && this.#asked.has(node))
  }

  get qname (): string {
    return this.prefix === '' ? this.name : `${this.prefix}:${this.name}`
  }

  #isCalled (names: readonly string[]): boolean {
    return this.namespace === SYNAPSE_NAMESPACE && names.includes(this.name)
  }

  /** Whether a value of its own, or its own text, uses the prefix as in a QName. */
  #mentions (prefix: string): boolean {
    return [this.text, ...this.#attributes.values()].some(value => value.startsWith(`${prefix}:`))
  }
}

type Raw = Record<string, any>
const POSITION: any = XMLParser.getMetaDataSymbol()
/** Elements of a configuration that may be nested. */
const MAX_DEPTH = 400
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  captureMetaData: true,
  htmlEntities: true,
  maxNestedTags: MAX_DEPTH
})

/**
 * Returns a text with `
 * ` for each line end and without a byte order mark. Offsets refer to it.
 */
export const normalise = (source: string): string => source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')

/**
 * Returns the root of an XML document. @param outer the namespace of elements without a prefix and without a
 * declaration @throws XmlError
 */
export function parseXml (written: string, outer = ''): Element {
  const source = withSpacesBehindTargets(written)
  const doctype = source.search(/<!DOCTYPE/i)
  if (doctype >= 0) throw new XmlError('a DOCTYPE is not accepted', doctype)
  const verdict = XMLValidator.validate(source)
  if (verdict !== true) throw refused(source, verdict.err)
  const [reference, offset] = undeclared(source)
  if (reference !== undefined) {
    throw new XmlError(
      reference === '&'
        ? '& begins no reference: a lone one is written &amp;'
        : `the entity ${reference.slice(1)} is not declared`,
      offset
    )
  }
  const roots = elementsIn(parsed(source), { '': outer, xml: 'http://www.w3.org/XML/1998/namespace' }).filter(
    node => typeof node !== 'string'
  )
  const flaw = flawIn(written)
  if (flaw !== undefined) throw new XmlError(flaw.reason, flaw.offset)
  if (roots.length !== 1) throw new XmlError(`expected one root element, found ${roots.length}`, 0)
  return roots[0]!
}

/**
 * Returns the text with a space behind the target of each processing instruction: the parser accepts no other white
 * space there. Offsets stay the same.
 */
const withSpacesBehindTargets = (text: string): string =>
  text.replace(/<!\[CDATA\[[^]*?\]\]>|<!--[^]*?-->|(<\?[^\s?]+)[\t\n]/g,
    (whole, target: string | undefined) => target === undefined ? whole : `${target} `)

/** The parser may refuse what the validator accepts: too many nested elements. */
function parsed (source: string): Raw[] {
  try {
    return parser.parse(source) as Raw[]
  } catch (error) {
    throw new XmlError(sentence((error as Error).message), 0)
  }
}

function refused (source: string, { msg, line, col }: { msg: string; line: number; col: number }): XmlError {
  const open = /^Invalid '(\[[^]*\])' found/.exec(msg)?.[1]
  if (open !== undefined) {
    return new XmlError(
      `the document ends inside of ${(JSON.parse(open) as string[]).map(name => `<${name}>`).join('')}`,
      source.trimEnd().length
    )
  }
  if (/^Start tag expected/.test(msg)) return new XmlError('there is no element', 0)
  return new XmlError(sentence(msg), offsetOf(source, line || 1, col || 1))
}

/** Returns the first undefined reference and its offset. A configuration has the entities of XML itself only. */
function undeclared (source: string): [reference: string | undefined, offset: number] {
  const markup = source.replace(/<!\[CDATA\[[^]*?\]\]>|<!--[^]*?-->|<\?[^]*?\?>/g, literal =>
    ' '.repeat(literal.length)
  )
  const found = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)(?:[\w.-]+(?=;))?/i.exec(markup)
  return [found?.[0], found?.index ?? 0]
}

const sentence = (text: string): string =>
  text.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, first => first.toLowerCase())

const offsetOf = (source: string, line: number, column: number): number =>
  source
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, each) => sum + each.length + 1, 0) + Math.max(0, column - 1)

const elementsIn = (nodes: readonly Raw[], outer: Record<string, string>): (Element | string)[] =>
  nodes.flatMap(node => {
    const tag = Object.keys(node).find(key => key !== ':@')
    if (tag === undefined) return []
    return [tag === '#text' ? String(node[tag]) : elementOf(tag, node, outer)]
  })

function elementOf (tag: string, node: Raw, outer: Record<string, string>): Element {
  const prefixes = { ...outer }
  const attributes = new Map<string, string>()
  const offset: number = node[POSITION]?.startIndex ?? 0
  for (const [name, value] of Object.entries<string>(node[':@'] ?? {})) {
    if (name === 'xmlns') prefixes[''] = value
    else if (name.startsWith('xmlns:')) prefixes[name.slice(6)] = value
    else attributes.set(name, value)
  }
  const [name = '', prefix = ''] = tag.split(':').reverse()
  if (prefix !== '' && prefixes[prefix] === undefined) {
    throw new XmlError(`the prefix ${prefix} of <${tag}> is not declared`, offset)
  }
  return new Element({ name, prefix, prefixes, attributes, offset, nodes: elementsIn(node[tag] as Raw[], prefixes) })
}
