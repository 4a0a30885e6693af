import { SOAP_NAMESPACE, versionOf } from '../message/soap-version.js'
import { contentOf, valueOf, withLineEnds } from '../xml/characters.js'
import { decode, encodingError } from '../xml/encoding.js'
import { intern } from '../xml/intern.js'
import { Namespaces, XMLNS, quoted } from '../xml/namespaces.js'
import type { Unreadable } from '../message/envelope.js'
import { ATTRIBUTES, Tokenizer } from '../xml/tokenizer.js'
import type { Node, Tree } from './node.js'

/** What is read: any document; a message, which is an envelope or is wrapped in one; or the start of an envelope, up to its Header. */
export type Extent = 'document' | 'message' | 'header'

const MAX_NODES = 1_000_000
const MAX_DEPTH = 256
const MAX_PREFIXES = 256

type Growing = { -readonly [Key in keyof Node]: Node[Key] }
type Part = Partial<Omit<Node, 'kind' | 'tree' | 'order'>>

const NONE: readonly never[] = []

/**
 * Reads XML as strictly as the scan of a Header does, in time that grows with its length only.
 * Refused: a DOCTYPE, elements nested deeper than 256, more than a million nodes, 256 attributes of an element or prefixes in scope.
 *
 * What is no SOAP envelope becomes the child of the Body of a SOAP 1.1 one. As in Apache Synapse (golden case `xpath-variables`)
 * `/` means that envelope then, not a document around it.
 */
export function readTree (bytes: Buffer, extent: Extent, charset?: string): Tree | Unreadable {
  const reader = new TreeReader(extent, charset)
  reader.push(bytes)
  const outcome = reader.finish()
  return outcome.kind === 'tree' ? outcome.tree : outcome
}

class TreeReader extends Tokenizer<{ readonly kind: 'tree', readonly tree: Tree }> {
  private readonly tree: Growing[] = []
  private readonly extent: Extent
  private readonly namespaces = new Namespaces()
  private current: Growing | undefined
  /** Of each open element: where its name begins and ends, and how many prefixes were in scope before it. */
  private readonly open: number[] = []
  private complete = false

  constructor (extent: Extent, charset: string | undefined) {
    super(Infinity, charset)
    this.extent = extent
  }

  protected hasText (): boolean { return this.open.length > 0 }

  protected characters (from: number, to: number, plain: boolean, literal: boolean, wide: boolean): void {
    const raw = wide ? decode(this.bytes, from, to, this.encoding) : this.bytes.toString('latin1', from, to)
    const value = plain ? raw : literal ? withLineEnds(raw) : contentOf(raw)
    if (value === '') return
    const before = this.tree.at(-1)!
    if (before.kind === 'text' && before.parent === this.current) before.value += value
    else this.add('text', { value, parent: this.current })
  }

  protected opened (from: number, colon: number, nameEnd: number, attributes: number, to: number, empty: boolean): void {
    if (this.complete) { this.fail('it has a second root'); return }
    const before = this.namespaces.size
    const declared = attributes === 0 ? NONE : this.declare(attributes)
    if (declared === undefined) return
    const prefix = colon === 0 ? '' : this.string(from + 1, colon)
    const namespace = this.namespaceOf(prefix)
    if (namespace === undefined) return
    const name = this.string(colon === 0 ? from + 1 : colon + 1, nameEnd)
    if (this.open.length === 0) this.surround(namespace, name)
    if (this.open.length === 3 * MAX_DEPTH) { this.fail(`its elements are nested deeper than ${MAX_DEPTH}`, 'limit'); return }
    const element = this.add('element', { prefix, name, namespace, declared, parent: this.current })
    if (attributes > declared.length / 2 && !this.adorn(element, attributes)) return
    this.open.push(from + 1, nameEnd, before)
    this.current = element
    if (empty) this.left()
  }

  protected closed (from: number, nameEnd: number): void {
    const { open, bytes } = this
    if (open.length === 0) { this.fail('there is an end tag that closes nothing'); return }
    const start = open.at(-3)!
    const length = open.at(-2)! - start
    if (length === nameEnd - from - 2 && bytes.compare(bytes, start, start + length, from + 2, nameEnd) === 0) this.left()
    else this.fail(`an end tag is not the one of ${quoted(this.string(start, start + length))}, which is open`)
  }

  protected override ended (at: number): void {
    const { current, extent, wide, bytes, end, encoding } = this
    const started = extent === 'header' && this.open.length === 3 && current !== undefined
    if (at !== end || !(this.complete || started)) { super.ended(at); return }
    if (started) {
      this.add('element', { prefix: current.prefix, name: 'Body', namespace: current.namespace, parent: current })
      this.left()
    }
    const why = wide ? encodingError(bytes, end, encoding) : undefined
    if (why !== undefined) this.fail(why)
    else this.outcome = { kind: 'tree', tree: this.tree }
  }

