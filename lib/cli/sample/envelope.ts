/** SOAP as the sample back-ends and the sample client read and write it. */
import { MEDIA_TYPE, SOAP_NAMESPACE, versionOf, type Version } from '../../message/soap-version.js'
import { escapeText } from '../../xml/escape.js'
import { markupOf, readPositionedTree, type PositionedElement as Element } from '../../xml/positioned-tree.js'

export type { Element }

/** A SOAP message that was read. */
export interface SampleEnvelope {
  readonly version: Version
  /** The children of Header. */
  readonly header: readonly Element[]
  /** The first child of Body. */
  readonly content: Element | undefined
  /** The message itself, in UTF-8. */
  readonly bytes: Buffer
}

const LIMITS = { maxDepth: 256, maxElements: 100_000 }

/** Reads a SOAP message. @throws SyntaxError with the reason in one line */
export function readEnvelope (text: string): SampleEnvelope {
  const bytes = Buffer.from(text)
  const tree = readPositionedTree(bytes, { charset: 'utf-8', ...LIMITS })
  if ('kind' in tree) throw new SyntaxError(`the message cannot be read: ${tree.reason}`)
  const { root } = tree
  const version = versionOf(root.namespace)
  if (root.name !== 'Envelope' || version === undefined) throw new SyntaxError('the message is not a SOAP envelope')
  const part = (name: string): Element | undefined =>
    root.children.find(each => is(each, SOAP_NAMESPACE[version], name))
  const body = part('Body')
  if (body === undefined) throw new SyntaxError('the envelope has no Body')
  return { version, header: part('Header')?.children ?? [], content: body.children[0], bytes }
}

export const is = (element: Element, namespace: string, name: string): boolean =>
  element.name === name && element.namespace === namespace

/** The first element of this local name at or below this one, in any namespace. */
export function find (within: Element, name: string): Element | undefined {
  if (within.name === name) return within
  for (const child of within.children) {
    const found = find(child, name)
    if (found !== undefined) return found
  }
  return undefined
}

export const trimmedText = (element: Element | undefined): string => (element?.text ?? '').trim()

/**
 * An element of a message as a text of its own, with the content of one element in it, or its own, replaced by this
 * text.
 */
export function withText (bytes: Buffer, element: Element, replaced: Element, text: string): string {
  const { start, open, close, end, nameEnd } = replaced
  const name = bytes.toString('utf8', start + 1, nameEnd)
  const before = bytes.subarray(0, close === end ? end - 2 : open)
  const content = close === end ? `>${escapeText(text)}</${name}>` : escapeText(text)
  const made = Buffer.concat([before, Buffer.from(content), bytes.subarray(close)])
  return markupOf(made, [{ ...element, end: element.end + made.length - bytes.length }], 'utf-8')
}

/** A message with this content. `header` is the content of Header. */
export const writeEnvelope = (version: Version, content: string, header = ''): string =>
  `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE[version]}">` +
  (header === '' ? '' : `<soapenv:Header>${header}</soapenv:Header>`) +
  `<soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`

/** The content of a message that reports a fault. `detail` is XML. */
export function writeFault (version: Version, by: 'client' | 'server', reason: string, detail = ''): string {
  const text = escapeText(reason)
  if (version === '1.1') {
    const code = by === 'client' ? 'Client' : 'Server'
    return (
      `<soapenv:Fault><faultcode>soapenv:${code}</faultcode><faultstring>${text}</faultstring>` +
      `<detail>${detail}</detail></soapenv:Fault>`
    )
  }
  const code = by === 'client' ? 'Sender' : 'Receiver'
  return (
    `<soapenv:Fault><soapenv:Code><soapenv:Value>soapenv:${code}</soapenv:Value></soapenv:Code>` +
    `<soapenv:Reason><soapenv:Text xml:lang="en-US">${text}</soapenv:Text></soapenv:Reason>` +
    `<soapenv:Detail>${detail}</soapenv:Detail></soapenv:Fault>`
  )
}

/** The reason of a fault; undefined if the message is not a fault. */
export function faultOf ({ version, content }: SampleEnvelope): string | undefined {
  if (content === undefined || !is(content, SOAP_NAMESPACE[version], 'Fault')) return undefined
  return trimmedText(find(content, version === '1.1' ? 'faultstring' : 'Text'))
}

/** The SOAP version that this Content-Type announces; undefined if it announces none, or a charset other than UTF-8. */
export function announced (contentType = ''): Version | undefined {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
  return /^(utf-8|us-ascii)$/i.test(charset)
    ? (['1.1', '1.2'] as const).find(version => type === MEDIA_TYPE[version])
    : undefined
}
