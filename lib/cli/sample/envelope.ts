/**
 * SOAP as the sample back-ends and the sample client read and write it. They parse with eyes of their own, not with those
 * of the gateway between them: what the gateway writes wrongly must show.
 */
import { DOMParser, XMLSerializer, type Element, type Node } from '@xmldom/xmldom'
import { MEDIA_TYPE, SOAP_NAMESPACE, versionOf, type Version } from '../../message/soap-version.js'
import { escapeText } from '../../xml/escape.js'

export type { Element }

/** A SOAP message that was read. */
export interface Envelope {
  readonly version: Version
  /** The children of Header. */
  readonly header: readonly Element[]
  /** The first child of Body. */
  readonly content: Element | undefined
}

/** Each one costs its depth in memory, so there is an end to them. */
const MOST_DECLARATIONS = 1000

/** @throws SyntaxError with one line that says what is wrong, for text that is no SOAP message. */
export function readEnvelope (text: string): Envelope {
  if (/<!DOCTYPE/i.test(text)) throw new SyntaxError('a DOCTYPE is not accepted')
  if (text.split('xmlns', MOST_DECLARATIONS + 2).length > MOST_DECLARATIONS + 1) throw new SyntaxError('too many namespaces are declared')
  const root = parse(text)
  const version = versionOf(root.namespaceURI ?? '')
  if (root.localName !== 'Envelope' || version === undefined) throw new SyntaxError('this is no SOAP envelope')
  const part = (name: string): Element | undefined => elementsOf(root).find(each => is(each, SOAP_NAMESPACE[version], name))
  const body = part('Body')
  if (body === undefined) throw new SyntaxError('the envelope has no Body')
  const header = part('Header')
  return { version, header: header === undefined ? [] : elementsOf(header), content: elementsOf(body)[0] }
}

function parse (text: string): Element {
  let problem: string | undefined
  try {
    const root = new DOMParser({ onError: (_level, message) => { problem ??= message } }).parseFromString(text, 'text/xml').documentElement
    if (root !== null && problem === undefined) return root
  } catch (error) {
    problem ??= String(error)
  }
  throw new SyntaxError(`this is no XML: ${(problem ?? 'it is empty').split('\n', 1)[0]!.slice(0, 100)}`)
}

export const is = (element: Element, namespace: string, name: string): boolean =>
  element.localName === name && (element.namespaceURI ?? '') === namespace

export const elementsOf = (parent: Element): Element[] => Array.from<Node>(parent.childNodes).filter((node): node is Element => node.nodeType === 1)

/** The first element of this local name at or below this one, in any namespace. */
export const find = (within: Element, name: string): Element | undefined =>
  within.localName === name ? within : within.getElementsByTagNameNS('*', name)[0]

export const textOf = (element: Element | undefined): string => (element?.textContent ?? '').trim()

export const markupOf = (element: Element): string => new XMLSerializer().serializeToString(element)

/** The text of a message with this content; `header` is what stands inside Header. */
export const writeEnvelope = (version: Version, content: string, header = ''): string =>
  `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE[version]}">` +
  (header === '' ? '' : `<soapenv:Header>${header}</soapenv:Header>`) +
  `<soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`

/** The content of a message that reports a fault. `detail` is XML. */
export const writeFault = (version: Version, by: 'client' | 'server', reason: string, detail = ''): string =>
  version === '1.1'
    ? `<soapenv:Fault><faultcode>soapenv:${by === 'client' ? 'Client' : 'Server'}</faultcode><faultstring>${escapeText(reason)}</faultstring><detail>${detail}</detail></soapenv:Fault>`
    : `<soapenv:Fault><soapenv:Code><soapenv:Value>soapenv:${by === 'client' ? 'Sender' : 'Receiver'}</soapenv:Value></soapenv:Code>` +
      `<soapenv:Reason><soapenv:Text xml:lang="en-US">${escapeText(reason)}</soapenv:Text></soapenv:Reason><soapenv:Detail>${detail}</soapenv:Detail></soapenv:Fault>`

/** The reason of a fault, or undefined where the message is none. */
export function faultOf ({ version, content }: Envelope): string | undefined {
  if (content === undefined || !is(content, SOAP_NAMESPACE[version], 'Fault')) return undefined
  return textOf(find(content, version === '1.1' ? 'faultstring' : 'Text'))
}

/** The version that this Content-Type announces; undefined where it announces none, or a charset other than UTF-8. */
export function announced (contentType = ''): Version | undefined {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
  return /^(utf-8|us-ascii)$/i.test(charset) ? (['1.1', '1.2'] as const).find(version => type === MEDIA_TYPE[version]) : undefined
}
