import { SOAP_NAMESPACE, versionOf } from '../message/soap-version.js'
import { childrenOf, type Node, type Tree } from '../xpath/node.js'
import { appendNode, type MutableNode } from '../xpath/tree-builder.js'
import type { TreeOptions } from '../xpath/tree.js'

/**
 * Reads a message: plain XML becomes the child of the Body of a SOAP 1.1 envelope, which is then the root.
 * @see Apache Synapse 3.0.1, golden case `xpath-variables`
 */
export const MESSAGE: TreeOptions = {
  surround: (tree, namespace, name) => isEnvelope(namespace, name) ? undefined : appendEnvelope(tree)
}

/** Reads an envelope that is cut after its Header: it gets an empty Body. */
export const ENVELOPE_START: TreeOptions = {
  complete (tree, { prefix, namespace, ...root }) {
    appendNode(tree, 'element', { prefix, namespace, name: 'Body', parent: tree[root.order] })
  }
}

/** The tree of a message that carries no XML: an envelope with an empty Header and an empty Body. */
export const EMPTY_ENVELOPE: Tree = emptyEnvelope()

/** Returns the root element: of a message, its envelope. */
export const rootOf = (tree: Tree): Node => tree[0]!.kind === 'document' ? tree[1]! : tree[0]!

/** Returns the Header or the Body of an envelope. */
export function envelopePart (tree: Tree, name: 'Header' | 'Body'): Node | undefined {
  const envelope = rootOf(tree)
  for (const child of childrenOf(envelope)) {
    if (child.name === name && child.namespace === envelope.namespace) return child
  }
  return undefined
}

/** Whether the first element of the Body is a SOAP fault. */
export function isFault (tree: Tree): boolean {
  const body = envelopePart(tree, 'Body')
  for (const child of body === undefined ? [] : childrenOf(body)) {
    if (child.kind === 'element') return child.name === 'Fault' && versionOf(child.namespace) !== undefined
  }
  return false
}

const isEnvelope = (namespace: string, name: string): boolean =>
  name === 'Envelope' && versionOf(namespace) !== undefined

/** Appends an envelope of SOAP 1.1 and returns its Body. */
function appendEnvelope (tree: MutableNode[]): MutableNode {
  const soap = { prefix: 'soapenv', namespace: SOAP_NAMESPACE['1.1'] }
  const envelope = appendNode(tree, 'element', { ...soap, name: 'Envelope', declared: ['soapenv', soap.namespace] })
  appendNode(tree, 'element', { ...soap, name: 'Header', parent: envelope })
  const body = appendNode(tree, 'element', { ...soap, name: 'Body', parent: envelope })
  envelope.last = body.last
  return body
}

function emptyEnvelope (): Tree {
  const tree: MutableNode[] = []
  appendEnvelope(tree)
  return tree
}
