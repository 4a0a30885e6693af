import { attributeOf, childrenOf, namespaceIn, type PositionedElement } from '../xml/positioned-tree.js'
import { parseDocument, SCHEMA, WSDL } from './document.js'

/** A name with its namespace. */
export interface QualifiedName {
  readonly namespace: string
  readonly name: string
}

/** The named parts of a WSDL 1.1 and of all that it imports. */
export class Components {
  readonly #parts = new Map<string, PositionedElement>()
  readonly bindings: PositionedElement[] = []

  /**
   * @param documents a WSDL and what it imports
   * @throws SyntaxError if one is malformed
   */
  constructor (documents: Iterable<Buffer>) {
    for (const bytes of documents) this.#add(parseDocument(bytes))
  }

  /** A part of this kind and name; undefined: there is none. */
  find (kind: string, { namespace, name }: QualifiedName): PositionedElement | undefined {
    // A schema without a namespace of its own may be included in another one.
    return this.#parts.get(`${kind} ${namespace} ${name}`) ?? this.#parts.get(`${kind}  ${name}`)
  }

  #add (root: PositionedElement): void {
    if (root.namespace === SCHEMA) this.#addSchema(root)
    if (root.namespace !== WSDL) return
    const target = attributeOf(root, 'targetNamespace')?.value ?? ''
    for (const child of root.children) {
      if (child.namespace !== WSDL) continue
      if (child.name === 'types') childrenOf(child, SCHEMA, 'schema').forEach(each => this.#addSchema(each))
      else this.#set(child.name, target, child)
      if (child.name === 'binding') this.bindings.push(child)
    }
  }

  #addSchema (schema: PositionedElement): void {
    const target = attributeOf(schema, 'targetNamespace')?.value ?? ''
    for (const child of schema.children) if (child.namespace === SCHEMA) this.#set(child.name, target, child)
  }

  /** Simple and complex types share their names. */
  #set (kind: string, namespace: string, part: PositionedElement): void {
    const name = attributeOf(part, 'name')?.value
    const key = `${/Type$/.test(kind) && kind !== 'portType' ? 'type' : kind} ${namespace} ${name}`
    if (name !== undefined && !this.#parts.has(key)) this.#parts.set(key, part)
  }
}

/** The qualified name that an attribute holds; undefined: there is no such attribute. */
export function referenceIn (element: PositionedElement, attribute: string): QualifiedName | undefined {
  const value = attributeOf(element, attribute)?.value.trim()
  if (value === undefined) return undefined
  const [name = '', prefix = ''] = value.split(':').reverse()
  return { namespace: namespaceIn(element.scope, prefix) ?? '', name }
}
