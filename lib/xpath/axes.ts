import { childrenOf, type Node } from './node.js'
import type { Budget } from './values.js'

export const AXES = [
  'ancestor', 'ancestor-or-self', 'attribute', 'child', 'descendant', 'descendant-or-self', 'following', 'following-sibling',
  'parent', 'preceding', 'preceding-sibling', 'self'
] as const
export type Axis = typeof AXES[number]

/** Axes that lead out of the element where they begin. */
export const LEAVES_SUBTREE: ReadonlySet<Axis> = new Set(['ancestor', 'ancestor-or-self', 'following', 'following-sibling', 'parent', 'preceding', 'preceding-sibling'] as const)

/** Axes that count from their node backwards (XPath 1.0, section 2.4). */
export const REVERSE_AXES: ReadonlySet<Axis> = new Set(['ancestor', 'ancestor-or-self', 'preceding', 'preceding-sibling'] as const)

/** Which nodes of an axis are meant: by kind, or by name; a name test only means elements, or attributes on their axis. */
export type Test =
  | { readonly kind: 'node' | 'text' | 'nothing' }
  | { readonly kind: 'name', readonly namespace?: string | undefined, readonly name?: string | undefined }

/** The nodes of an axis that pass the test, in the order in which the axis counts. */
export function select (axis: Axis, from: Node, test: Test, meter: Budget): Node[] {
  const found: Node[] = []
  const kind = axis === 'attribute' ? 'attribute' : 'element'
  let seen = 1
  const see = (node: Node): void => {
    seen++
    if (passes(node, test, kind)) found.push(node)
  }
  walk(axis, from, see)
  meter.charge(seen)
  return found
}

function passes (node: Node, test: Test, kind: 'attribute' | 'element'): boolean {
  switch (test.kind) {
    case 'name': return node.kind === kind && (test.name === undefined || test.name === node.name) && (test.namespace === undefined || test.namespace === node.namespace)
    case 'node': return true
    case 'text': return node.kind === 'text'
    default: return false
  }
}

function walk (axis: Axis, from: Node, see: (node: Node) => void): void {
  const { tree, parent } = from
  /** Of an attribute: the element it belongs to. Nothing of what is inside of that lies before the attribute. */
  const place = Math.floor(from.order)
  switch (axis) {
    case 'self': see(from); break
    case 'attribute': from.attributes.forEach(see); break
    case 'child': if (from.kind !== 'attribute') for (let at = place + 1; at <= from.last; at = tree[at]!.last + 1) see(tree[at]!); break
    case 'descendant':
    case 'descendant-or-self':
      if (axis === 'descendant-or-self') see(from)
      if (from.kind !== 'attribute') for (let at = place + 1; at <= from.last; at++) see(tree[at]!)
      break
    case 'parent': if (parent !== undefined) see(parent); break
    case 'ancestor':
    case 'ancestor-or-self':
      for (let outer = axis === 'ancestor' ? parent : from; outer !== undefined; outer = outer.parent) see(outer)
      break
    case 'following': for (let at = from.kind === 'attribute' ? place + 1 : from.last + 1; at < tree.length; at++) see(tree[at]!); break
    case 'preceding': for (let at = place - 1; at >= 0; at--) if (tree[at]!.last < place) see(tree[at]!); break
    case 'following-sibling':
      if (from.kind !== 'attribute' && parent !== undefined) for (let at = from.last + 1; at <= parent.last; at = tree[at]!.last + 1) see(tree[at]!)
      break
    case 'preceding-sibling':
      if (from.kind !== 'attribute' && parent !== undefined) {
        const before: Node[] = []
        for (const sibling of childrenOf(parent)) {
          if (sibling === from) break
          before.push(sibling)
        }
        before.reverse().forEach(see)
      }
  }
}

/** Each node once, in document order; nodes of different trees stay apart. */
export function inDocumentOrder (nodes: Node[], meter: Budget): Node[] {
  let sorted = true
  for (let at = 1; at < nodes.length && sorted; at++) sorted = nodes[at]!.tree === nodes[at - 1]!.tree && nodes[at]!.order > nodes[at - 1]!.order
  if (sorted) return nodes
  meter.charge(nodes.length)
  const trees = new Map<Node['tree'], Set<Node>>()
  for (const node of nodes) {
    const known = trees.get(node.tree)
    if (known === undefined) trees.set(node.tree, new Set([node]))
    else known.add(node)
  }
  return [...trees.values()].flatMap(each => [...each].sort((a, b) => a.order - b.order))
}
