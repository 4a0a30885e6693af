import type { Unreadable } from '../message/envelope.js'
import { decode, type Encoding } from './encoding.js'
import { escapeAttribute } from './escape.js'
import { XmlReader, type XmlAttribute, type XmlHandler } from './reader.js'

/** The prefixes in scope at a position, the last declared first. */
export interface NamespaceScope {
  readonly prefix: string
  readonly namespace: string
  readonly outer: NamespaceScope | undefined
}

/** An element and its place in the bytes that were read. */
export interface PositionedElement {
  readonly namespace: string
  readonly prefix: string
  readonly name: string
  /** Declarations of prefixes included. */
  readonly attributes: readonly XmlAttribute[]
  readonly scope: NamespaceScope | undefined
  readonly parent: PositionedElement | undefined
  readonly children: readonly PositionedElement[]
  /** All character data inside it, but for that of children that are not kept. */
  readonly text: string
  /** The `<` of its start tag. */
  readonly start: number
  /** After its name in the start tag. */
  readonly nameEnd: number
  /** After the `>` of its start tag. */
  readonly open: number
  /** The `<` of its end tag; that of an empty element is `end`. */
  readonly close: number
  /** After the `>` of its end tag. */
  readonly end: number
}

/** A document, as far as it was read. */
export interface PositionedTree {
  readonly root: PositionedElement
  readonly encoding: Encoding
}

export interface PositionedTreeOptions {
  /** The charset that the transport names. */
  readonly charset?: string | undefined
  /** Elements that may be nested. Default: no limit. */
  readonly maxDepth?: number | undefined
  /** Elements that the document may have. Default: no limit. */
  readonly maxElements?: number | undefined
  /** How many elements may be open where the bytes end. Default: 0. */
  readonly openAtEnd?: number | undefined
  /**
   * Whether an element becomes part of the tree. The content of other elements is checked, but not kept. Default: all
   * elements.
   */
  keep?(parent: PositionedElement, namespace: string, name: string): boolean
  /** Whether reading ends after the start tag of this element. Default: at the end of the document. */
  stopAt?(element: PositionedElement): boolean
}

/** Reads a document into elements with positions. */
export function readPositionedTree (bytes: Buffer, options: PositionedTreeOptions = {}): PositionedTree | Unreadable {
  return new TreeBuilder(options).read(bytes)
}

type MutableFields = { -readonly [Key in keyof PositionedElement]: PositionedElement[Key] }
type MutableElement = Omit<MutableFields, 'children' | 'parent'> & {
  children: MutableElement[]
  readonly parent: MutableElement | undefined
}

class TreeBuilder implements XmlHandler {
  readonly #options: PositionedTreeOptions
  readonly #reader: XmlReader
  #root: MutableElement | undefined
  /** The innermost open element that is kept. */
  #current: MutableElement | undefined
  /** How many elements are open inside of it. */
  #skipped = 0
  #count = 0

  constructor (options: PositionedTreeOptions) {
    const { charset, maxDepth, openAtEnd } = options
    this.#options = options
    this.#reader = new XmlReader(this, { charset, maxDepth, openAtEnd })
  }

  read (bytes: Buffer): PositionedTree | Unreadable {
    this.#reader.push(bytes)
    return this.#reader.finish() ?? { root: this.#root!, encoding: this.#reader.encoding }
  }

  get wantsText (): boolean {
    return this.#skipped === 0
  }

  text (value: string): void {
    this.#current!.text += value
  }

  startElement (namespace: string, prefix: string, name: string, start: number, end: number): void {
    const { maxElements = Infinity, keep, stopAt } = this.#options
    const reader = this.#reader
    const parent = this.#current
    if (++this.#count > maxElements) {
      reader.fail(`it has more than ${maxElements} elements`, 'limit')
      return
    }
    if (this.#skipped > 0 || (parent !== undefined && keep?.(parent, namespace, name) === false)) {
      this.#skipped++
      return
    }
    const attributes = Array.from({ length: reader.attributeCount }, (_, at) => reader.attribute(at))
    let scope = parent?.scope
    for (const each of attributes) {
      if (each.declaration) {
        scope = { prefix: each.prefix === '' ? '' : each.name, namespace: each.value, outer: scope }
      }
    }
    const { nameEnd } = reader
    const element: MutableElement = {
      namespace,
      prefix,
      name,
      attributes,
      scope,
      parent,
      children: [],
      text: '',
      start,
      nameEnd,
      open: end,
      close: end,
      end
    }
    parent?.children.push(element)
    this.#root ??= element
    this.#current = element
    if (stopAt?.(element) === true) reader.stop(end)
  }

