import type { Unreadable } from '../message/envelope.js'
import { contentOf, valueOf, withLineEnds } from '../xml/characters.js'
import { decode, encodingError } from '../xml/encoding.js'
import { intern } from '../xml/intern.js'
import { Namespaces, XMLNS, quoted } from '../xml/namespaces.js'
import { ATTRIBUTES, Tokenizer } from '../xml/tokenizer.js'
import type { Node, Tree } from './node.js'
import { appendNode, type MutableNode, type NodeParts } from './tree-builder.js'

const MAX_NODES = 1_000_000
const MAX_DEPTH = 256
const MAX_PREFIXES = 256

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
  const reader = new TreeReader(options)
  reader.push(bytes)
  const outcome = reader.finish()
  return outcome.kind === 'tree' ? outcome.tree : outcome
}

class TreeReader extends Tokenizer<{ readonly kind: 'tree', readonly tree: Tree }> {
  readonly #options: TreeOptions
  readonly #tree: MutableNode[] = []
  readonly #namespaces = new Namespaces()
  #current: MutableNode | undefined
  /** Three numbers for each open element: start and end of its name, and the number of prefixes in scope before it. */
  readonly #open: number[] = []
  #isComplete = false

  constructor (options: TreeOptions) {
    super(Infinity, options.charset)
    this.#options = options
  }

