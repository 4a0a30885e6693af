import { escapeAttribute, escapeText } from '../xml/escape.js'
import { childrenOf, qualifiedName, type Node } from './node.js'

/** What becomes of a node. Of an attribute or a text, `replacement` is a text; else it is markup. */
export interface NodeEdit {
  readonly replacement?: string | undefined
  /** Markup after the last child. */
  readonly append?: string | undefined
  /** Markup after the node. */
  readonly after?: string | undefined
}

export type NodeEdits = ReadonlyMap<Node, NodeEdit>

/** Returns an element as markup, with edits of nodes in it. Inherited namespaces are not declared. */
export function editedMarkup (node: Node, edits: NodeEdits): string {
  const { replacement, append = '', after = '' } = edits.get(node) ?? {}
  if (node.kind === 'text') return escapeText(replacement ?? node.value) + after
  if (replacement !== undefined) return replacement + after
  let content = ''
  for (const child of childrenOf(node)) content += editedMarkup(child, edits)
  content += append
  const name = qualifiedName(node)
  const start = `<${name}${declarations(node)}${attributes(node, edits)}`
  return (content === '' ? `${start}/>` : `${start}>${content}</${name}>`) + after
}

function declarations ({ declared }: Node): string {
  let text = ''
  for (let at = 0; at < declared.length; at += 2) {
    const prefix = declared[at]!
    text += ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(declared[at + 1]!)}"`
  }
  return text
}

/** An attribute that becomes the empty text is removed. */
const attributes = (element: Node, edits: NodeEdits): string => element.attributes.map(each => {
  const value = edits.get(each)?.replacement ?? each.value
  return value === '' && edits.has(each) ? '' : ` ${qualifiedName(each)}="${escapeAttribute(value)}"`
}).join('')