  endElement (close: number, end: number): void {
    if (this.#skipped > 0) {
      this.#skipped--
      return
    }
    const element = this.#current!
    element.close = close
    element.end = end
    this.#current = element.parent
    if (element.parent !== undefined) element.parent.text += element.text
  }
}

/** The namespace of a prefix; undefined if it is not declared, empty for the empty prefix. */
export function namespaceIn (scope: NamespaceScope | undefined, prefix: string): string | undefined {
  for (let at = scope; at !== undefined; at = at.outer) if (at.prefix === prefix) return at.namespace
  return prefix === '' ? '' : undefined
}

/** The attribute of this name without a prefix. */
export const attributeOf = (element: PositionedElement, name: string): XmlAttribute | undefined =>
  element.attributes.find(each => each.namespace === '' && each.name === name)

/** The children of this namespace and name. */
export const childrenOf = (element: PositionedElement, namespace: string, name: string): PositionedElement[] =>
  element.children.filter(each => each.namespace === namespace && each.name === name)

/** Whether the element itself declares this prefix. */
export const declares = (element: PositionedElement, prefix: string): boolean =>
  element.attributes.some(each => each.declaration && (each.prefix === '' ? prefix === '' : each.name === prefix))

/**
 * The prefixes that a text mentions, in names and in what looks like a qualified name; the empty one for an element
 * without a prefix.
 */
const MENTIONED = /(?<![\p{L}\p{N}\p{M}._-])[\p{L}_][\p{L}\p{N}\p{M}._-]*(?=:)/gu
const WITHOUT_PREFIX = /<[^\s:>/!?]+[\s>/]/

/**
 * Declarations that an element lacks where it stands alone.
 * @param markup the element as a text, to leave out prefixes that it does not mention. Default: all prefixes in scope
 */
export function missingDeclarations (element: PositionedElement, markup?: string): string {
  const inScope = new Map<string, string>()
  for (let scope = element.scope; scope !== undefined; scope = scope.outer) {
    if (!inScope.has(scope.prefix)) inScope.set(scope.prefix, scope.namespace)
  }
  const wanted =
    markup === undefined
      ? inScope.keys()
      : new Set([...(markup.match(MENTIONED) ?? []), ...(WITHOUT_PREFIX.test(markup) ? [''] : [])])
  let declarations = ''
  for (const prefix of wanted) {
    const namespace = inScope.get(prefix) ?? ''
    if (prefix === 'xml' || namespace === '' || declares(element, prefix)) continue
    declarations += ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(namespace)}"`
  }
  return declarations
}

/**
 * Returns elements as markup for another place: each declares the prefixes of its surroundings that it mentions. With
 * `from` and `to`, the text between the elements is kept.
 * @throws RangeError if the declarations would multiply the size
 */
export function markupOf (
  bytes: Buffer,
  elements: readonly PositionedElement[],
  encoding: Encoding,
  from?: number,
  to?: number
): string {
  let made = ''
  let room = 65_536 + 16 * bytes.length
  let at = from
  for (const element of elements) {
    const { start, nameEnd, end } = element
    const name = decode(bytes, start, nameEnd, encoding)
    const rest = decode(bytes, nameEnd, end, encoding)
    const declarations = missingDeclarations(element, name + rest)
    if ((room -= declarations.length) < 0) {
      throw new RangeError('its namespaces are too long for the use that is made of them')
    }
    made += (at === undefined ? '' : decode(bytes, at, start, encoding)) + name + declarations + rest
    if (at !== undefined) at = end
  }
  return at === undefined || to === undefined ? made : made + decode(bytes, at, to, encoding)
}
