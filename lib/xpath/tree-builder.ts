import type { Node } from './node.js'

/** A node of a tree under construction. */
export type MutableNode = { -readonly [Key in keyof Node]: Node[Key] }
export type NodeParts = Partial<Omit<Node, 'kind' | 'tree' | 'order' | 'last'>>

const NONE: readonly never[] = []

/** Appends a node without descendants to a tree. */
export function appendNode (tree: MutableNode[], kind: Node['kind'], parts: NodeParts): MutableNode {
  const order = tree.length
  const node: MutableNode = {
    kind,
    tree,
    order,
    last: order,
    parent: parts.parent,
    prefix: parts.prefix ?? '',
    name: parts.name ?? '',
    namespace: parts.namespace ?? '',
    value: parts.value ?? '',
    attributes: NONE,
    declared: parts.declared ?? NONE
  }
  tree.push(node)
  return node
}
