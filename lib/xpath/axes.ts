import { childrenOf, type Node } from './node.js'
import type { Budget } from './budget.js'

export const AXES = [
  'ancestor', 'ancestor-or-self', 'attribute', 'child', 'descendant', 'descendant-or-self', 'following',
  'following-sibling', 'parent', 'preceding', 'preceding-sibling', 'self'
] as const
export type Axis = typeof AXES[number]

/** Axes that reach nodes outside of the subtree of the context node. */
export const LEAVES_SUBTREE: ReadonlySet<Axis> = new Set([
  'ancestor', 'ancestor-or-self', 'following', 'following-sibling', 'parent', 'preceding', 'preceding-sibling'
] as const)

/** Axes whose positions count in reverse document order. @see XPath 1.0, section 2.4 */
export const REVERSE_AXES: ReadonlySet<Axis> = new Set([
  'ancestor', 'ancestor-or-self', 'preceding', 'preceding-sibling'
] as const)

/** A node test. A name test selects the principal node type of its axis: attributes on `attribute`, else elements. */
export type NodeTest =
  | { readonly kind: 'node' | 'text' | 'nothing' }
  | { readonly kind: 'name', readonly namespace?: string | undefined, readonly name?: string | undefined }

/** Returns the nodes of an axis that pass the test, in the order of the axis. */
export function select (axis: Axis, from: Node, test: NodeTest, budget: Budget): Node[] {
  const found: Node[] = []
  const principal = axis === 'attribute' ? 'attribute' : 'element'
  let visited = 1
  const visit = (node: Node): void => {
    visited++
    if (passes(node, test, principal)) found.push(node)
  }
  walk(axis, from, visit)
  budget.charge(visited)
  return found
}

function passes (node: Node, test: NodeTest, principal: 'attribute' | 'element'): boolean {
  switch (test.kind) {
    case 'name': return node.kind === principal &&
      (test.name === undefined || test.name === node.name) &&
      (test.namespace === undefined || test.namespace === node.namespace)
    case 'node': return true
    case 'text': return node.kind === 'text'
    default: return false
  }
}

function walk (axis: Axis, from: Node, visit: (node: Node) => void): void {
  const { tree, parent } = from
  const isAttribute = from.kind === 'attribute'
  /** Of an attribute, the index of its element: no descendant of that element precedes the attribute. */
  const index = Math.floor(from.order)
  switch (axis) {
    case 'self': visit(from); break
    case 'attribute': from.attributes.forEach(visit); break
    case 'child':
      if (!isAttribute) for (let at = index + 1; at <= from.last; at = tree[at]!.last + 1) visit(tree[at]!)
      break
    case 'descendant':
    case 'descendant-or-self':
      if (axis === 'descendant-or-self') visit(from)
      if (!isAttribute) for (let at = index + 1; at <= from.last; at++) visit(tree[at]!)
      break
    case 'parent': if (parent !== undefined) visit(parent); break
    case 'ancestor':
    case 'ancestor-or-self':
      for (let outer = axis === 'ancestor' ? parent : from; outer !== undefined; outer = outer.parent) visit(outer)
      break
    case 'following':
      for (let at = isAttribute ? index + 1 : from.last + 1; at < tree.length; at++) visit(tree[at]!)
      break
    case 'preceding':
      for (let at = index - 1; at >= 0; at--) if (tree[at]!.last < index) visit(tree[at]!)
      break
    case 'following-sibling':
      if (isAttribute || parent === undefined) break
      for (let at = from.last + 1; at <= parent.last; at = tree[at]!.last + 1) visit(tree[at]!)
      break
    case 'preceding-sibling':
      if (!isAttribute && parent !== undefined) siblingsBefore(from, parent).reverse().forEach(visit)
  }
}

function siblingsBefore (node: Node, parent: Node): Node[] {
  const before: Node[] = []
  for (const sibling of childrenOf(parent)) {
    if (sibling === node) break
    before.push(sibling)
  }
  return before
}

/** Returns each node once, in document order; nodes of one tree stay together. */
export function inDocumentOrder (nodes: Node[], budget: Budget): Node[] {
  if (isInDocumentOrder(nodes)) return nodes
  budget.charge(nodes.length)
  const trees = new Map<Node['tree'], Set<Node>>()
  for (const node of nodes) {
    const known = trees.get(node.tree)
    if (known === undefined) trees.set(node.tree, new Set([node]))
    else known.add(node)
  }
  return [...trees.values()].flatMap(each => [...each].sort((a, b) => a.order - b.order))
}

function isInDocumentOrder (nodes: readonly Node[]): boolean {
  for (let at = 1; at < nodes.length; at++) {
    if (nodes[at]!.tree !== nodes[at - 1]!.tree || nodes[at]!.order <= nodes[at - 1]!.order) return false
  }
  return true
}
