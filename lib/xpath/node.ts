import { escapeAttribute, escapeText } from '../xml/escape.js'

/**
 * A node of the XPath data model without comments, processing instructions and namespace nodes.
 * @see XPath 1.0, section 5
 */
export interface Node {
  readonly kind: 'document' | 'element' | 'attribute' | 'text'
  readonly tree: Tree
  /** The index in the tree; an attribute has that of its element plus a fraction. */
  readonly order: number
  /** The index of the last descendant; `order` where there is none. */
  readonly last: number
  readonly parent: Node | undefined
  readonly prefix: string
  readonly name: string
  readonly namespace: string
  /** Set for an attribute or a text. */
  readonly value: string
  readonly attributes: readonly Node[]
  /** The namespace declarations of an element as pairs: prefix, namespace. */
  readonly declared: readonly string[]
}

/**
 * All nodes but the attributes, in document order. The descendants of a node follow it, up to `last`, so that no walk
 * needs a stack. The first node is the root, which `/` selects.
 */
export type Tree = readonly Node[]

/** Yields the children of a node in document order. */
export function * childrenOf ({ kind, tree, order, last }: Node): Generator<Node, void> {
  if (kind === 'attribute') return
  for (let at = order + 1; at <= last; at = tree[at]!.last + 1) yield tree[at]!
}

/** Returns the string-value of a node. @see XPath 1.0, section 5 */
export function stringValue (node: Node): string {
  if (node.kind === 'attribute' || node.kind === 'text') return node.value
  let text = ''
  for (let at = node.order + 1; at <= node.last; at++) text += node.tree[at]!.value
  return text
}

/** Returns the text of an element without that of its child elements. */
export function ownTextOf (node: Node): string {
  let text = ''
  for (const child of childrenOf(node)) text += child.value
  return text
}

/** Returns an element as markup that declares the prefixes it inherits. */
export function markupOf (element: Node): string {
  const parts: string[] = []
  const open: Node[] = []
  let hasUnprefixed = false
  for (let at = element.order; at <= element.last; at++) {
    const node = element.tree[at]!
    while (open.length > 0 && open.at(-1)!.last < at) parts.push(`</${qualifiedName(open.pop()!)}>`)
    if (node.kind === 'text') parts.push(escapeText(node.value))
    else {
      hasUnprefixed ||= node.prefix === ''
      parts.push(startOf(node))
      if (node.last > at) open.push(node)
    }
  }
  while (open.length > 0) parts.push(`</${qualifiedName(open.pop()!)}>`)
  const text = parts.join('')
  const nameEnd = 1 + qualifiedName(element).length
  return text.slice(0, nameEnd) + inheritedDeclarations(element, text, hasUnprefixed) + text.slice(nameEnd)
}

/** Returns the qualified name as it is written. */
export const qualifiedName = ({ prefix, name }: Node): string => prefix === '' ? name : `${prefix}:${name}`

const attribute = (name: string, value: string): string => ` ${name}="${escapeAttribute(value)}"`

const declaration = (prefix: string, namespace: string): string =>
  attribute(prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace)

function startOf (element: Node): string {
  let start = `<${qualifiedName(element)}`
  for (let at = 0; at < element.declared.length; at += 2) {
    start += declaration(element.declared[at]!, element.declared[at + 1]!)
  }
  for (const each of element.attributes) start += attribute(qualifiedName(each), each.value)
  return start + (element.last > element.order ? '>' : '/>')
}

const PREFIX = /(?<![\p{L}\p{N}\p{M}._-])[\p{L}_][\p{L}\p{N}\p{M}._-]*(?=:)/gu

/** Declares the inherited prefixes that occur in names, and in text that may be a qualified name. */
function inheritedDeclarations (element: Node, text: string, hasUnprefixed: boolean): string {
  const known = new Set(element.declared.filter((_, at) => at % 2 === 0))
  const used = new Set(text.match(PREFIX))
  let declarations = ''
  for (let outer = element.parent; outer !== undefined; outer = outer.parent) {
    for (let at = 0; at < outer.declared.length; at += 2) {
      const prefix = outer.declared[at]!
      if (known.has(prefix)) continue
      known.add(prefix)
      const namespace = outer.declared[at + 1]!
      const isUsed = prefix === '' ? hasUnprefixed && namespace !== '' : used.has(prefix)
      if (isUsed) declarations += declaration(prefix, namespace)
    }
  }
  return declarations
}