  /** What stands around the root. */
  private surround (namespace: string, name: string): void {
    if (this.extent !== 'message' || (name === 'Envelope' && versionOf(namespace) !== undefined)) this.current = this.add('document', {})
    else this.current = wrapper((kind, part) => this.add(kind, part))
  }

  private add (kind: Node['kind'], part: Part): Growing {
    const order = this.tree.length
    if (order === MAX_NODES) this.fail(`it has more than ${MAX_NODES} parts`, 'limit')
    const node: Growing = {
      kind,
      tree: this.tree,
      order,
      last: order,
      parent: part.parent,
      prefix: part.prefix ?? '',
      name: part.name ?? '',
      namespace: part.namespace ?? '',
      value: part.value ?? '',
      attributes: NONE,
      declared: part.declared ?? NONE
    }
    this.tree.push(node)
    return node
  }

  /** The innermost element ends. */
  private left (): void {
    const { tree, open } = this
    const element = this.current!
    element.last = tree.length - 1
    this.current = element.parent
    this.namespaces.leave(open.at(-1)!)
    open.length -= 3
    if (open.length > 0) return
    this.complete = true
    for (let outer = this.current as Growing | undefined; outer !== undefined; outer = outer.parent) outer.last = tree.length - 1
  }

  /** Puts the prefixes in scope that a start tag declares; undefined if something is wrong with them. */
  private declare (count: number): readonly string[] | undefined {
    const { namespaces } = this
    let declared: string[] | undefined
    for (let at = 0; at < count; at++) {
      const { start, colon, end } = ATTRIBUTES[at]!
      if (this.string(start, colon === 0 ? end : colon) !== 'xmlns') continue
      if (namespaces.size === MAX_PREFIXES) { this.fail(`it has more than ${MAX_PREFIXES} prefixes`, 'limit'); return undefined }
      const prefix = colon === 0 ? '' : this.string(colon + 1, end)
      const namespace = this.valueAt(at)
      const why = declared !== undefined && declared.some((each, at) => at % 2 === 0 && each === prefix)
        ? `the prefix ${quoted(prefix)} is declared twice in one tag`
        : namespaces.declare(prefix, namespace)
      if (why !== undefined) { this.fail(why); return undefined }
      (declared ??= []).push(prefix, namespace)
    }
    return declared ?? NONE
  }

  /** Gives an element its attributes, those that declare nothing. False if something is wrong with them. */
  private adorn (element: Growing, count: number): boolean {
    const attributes: Node[] = []
    const seen = new Set<string>()
    for (let at = 0; at < count; at++) {
      const { start, colon, end } = ATTRIBUTES[at]!
      const prefix = colon === 0 ? '' : this.string(start, colon)
      const name = this.string(colon === 0 ? start : colon + 1, end)
      if (prefix === 'xmlns' || (prefix === '' && name === 'xmlns')) continue
      const namespace = prefix === '' ? '' : this.namespaceOf(prefix)
      if (namespace === undefined) return false
      if (seen.size === seen.add(`${namespace} ${name}`).size) { this.fail(`there are two attributes ${quoted(name)} in one tag`); return false }
      const order = element.order + (attributes.length + 1) / 1024
      attributes.push({ kind: 'attribute', tree: this.tree, order, last: order, parent: element, prefix, name, namespace, value: this.valueAt(at), attributes: NONE, declared: NONE })
    }
    element.attributes = attributes
    return true
  }

  private namespaceOf (prefix: string): string | undefined {
    const namespace = this.namespaces.find(prefix)
    if (namespace === undefined || namespace === XMLNS) this.fail(`the prefix ${quoted(prefix)} is not declared`)
    return namespace
  }

  private valueAt (at: number): string {
    const { from, to, plain } = ATTRIBUTES[at]!
    const raw = this.string(from, to)
    return plain ? raw : valueOf(raw)
  }

  private string (from: number, to: number): string {
    return this.wide ? decode(this.bytes, from, to, this.encoding) : intern(this.bytes, from, to)
  }
}

/** A SOAP 1.1 envelope without anything in it; its Body. */
export function wrapper (add: (kind: Node['kind'], part: Part) => Growing): Growing {
  const soap = { prefix: 'soapenv', namespace: SOAP_NAMESPACE['1.1'] }
  const envelope = add('element', { ...soap, name: 'Envelope', declared: ['soapenv', soap.namespace] })
  add('element', { ...soap, name: 'Header', parent: envelope })
  const body = add('element', { ...soap, name: 'Body', parent: envelope })
  envelope.last = body.last
  return body
}
