import { fault, MediationError } from '../message/fault.js'
import { SOAP_NAMESPACE, versionOf, type Version } from '../message/soap-version.js'
import type { Encoding } from '../xml/encoding.js'
import { readPositionedTree, type PositionedElement } from '../xml/positioned-tree.js'

/** The charset that the Content-Type names. */
export interface EncodedText {
  readonly charset?: string | undefined
}

/**
 * The parts of a SOAP message with their positions. Header blocks and the first child of Body are read without their
 * content, except a Fault.
 */
export interface EnvelopeOutline {
  readonly version: Version
  readonly encoding: Encoding
  readonly envelope: PositionedElement
  /** Its children are the header blocks. */
  readonly header: PositionedElement | undefined
  readonly body: PositionedElement
  /** The first child of Body. */
  readonly content: PositionedElement | undefined
}

export const unreadableXml = (why: string): MediationError =>
  new MediationError(fault('UNREADABLE', `the message cannot be read: ${why}`))

/** Whether this is an element of SOAP with this name. */
export const isSoap = (
  { namespace, name }: Pick<PositionedElement, 'namespace' | 'name'>,
  version: Version,
  local: string
): boolean => name === local && namespace === SOAP_NAMESPACE[version]

const depthOf = (element: PositionedElement): number => {
  let depth = 1
  for (let at = element.parent; at !== undefined; at = at.parent) depth++
  return depth
}

const isInBody = (element: PositionedElement): boolean =>
  element.parent?.parent !== undefined && element.parent.parent.parent === undefined && element.parent.name === 'Body'

/**
 * Keeps Envelope, Header and its blocks, Body and its first element; of a Fault everything except the content of its
 * detail.
 */
function keep (parent: PositionedElement): boolean {
  const depth = depthOf(parent)
  if (depth === 1) return true
  if (depth === 2) return parent.name === 'Header' || (parent.name === 'Body' && parent.children.length === 0)
  for (let at: PositionedElement | undefined = parent; at !== undefined; at = at.parent) {
    if (/^detail$/i.test(at.name) && at !== parent) return false
    if (isInBody(at)) return at.name === 'Fault'
  }
  return false
}

/**
 * Reads a SOAP message.
 * @param until `content`: up to the start tag of the first element in Body; `header`: up to the end of Header, where
 * the bytes end. Default: everything
 * @throws MediationError UNREADABLE
 */
export function outline (bytes: Buffer, { charset }: EncodedText = {}, until?: 'content' | 'header'): EnvelopeOutline {
  const tree = readPositionedTree(bytes, {
    charset,
    keep,
    openAtEnd: until === 'header' ? 1 : 0,
    ...(until === 'content' && { stopAt: isInBody })
  })
  if ('kind' in tree) throw unreadableXml(tree.reason)
  const { root: envelope, encoding } = tree
  const version = envelope.name === 'Envelope' ? versionOf(envelope.namespace) : undefined
  if (version === undefined) throw unreadableXml('it is not a SOAP message')
  const [first, second] = envelope.children
  const header = first !== undefined && isSoap(first, version, 'Header') ? first : undefined
  const body = header === undefined ? first : second
  if (until !== 'header' && (body === undefined || !isSoap(body, version, 'Body'))) {
    throw unreadableXml('it has no SOAP Body')
  }
  return { version, encoding, envelope, header, body: body ?? envelope, content: body?.children[0] }
}
