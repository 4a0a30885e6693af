import { escapeAttribute, escapeText } from './escape.js'
import { SYNAPSE_NAMESPACE } from '../message/soap-version.js'

/** What was not read: an attribute by name, with those that would have an effect; else a child. */
export interface Unhandled {
  readonly at: Element
  readonly attribute?: string
  readonly known?: readonly string[]
  /** Whether an element of the same name was read. */
  readonly isRepeated?: boolean
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
  /** The names of attributes that were read, whether they exist or not. */
  #namesRead: Set<string> | undefined
  /** Whether its parent has read it. */
  #isRead = false
  #isReported = false

  constructor (parts: {
    name: string
    prefix: string
    prefixes: Readonly<Record<string, string>>
    attributes: ReadonlyMap<string, string>
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
    this.#namesRead ??= new Set()
    this.#namesRead.add(name)
    return this.#attributes.get(name)
  }

  /** All children that are elements, whatever their namespace. */
  get elements (): readonly Element[] {
    const elements = this.nodes.filter(node => typeof node !== 'string')
    for (const each of elements) each.#isRead = true
    return elements
  }

  /** Returns the children of these names in the namespace of the configuration. */
  all (...names: readonly string[]): Element[] {
    return this.nodes
      .filter((node): node is Element => typeof node !== 'string' && node.#isCalled(names))
      .map(node => {
        node.#isRead = true
        return node
      })
  }

  /** The first child of these names. Others of its name are unhandled, unless they are read too. */
  child (...names: readonly string[]): Element | undefined {
    const found = this.nodes.find((node): node is Element => typeof node !== 'string' && node.#isCalled(names))
    if (found !== undefined) found.#isRead = true
    return found
  }

  /** Its own text, without that of its children, trimmed. */
  get text (): string {
    return this.nodes
      .filter(node => typeof node === 'string')
      .join('')
      .trim()
  }

  /** Yields what was not read of this element and its content, and so has no effect; only once. */
  * unhandled (): Generator<Unhandled> {
    if (this.#isReported) return
    this.#isReported = true
    for (const name of this.#attributes.keys()) {
      if (this.#namesRead?.has(name) === true) continue
      yield { at: this, attribute: name, known: [...(this.#namesRead ?? [])] }
    }
    for (const node of this.nodes) {
      if (typeof node === 'string') continue
      if (node.#isRead) yield * node.unhandled()
      else yield { at: node, isRepeated: this.#hasRead(node.qname) }
    }
  }

  /** Counts the element and its content as read: its effect was reported already. */
  markHandled (): this {
    this.#readAllAttributes()
    for (const each of this.elements) each.markHandled()
    return this
  }

  /** Returns the element as a text of its own, with the declarations that it needs. */
  markup (declared: Readonly<Record<string, string>> = {}): string {
    this.#readAllAttributes()
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
      .map(node => (typeof node === 'string' ? escapeText(node) : node.#readMarkup(now)))
      .join('')
    return content === '' ? `${tag}/>` : `${tag}>${content}</${this.qname}>`
  }

  #hasRead (qname: string): boolean {
    return this.nodes.some(node => typeof node !== 'string' && node.qname === qname && node.#isRead)
  }

  #readAllAttributes (): void {
    for (const name of this.#attributes.keys()) this.attribute(name)
  }

  #readMarkup (declared: Readonly<Record<string, string>>): string {
    this.#isRead = true
    return this.markup(declared)
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
