import type { Unreadable } from '../message/envelope.js'
import { XmlReader, type XmlHandler } from '../xml/reader.js'
import type { Node, Tree } from './node.js'
import { appendNode, type MutableNode, type NodeParts } from './tree-builder.js'

const MAX_NODES = 1_000_000
const MAX_DEPTH = 256

export interface TreeOptions {
  /** The charset that the transport declares. */
  readonly charset?: string | undefined
  /** Adds the ancestors of a root element to the empty tree and returns its parent. Default: a document node. */
  readonly surround?: ((tree: MutableNode[], namespace: string, name: string) => MutableNode | undefined) | undefined
  /** Completes a document that ends inside of its root element. Default: such a document is malformed. */
  readonly complete?: ((tree: MutableNode[], root: Node) => void) | undefined
}

const NONE: readonly never[] = []

/**
 * Reads an XML document into a tree, in time linear in its length.
 * Refuses a DOCTYPE, elements nested deeper than 256, more than a million nodes, 256 attributes of an element or
 * prefixes in scope.
 */
export function readTree (bytes: Buffer, options: TreeOptions = {}): Tree | Unreadable {
  return new TreeReader(options).read(bytes)
}

class TreeReader implements XmlHandler {
  readonly wantsText = true
  readonly #options: TreeOptions
  readonly #reader: XmlReader
  readonly #tree: MutableNode[] = []
  #current: MutableNode | undefined

  constructor (options: TreeOptions) {
    this.#options = options
    this.#reader = new XmlReader(this, {
      charset: options.charset, maxDepth: MAX_DEPTH, openAtEnd: options.complete === undefined ? 0 : 1
    })
  }

  read (bytes: Buffer): Tree | Unreadable {
    this.#reader.push(bytes)
    const failure = this.#reader.finish()
    if (failure !== undefined) return failure
    if (this.#reader.depth > 0) {
      this.#options.complete?.(this.#tree, this.#current!)
      this.endElement()
    }
    return this.#tree
  }

  text (value: string): void {
    if (value === '') return
    const before = this.#tree.at(-1)!
    if (before.kind === 'text' && before.parent === this.#current) before.value += value
    else this.#add('text', { value, parent: this.#current })
  }

  startElement (namespace: string, prefix: string, name: string): void {
    this.#current ??= this.#parentOfRoot(namespace, name)
    const element = this.#add('element', { prefix, name, namespace, parent: this.#current })
    if (this.#reader.attributeCount > 0) this.#addAttributes(element)
    this.#current = element
  }

  endElement (): void {
    const last = this.#tree.length - 1
    const element = this.#current!
    element.last = last
    this.#current = element.parent
    if (this.#reader.depth > 1) return
    for (let outer = this.#current; outer !== undefined; outer = outer.parent) outer.last = last
  }

  #parentOfRoot (namespace: string, name: string): MutableNode {
    return this.#options.surround?.(this.#tree, namespace, name) ?? this.#add('document', {})
  }

  #add (kind: Node['kind'], parts: NodeParts): MutableNode {
    if (this.#tree.length === MAX_NODES) this.#reader.fail(`it has more than ${MAX_NODES} parts`, 'limit')
    return appendNode(this.#tree, kind, parts)
  }

  #addAttributes (element: MutableNode): void {
    const attributes: Node[] = []
    const declared: string[] = []
    for (let at = 0; at < this.#reader.attributeCount; at++) {
      const { declaration, prefix, name, namespace, value } = this.#reader.attribute(at)
      if (declaration) {
        declared.push(prefix === '' ? '' : name, value)
        continue
      }
      const order = element.order + (attributes.length + 1) / 1024
      const parts = { tree: this.#tree, order, last: order, parent: element, prefix, name, namespace, value }
      attributes.push({ kind: 'attribute', ...parts, attributes: NONE, declared: NONE })
    }
    element.attributes = attributes
    element.declared = declared
  }
}
