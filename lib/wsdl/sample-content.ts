import { escapeAttribute, escapeText } from '../xml/escape.js'
import { attributeOf, childrenOf, type PositionedElement } from '../xml/positioned-tree.js'
import { referenceIn, type Components, type QualifiedName } from './components.js'
import { SCHEMA } from './document.js'

/** Bounds of a sample: a type may contain itself, and a schema may be huge. */
const MAX_DEPTH = 12
const MAX_ELEMENTS = 500

/** Values of simple types of XML Schema; all others have a text. */
const VALUES: Readonly<Record<string, string>> = {
  boolean: 'true',
  decimal: '0',
  float: '0',
  double: '0',
  integer: '0',
  int: '0',
  long: '0',
  short: '0',
  byte: '0',
  nonNegativeInteger: '0',
  nonPositiveInteger: '0',
  unsignedInt: '0',
  unsignedLong: '0',
  unsignedShort: '0',
  unsignedByte: '0',
  positiveInteger: '1',
  negativeInteger: '-1',
  dateTime: '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00',
  gYear: '2026',
  gYearMonth: '2026-01',
  gMonth: '--01',
  gMonthDay: '--01-01',
  gDay: '---01',
  duration: 'P1D',
  anyURI: 'urn:example',
  QName: 'name',
  base64Binary: 'AA==',
  hexBinary: '00',
  language: 'en'
}

/**
 * Writes elements as a schema describes them: each element once, optional ones included, required attributes, the
 * first of alternatives; values by type. A type inside of itself is left out.
 */
export class SampleContent {
  readonly #components: Components
  readonly #prefixes = new Map<string, string>()
  readonly #lines: string[] = []
  readonly #open = new Set<PositionedElement>()
  #left = MAX_ELEMENTS

  constructor (components: Components) {
    this.#components = components
  }

  get lines (): readonly string[] {
    return this.#lines
  }

  /** Declarations of all prefixes that were used. */
  get declarations (): string {
    return [...this.#prefixes]
      .map(([namespace, prefix]) => ` xmlns:${prefix}="${escapeAttribute(namespace)}"`)
      .join('')
  }

  /** Writes a global element. An unknown one is written empty. */
  globalElement (name: QualifiedName, depth: number): void {
    const element = this.#components.find('element', name)
    if (element === undefined) this.#line(depth, `<${this.#tag(name)}/>`)
    else this.#element(element, name, depth)
  }

  /** Writes a part of a message as an element of no namespace. */
  typedElement (name: string, type: QualifiedName, depth: number): void {
    this.#contentOf({ namespace: '', name }, this.#type(type), type, depth, undefined)
  }

  /** Writes an element around what `inside` writes. */
  wrapper (name: QualifiedName, depth: number, inside: (depth: number) => void): void {
    const tag = this.#tag(name)
    this.#line(depth, `<${tag}>`)
    inside(depth + 1)
    this.#line(depth, `</${tag}>`)
  }

  #element (element: PositionedElement, name: QualifiedName, depth: number): void {
    const type = referenceIn(element, 'type')
    const inline = ['complexType', 'simpleType'].flatMap(each => childrenOf(element, SCHEMA, each))[0]
    const given = attributeOf(element, 'fixed') ?? attributeOf(element, 'default')
    this.#contentOf(name, inline ?? (type && this.#type(type)), type, depth, given?.value)
  }

