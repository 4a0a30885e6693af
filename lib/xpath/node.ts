import { escapeAttribute, escapeText } from '../xml/escape.js'

/**
 * A node of the XPath data model (XPath 1.0, section 5). There are no comments, processing instructions or namespace nodes:
 * what a path selects is what a message says.
 */
export interface Node {
  readonly kind: 'document' | 'element' | 'attribute' | 'text'
  readonly tree: Tree
  /** Its place in the tree; that of an attribute is a fraction behind its element. */
  readonly order: number
  /** The place of its last descendant; its own where it has none. */
  readonly last: number
  readonly parent: Node | undefined
  readonly prefix: string
  readonly name: string
  readonly namespace: string
  /** Of an attribute or a text. */
  readonly value: string
  readonly attributes: readonly Node[]
  /** The prefixes that an element declares, in pairs: prefix, namespace. */
  readonly declared: readonly string[]
}

/**
 * All nodes but the attributes, in document order: so the descendants of a node are those from behind it up to `last`,
 * and no walk needs a stack. The first node is the one that `/` means.
 */
export type Tree = readonly Node[]

/** The children of a node, in order. */
export function * childrenOf ({ kind, tree, order, last }: Node): Generator<Node, void> {
  if (kind === 'attribute') return
  for (let at = order + 1; at <= last; at = tree[at]!.last + 1) yield tree[at]!
}

/** All text inside of a node (XPath 1.0, section 5: string-value). */
export function textOf (node: Node): string {
  if (node.kind === 'attribute' || node.kind === 'text') return node.value
  let text = ''
  for (let at = node.order + 1; at <= node.last; at++) text += node.tree[at]!.value
  return text
}

/** The text of an element itself, without that of the elements in it. */
export function ownTextOf (node: Node): string {
  let text = ''
  for (const child of childrenOf(node)) text += child.value
  return text
}

/** An element as a text of its own: it declares what it uses of the prefixes around it. */
export function markupOf (element: Node): string {
  const parts: string[] = []
  const open: Node[] = []
  let bare = false
  for (let at = element.order; at <= element.last; at++) {
    const node = element.tree[at]!
    while (open.length > 0 && open.at(-1)!.last < at) parts.push(`</${nameOf(open.pop()!)}>`)
    if (node.kind === 'text') parts.push(escapeText(node.value))
    else {
      bare ||= node.prefix === ''
      parts.push(startOf(node))
      if (node.last > at) open.push(node)
    }
  }
  while (open.length > 0) parts.push(`</${nameOf(open.pop()!)}>`)
  const text = parts.join('')
  const behindName = 1 + nameOf(element).length
  return text.slice(0, behindName) + lacking(element, text, bare) + text.slice(behindName)
}

/** As it is written: with its prefix. */
export const nameOf = ({ prefix, name }: Node): string => prefix === '' ? name : `${prefix}:${name}`

const attribute = (name: string, value: string): string => ` ${name}="${escapeAttribute(value)}"`

const declaration = (prefix: string, namespace: string): string => attribute(prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace)

function startOf (element: Node): string {
  let start = `<${nameOf(element)}`
  for (let at = 0; at < element.declared.length; at += 2) start += declaration(element.declared[at]!, element.declared[at + 1]!)
  for (const each of element.attributes) start += attribute(nameOf(each), each.value)
  return start + (element.last > element.order ? '>' : '/>')
}

const PREFIX = /(?<![\p{L}\p{N}\p{M}._-])[\p{L}_][\p{L}\p{N}\p{M}._-]*(?=:)/gu

/** Declarations for the prefixes that come from outside: of names, and of texts and values that look as if they named something. */
function lacking (element: Node, text: string, bare: boolean): string {
  const known = new Set(element.declared.filter((_, at) => at % 2 === 0))
  const used = new Set(text.match(PREFIX))
  let declarations = ''
  for (let outer = element.parent; outer !== undefined; outer = outer.parent) {
    for (let at = 0; at < outer.declared.length; at += 2) {
      const prefix = outer.declared[at]!
      if (known.has(prefix)) continue
      known.add(prefix)
      const namespace = outer.declared[at + 1]!
      if (prefix === '' ? bare && namespace !== '' : used.has(prefix)) declarations += declaration(prefix, namespace)
    }
  }
  return declarations
}
