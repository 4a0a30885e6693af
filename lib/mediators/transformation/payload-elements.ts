import type { Message } from '../../message/message.js'
import { rootOf } from '../../expression/soap-tree.js'
import { withoutDefault } from '../../soap/edit.js'
import { envelopeOf } from '../../soap/read.js'
import { childrenOf, type Node } from '../../xpath/node.js'

/** Returns the elements among selected nodes. */
export const elementsIn = (nodes: readonly Node[]): readonly Node[] =>
  nodes.flatMap(node => (node.kind === 'document' ? [rootOf(node.tree)] : node.kind === 'element' ? [node] : []))

/** Returns the child elements of an element. */
export const childElementsOf = (node: Node): readonly Node[] => elementsIn([...childrenOf(node)])

/**
 * Returns the element that a message is written from: its envelope; of plain XML, the element in the Body of an
 * envelope that is not sent. @param within a node of its tree
 */
export function payloadElementOf (message: Message, within: Node): Node | undefined {
  const envelope = rootOf(within.tree)
  if (envelopeOf(message) !== undefined) return envelope
  return childElementsOf(envelope)
    .filter(({ name }) => name === 'Body')
    .flatMap(childElementsOf)[0]
}

/** Returns markup as it stands inside of an element: outside of a default namespace that the element has. */
export const childMarkup = (parent: Node, xml: string): string =>
  inheritsDefault(parent) ? withoutDefault(xml) : xml

function inheritsDefault (node: Node): boolean {
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
    const index = at.declared.findIndex((prefix, position) => position % 2 === 0 && prefix === '')
    if (index >= 0) return at.declared[index + 1] !== ''
  }
  return false
}