  #contentOf (
    name: QualifiedName,
    type: PositionedElement | undefined,
    simple: QualifiedName | undefined,
    depth: number,
    value: string | undefined
  ): void {
    if (--this.#left < 0 || depth > MAX_DEPTH || (type !== undefined && this.#open.has(type))) return
    const tag = this.#tag(name)
    if (type === undefined || type.name === 'simpleType') {
      this.#line(depth, `<${tag}>${escapeText(value ?? this.#valueOf(type, simple))}</${tag}>`)
      return
    }
    this.#open.add(type)
    const attributes = this.#attributes(type)
    const base = this.#simpleBase(type)
    if (base !== undefined) this.#line(depth, `<${tag}${attributes}>${escapeText(value ?? base)}</${tag}>`)
    else {
      const at = this.#lines.push('') - 1
      this.#particles(type, depth + 1)
      const isEmpty = this.#lines.length === at + 1
      this.#lines[at] = `${'  '.repeat(depth)}<${tag}${attributes}${isEmpty ? '/' : ''}>`
      if (!isEmpty) this.#line(depth, `</${tag}>`)
    }
    this.#open.delete(type)
  }

  /** Writes the elements inside of a type, or of a group of elements. */
  #particles (parent: PositionedElement, depth: number): void {
    for (const child of parent.children) {
      if (child.namespace !== SCHEMA || attributeOf(child, 'maxOccurs')?.value === '0') continue
      switch (child.name) {
        case 'sequence':
        case 'all':
        case 'complexContent':
        case 'restriction':
          this.#particles(child, depth)
          break
        case 'extension':
          this.#extension(child, depth)
          break
        case 'choice':
          this.#choice(child, depth)
          break
        case 'group': {
          const reference = referenceIn(child, 'ref')
          const group = reference && this.#components.find('group', reference)
          if (group !== undefined) this.#nested(group, () => this.#particles(group, depth))
          break
        }
        case 'element':
          this.#localElement(child, depth)
          break
        case 'any':
          this.#line(depth, '<!-- any element -->')
      }
    }
  }

  #choice (choice: PositionedElement, depth: number): void {
    const first = choice.children.find(({ namespace, name }) => namespace === SCHEMA && name !== 'annotation')
    if (first !== undefined) this.#particles({ ...choice, children: [first] }, depth)
  }

  #extension (extension: PositionedElement, depth: number): void {
    const reference = referenceIn(extension, 'base')
    const base = reference && this.#type(reference)
    if (base !== undefined) this.#nested(base, () => this.#particles(base, depth))
    this.#particles(extension, depth)
  }

  #localElement (element: PositionedElement, depth: number): void {
    const reference = referenceIn(element, 'ref')
    if (reference !== undefined) this.globalElement(reference, depth)
    else this.#element(element, this.#localName(element), depth)
  }

  /** A local element is in the namespace of its schema if the schema, or the element, is `qualified`. */
  #localName (element: PositionedElement): QualifiedName {
    const schema = schemaOf(element)
    const form = attributeOf(element, 'form') ?? (schema && attributeOf(schema, 'elementFormDefault'))
    const namespace = form?.value === 'qualified' ? schema && attributeOf(schema, 'targetNamespace')?.value : ''
    return { namespace: namespace ?? '', name: attributeOf(element, 'name')?.value ?? '' }
  }

  #attributes (type: PositionedElement): string {
    const found = type.children.flatMap(child => (child.name === 'attribute' ? [child] : this.#inside(child)))
    return found
      .filter(each => attributeOf(each, 'use')?.value === 'required')
      .slice(0, MAX_ELEMENTS)
      .map(each => {
        const value = attributeOf(each, 'fixed') ?? attributeOf(each, 'default')
        const shown = value?.value ?? this.#valueOf(undefined, referenceIn(each, 'type'))
        return ` ${attributeOf(each, 'name')?.value ?? 'name'}="${escapeAttribute(shown)}"`
      })
      .join('')
  }

  /** Attributes of an extension. */
  #inside (content: PositionedElement): PositionedElement[] {
    if (!/^(simple|complex)Content$/.test(content.name)) return []
    return content.children.flatMap(({ children }) => children.filter(({ name }) => name === 'attribute'))
  }

  /** The value of a type with simple content; undefined: its content is elements. */
  #simpleBase (type: PositionedElement): string | undefined {
    const content = childrenOf(type, SCHEMA, 'simpleContent')[0]
    const derived = content?.children.find(({ name }) => name === 'extension' || name === 'restriction')
    if (derived === undefined) return undefined
    return this.#valueOf(undefined, referenceIn(derived, 'base'))
  }

  #valueOf (type: PositionedElement | undefined, name: QualifiedName | undefined, depth = 0): string {
    if (name?.namespace === SCHEMA) return VALUES[name.name] ?? 'string'
    const simple = type ?? (name && this.#type(name))
    if (simple === undefined || depth > MAX_DEPTH) return 'string'
    const content =
      childrenOf(simple, SCHEMA, 'restriction')[0] ??
      childrenOf(simple, SCHEMA, 'list')[0] ??
      childrenOf(simple, SCHEMA, 'simpleContent')[0]?.children[0]
    if (content === undefined) return 'string'
    const first = childrenOf(content, SCHEMA, 'enumeration')[0]
    if (first !== undefined) return attributeOf(first, 'value')?.value ?? ''
    return this.#valueOf(undefined, referenceIn(content, 'base') ?? referenceIn(content, 'itemType'), depth + 1)
  }

  #type (name: QualifiedName): PositionedElement | undefined {
    return name.namespace === SCHEMA ? undefined : this.#components.find('type', name)
  }

  #nested (part: PositionedElement, write: () => void): void {
    if (--this.#left < 0 || this.#open.has(part)) return
    this.#open.add(part)
    write()
    this.#open.delete(part)
  }

  #tag ({ namespace, name }: QualifiedName): string {
    if (namespace === '') return name
    const prefix = this.#prefixes.get(namespace) ?? `m${this.#prefixes.size}`
    this.#prefixes.set(namespace, prefix)
    return `${prefix}:${name}`
  }

  #line (depth: number, text: string): void {
    this.#lines.push('  '.repeat(depth) + text)
  }
}

function schemaOf (element: PositionedElement): PositionedElement | undefined {
  let at: PositionedElement | undefined = element
  while (at !== undefined && !(at.namespace === SCHEMA && at.name === 'schema')) at = at.parent
  return at
}
