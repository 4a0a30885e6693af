import { createAttachment } from '../message/attachment.js'
import type { Unreadable } from '../message/envelope.js'
import { fault, MediationError } from '../message/fault.js'
import { headerOf } from '../message/headers.js'
import type { Body, Message, ReadDepth, XmlFragment } from '../message/message.js'
import { bytesOf, documentOf, scanOf, statusFor } from '../soap/read.js'
import { isJson, jsonOf } from '../json/json-message.js'
import { jsonToXml } from '../json/json-to-xml.js'
import { transcode } from '../soap/scan.js'
import type { Node, Tree } from '../xpath/node.js'
import { readTree, type TreeOptions } from '../xpath/tree.js'
import { EMPTY_ENVELOPE, ENVELOPE_START, MESSAGE, rootOf } from './soap-tree.js'

/** The trees of a body and of a property, so that several expressions on one message read it once. */
const WHOLE = createAttachment<Body, Tree>()
const START = createAttachment<Body, Tree>()
const FRAGMENT = createAttachment<XmlFragment, Tree>()

/**
 * Returns the tree of a message: the whole message at read depth `body`, if all of it is buffered;
 * else its envelope up to the Header, with an empty Body.
 * @throws MediationError UNREADABLE
 */
export function treeOf (message: Message, depth: ReadDepth): Tree {
  const { body } = message
  if (body.kind === 'none') return EMPTY_ENVELOPE
  const whole = depth === 'body' && body.kind === 'bytes'
  const known = WHOLE.of(body) ?? (whole ? undefined : START.of(body))
  if (known !== undefined) return known
  const tree = whole ? wholeOf(message) : startOf(message)
  const kept = whole ? WHOLE : START
  kept.attach(body, tree)
  return tree
}

/** Returns the element that a property holds. @throws MediationError UNREADABLE */
export function elementOf (fragment: XmlFragment): Node {
  let tree = FRAGMENT.of(fragment)
  if (tree === undefined) {
    const read = readTree(Buffer.from(fragment.xml))
    if ('kind' in read) throw unreadable('a property', read.reason)
    FRAGMENT.attach(fragment, tree = read)
  }
  return rootOf(tree)
}

function wholeOf (message: Message): Tree {
  if (isJson(message)) {
    const document = jsonOf(message)
    if (document === undefined) return EMPTY_ENVELOPE
    return readMessageTree(Buffer.from(jsonToXml(document.value, message.jsonRules)), MESSAGE, message)
  }
  const type = headerOf(message.headers, 'content-type')
  const scan = scanOf(message)
  if (scan === undefined || (type === undefined && scan.kind === 'unreadable')) return EMPTY_ENVELOPE
  const { bytes, charset } = documentOf(message)
  return readMessageTree(bytes, { ...MESSAGE, charset }, message)
}

function startOf (message: Message): Tree {
  const scan = scanOf(message)
  switch (scan?.kind) {
    case 'envelope': {
      const start = bytesOf(message.body).subarray(scan.part?.start ?? 0, scan.rest)
      return readMessageTree(start, { ...ENVELOPE_START, charset: documentOf(message).charset }, message)
    }
    case 'unreadable':
      return headerOf(message.headers, 'content-type') === undefined ? EMPTY_ENVELOPE : emptyOrThrow(scan, message)
    default: return EMPTY_ENVELOPE
  }
}

function readMessageTree (bytes: Buffer, options: TreeOptions, message: Message): Tree {
  const tree = readTree(bytes, options)
  if (!('kind' in tree)) return tree
  if (tree.cause === 'transcode') {
    return readMessageTree(transcode(bytes, tree.encoding), { ...options, charset: undefined }, message)
  }
  return emptyOrThrow(tree, message)
}

function emptyOrThrow (scan: Unreadable, message: Message): Tree {
  if (scan.cause === 'empty') return EMPTY_ENVELOPE
  throw unreadable('the message', scan.reason, statusFor(scan, message))
}

const unreadable = (what: string, reason: string, status = 500): MediationError =>
  new MediationError(fault('UNREADABLE', `${what} cannot be read: ${reason}`, { status }))
