import { fault, MediationError } from '../message/fault.js'
import { headerOf } from '../message/headers.js'
import type { Body, XmlFragment, Message, ReadDepth } from '../message/message.js'
import { bytesOf, documentOf, scanOf } from '../soap/read.js'
import { transcode } from '../soap/scan.js'
import { versionOf } from '../message/soap-version.js'
import type { Unreadable } from '../message/envelope.js'
import { childrenOf, type Node, type Tree } from '../xpath/node.js'
import { readTree, wrapper, type Extent } from '../xpath/tree.js'

/** Several expressions look at one message: what was read is kept as long as the message is. */
const WHOLE = new WeakMap<Body, Tree>()
const START = new WeakMap<Body, Tree>()
const MARKUP = new WeakMap<XmlFragment, Tree>()

/** What carries no XML: an envelope with nothing in it. */
const EMPTY: Tree = emptyTree()

/**
 * The tree of a message: all of it where `need` is `body` and all of it is here; else its envelope up to the Header, with an empty Body.
 * @throws MediationError UNREADABLE
 */
export function treeOf (message: Message, need: ReadDepth): Tree {
  const { body } = message
  if (body.kind === 'none') return EMPTY
  const whole = need === 'body' && body.kind === 'bytes'
  const known = WHOLE.get(body) ?? (whole ? undefined : START.get(body))
  if (known !== undefined) return known
  const tree = whole ? wholeOf(message) : startOf(message)
  ;(whole ? WHOLE : START).set(body, tree)
  return tree
}

/** The element that a property holds. */
export function elementOf (markup: XmlFragment): Node {
  let tree = MARKUP.get(markup)
  if (tree === undefined) {
    const read = readTree(Buffer.from(markup.xml), 'document')
    if ('kind' in read) throw refused('a property', read)
    MARKUP.set(markup, tree = read)
  }
  return envelopeOf(tree)
}

/** The root element: of a message, its envelope. */
export const envelopeOf = (tree: Tree): Node => tree[0]!.kind === 'document' ? tree[1]! : tree[0]!

/** The Header or the Body of an envelope. */
export function partOf (tree: Tree, name: 'Header' | 'Body'): Node | undefined {
  const envelope = envelopeOf(tree)
  for (const child of childrenOf(envelope)) if (child.name === name && child.namespace === envelope.namespace) return child
  return undefined
}

/** Whether the Body holds a SOAP fault. */
export function isFault (tree: Tree): boolean {
  const body = partOf(tree, 'Body')
  for (const child of body === undefined ? [] : childrenOf(body)) if (child.kind === 'element') return child.name === 'Fault' && versionOf(child.namespace) !== undefined
  return false
}

function wholeOf (message: Message): Tree {
  const type = headerOf(message.headers, 'content-type')
  const seen = scanOf(message)
  if (seen === undefined || (type === undefined && seen.kind === 'unreadable')) return EMPTY
  const { bytes, charset } = documentOf(message)
  return read(bytes, 'message', charset)
}

function startOf (message: Message): Tree {
  const seen = scanOf(message)
  switch (seen?.kind) {
    case 'envelope': return read(bytesOf(message.body).subarray(seen.part?.start ?? 0, seen.rest), 'header', documentOf(message).charset)
    case 'unreadable': return headerOf(message.headers, 'content-type') === undefined ? EMPTY : orEmpty(seen)
    default: return EMPTY
  }
}

function read (bytes: Buffer, extent: Extent, charset?: string): Tree {
  const tree = readTree(bytes, extent, charset)
  if (!('kind' in tree)) return tree
  return tree.cause === 'utf-16' ? read(transcode(bytes), extent) : orEmpty(tree)
}

function orEmpty (unreadable: Unreadable): Tree {
  if (unreadable.cause === 'empty') return EMPTY
  throw refused('the message', unreadable)
}

const refused = (what: string, { cause, reason: why }: Unreadable): MediationError =>
  new MediationError(fault('UNREADABLE', `${what} cannot be read: ${why}`, { status: cause === 'malformed' ? 500 : 400 }))

function emptyTree (): Tree {
  const tree: Node[] = []
  wrapper((kind, { parent, prefix = '', name = '', namespace = '', declared = [] }) => {
    const node = { kind, tree, order: tree.length, last: tree.length, parent, prefix, name, namespace, value: '', attributes: [], declared }
    tree.push(node)
    return node
  })
  return tree
}