  protected hasText (): boolean { return this.#open.length > 0 }

  protected characters (from: number, to: number, plain: boolean, literal: boolean, wide: boolean): void {
    const raw = wide ? decode(this.bytes, from, to, this.encoding) : this.bytes.toString('latin1', from, to)
    const value = plain ? raw : literal ? withLineEnds(raw) : contentOf(raw)
    if (value === '') return
    const before = this.#tree.at(-1)!
    if (before.kind === 'text' && before.parent === this.#current) before.value += value
    else this.#add('text', { value, parent: this.#current })
  }

  protected opened (
    from: number, colon: number, nameEnd: number, attributes: number, to: number, empty: boolean
  ): void {
    if (this.#isComplete) { this.fail('it has a second root'); return }
    const before = this.#namespaces.size
    const declared = attributes === 0 ? NONE : this.#declare(attributes)
    if (declared === undefined) return
    const prefix = colon === 0 ? '' : this.#string(from + 1, colon)
    const namespace = this.#namespaceOf(prefix)
    if (namespace === undefined) return
    const name = this.#string(colon === 0 ? from + 1 : colon + 1, nameEnd)
    if (this.#open.length === 0) this.#current = this.#parentOfRoot(namespace, name)
    if (this.#open.length === 3 * MAX_DEPTH) {
      this.fail(`its elements are nested deeper than ${MAX_DEPTH}`, 'limit')
      return
    }
    const element = this.#add('element', { prefix, name, namespace, declared, parent: this.#current })
    if (attributes > declared.length / 2 && !this.#addAttributes(element, attributes)) return
    this.#open.push(from + 1, nameEnd, before)
    this.#current = element
    if (empty) this.#close()
  }

  protected closed (from: number, nameEnd: number): void {
    const { bytes } = this
    const open = this.#open
    if (open.length === 0) { this.fail('there is an end tag that closes nothing'); return }
    const start = open.at(-3)!
    const length = open.at(-2)! - start
    const isSameLength = length === nameEnd - from - 2
    if (isSameLength && bytes.compare(bytes, start, start + length, from + 2, nameEnd) === 0) this.#close()
    else this.fail(`an end tag is not the one of ${quoted(this.#string(start, start + length))}, which is open`)
  }

  protected override ended (at: number): void {
    const { wide, bytes, end, encoding } = this
    const root = this.#open.length === 3 ? this.#current : undefined
    const complete = root === undefined ? undefined : this.#options.complete
    if (at !== end || !(this.#isComplete || complete !== undefined)) { super.ended(at); return }
    if (complete !== undefined) {
      complete(this.#tree, root!)
      this.#close()
    }
    const why = wide ? encodingError(bytes, end, encoding) : undefined
    if (why !== undefined) this.fail(why)
    else this.outcome = { kind: 'tree', tree: this.#tree }
  }

  #parentOfRoot (namespace: string, name: string): MutableNode {
    return this.#options.surround?.(this.#tree, namespace, name) ?? this.#add('document', {})
  }

  #add (kind: Node['kind'], parts: NodeParts): MutableNode {
    if (this.#tree.length === MAX_NODES) this.fail(`it has more than ${MAX_NODES} parts`, 'limit')
    return appendNode(this.#tree, kind, parts)
  }

  /** Ends the innermost open element. */
  #close (): void {
    const last = this.#tree.length - 1
    const element = this.#current!
    element.last = last
    this.#current = element.parent
    this.#namespaces.leave(this.#open.at(-1)!)
    this.#open.length -= 3
    if (this.#open.length > 0) return
    this.#isComplete = true
    let outer: MutableNode | undefined = this.#current
    for (; outer !== undefined; outer = outer.parent) outer.last = last
  }

  /** Puts the prefixes that a start tag declares in scope. Undefined after a failure. */
  #declare (count: number): readonly string[] | undefined {
    const namespaces = this.#namespaces
    let declared: string[] | undefined
    for (let at = 0; at < count; at++) {
      const { start, colon, end } = ATTRIBUTES[at]!
      if (this.#string(start, colon === 0 ? end : colon) !== 'xmlns') continue
      if (namespaces.size === MAX_PREFIXES) {
        this.fail(`it has more than ${MAX_PREFIXES} prefixes`, 'limit')
        return undefined
      }
      const prefix = colon === 0 ? '' : this.#string(colon + 1, end)
      const namespace = this.#valueAt(at)
      const isRepeated = declared?.some((each, index) => index % 2 === 0 && each === prefix) === true
      const why = isRepeated
        ? `the prefix ${quoted(prefix)} is declared twice in one tag`
        : namespaces.declare(prefix, namespace)
      if (why !== undefined) { this.fail(why); return undefined }
      (declared ??= []).push(prefix, namespace)
    }
    return declared ?? NONE
  }

  /** Adds the attributes that are not namespace declarations. False after a failure. */
  #addAttributes (element: MutableNode, count: number): boolean {
    const attributes: Node[] = []
    const seen = new Set<string>()
    for (let at = 0; at < count; at++) {
      const { start, colon, end } = ATTRIBUTES[at]!
      const prefix = colon === 0 ? '' : this.#string(start, colon)
      const name = this.#string(colon === 0 ? start : colon + 1, end)
      if (prefix === 'xmlns' || (prefix === '' && name === 'xmlns')) continue
      const namespace = prefix === '' ? '' : this.#namespaceOf(prefix)
      if (namespace === undefined) return false
      if (seen.size === seen.add(`${namespace} ${name}`).size) {
        this.fail(`there are two attributes ${quoted(name)} in one tag`)
        return false
      }
      const order = element.order + (attributes.length + 1) / 1024
      attributes.push({
        kind: 'attribute',
        tree: this.#tree,
        order,
        last: order,
        parent: element,
        prefix,
        name,
        namespace,
        value: this.#valueAt(at),
        attributes: NONE,
        declared: NONE
      })
    }
    element.attributes = attributes
    return true
  }

  #namespaceOf (prefix: string): string | undefined {
    const namespace = this.#namespaces.find(prefix)
    if (namespace === undefined || namespace === XMLNS) this.fail(`the prefix ${quoted(prefix)} is not declared`)
    return namespace
  }

  #valueAt (at: number): string {
    const { from, to, plain } = ATTRIBUTES[at]!
    const raw = this.#string(from, to)
    return plain ? raw : valueOf(raw)
  }

  #string (from: number, to: number): string {
    return this.wide ? decode(this.bytes, from, to, this.encoding) : intern(this.bytes, from, to)
  }
}
