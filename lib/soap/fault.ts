import { MediationError } from '../message/fault.js'
import type { HeaderBlock, Envelope } from '../message/envelope.js'
import { SOAP_NAMESPACE, type Version } from '../message/soap-version.js'
import { escapeAttribute, escapeText } from '../xml/escape.js'
import { isContent } from '../xml/fragment.js'
import { markupOf, namespaceIn, type PositionedElement } from '../xml/positioned-tree.js'
import { isSoap, outline, unreadableXml, type EncodedText, type EnvelopeOutline } from './outline.js'
import { scan } from './scan.js'

/** A name in a namespace; `prefix` is the preferred one. */
export interface QName {
  readonly prefix?: string | undefined
  readonly namespace: string
  readonly name: string
}

/** A SOAP fault with one reason, in English. Subcode and node are not written in 1.1, which does not have them. */
export interface SoapFault {
  readonly version: Version
  readonly code: QName
  readonly subcode?: QName | undefined
  readonly reason: string
  readonly node?: string | undefined
  /** `faultactor` in 1.1. */
  readonly role?: string | undefined
  /** XML that declares its own prefixes, or escaped text; empty for an empty element. */
  readonly detail?: string | undefined
  /** Whether the detail of a fault that was read has text of its own, beside elements. */
  readonly hasDetailText?: boolean | undefined
  /** Header blocks as XML that declares its own prefixes. */
  readonly headers?: string | undefined
}

/** A fault as a message of its own, in UTF-8. The form is that of Apache Synapse 3.0.1. */
export function writeFault (fault: SoapFault): string {
  const header = fault.headers ? `<soapenv:Header>${fault.headers}</soapenv:Header>` : '<soapenv:Header/>'
  return (
    `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE[fault.version]}">` +
    `${header}<soapenv:Body>${faultElement(fault)}</soapenv:Body></soapenv:Envelope>`
  )
}

/**
 * The element that clients of plain XML receive instead of a fault. @param content XML or escaped text; anything else
 * is escaped
 */
export const writeException = (content: string): string => element('Exception', contentOf(content))

/**
 * The element Fault alone.
 * @param prefix that of SOAP, where the element will be
 * @param attributes of Fault, as markup
 */
export function faultElement (
  { version, code, subcode, reason, node, role, detail }: SoapFault,
  prefix = 'soapenv',
  attributes = ''
): string {
  const soap = { prefix, namespace: SOAP_NAMESPACE[version] }
  const parts =
    version === '1.1'
      ? [
          qualified('faultcode', code, soap),
          element('faultstring', escapeText(reason)),
          role === undefined ? '' : element('faultactor', escapeText(role)),
          detail === undefined ? '' : element('detail', contentOf(detail))
        ]
      : [
          element(
            `${prefix}:Code`,
            qualified(`${prefix}:Value`, code, soap) +
              (subcode === undefined
                ? ''
                : element(`${prefix}:Subcode`, qualified(`${prefix}:Value`, subcode, soap)))
          ),
          element(`${prefix}:Reason`, `<${prefix}:Text xml:lang="en">${escapeText(reason)}</${prefix}:Text>`),
          node === undefined ? '' : element(`${prefix}:Node`, escapeText(node)),
          role === undefined ? '' : element(`${prefix}:Role`, escapeText(role)),
          detail === undefined ? '' : element(`${prefix}:Detail`, contentOf(detail))
        ]
  return `<${prefix}:Fault${attributes}>${parts.join('')}</${prefix}:Fault>`
}

const element = (name: string, content: string): string =>
  content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`

/** Escapes what would break the message that it is put into. */
const contentOf = (xml: string): string => (isContent(xml) ? xml : escapeText(xml))

function qualified (tag: string, { prefix, namespace, name }: QName, soap: Omit<QName, 'name'>): string {
  if (namespace === '') return element(tag, escapeText(name))
  if (namespace === soap.namespace && (prefix ?? soap.prefix) === soap.prefix) {
    return `<${tag}>${soap.prefix}:${escapeText(name)}</${tag}>`
  }
  const usable = prefix !== undefined && prefix !== soap.prefix && /^(?!xml)[a-z_][\w.-]*$/i.test(prefix)
  const own = usable ? prefix : soap.prefix === 'code' ? 'code1' : 'code'
  return `<${tag} xmlns:${own}="${escapeAttribute(namespace)}">${own}:${escapeText(name)}</${tag}>`
}

/**
 * Returns header blocks of a message as XML that declares its prefixes, except the blocks to leave out. Empty if there
 * are none, and if long namespaces would multiply their size.
 */
export function headersOf (
  bytes: Buffer,
  { header, blocks, part }: Envelope,
  except: (block: HeaderBlock) => boolean = () => false,
  encoded: EncodedText = { charset: part?.charset }
): string {
  const from = part?.start ?? 0
  const wanted = new Set(blocks.filter(block => !except(block)).map(({ start }) => start - from))
  if (header === undefined || wanted.size === 0) return ''
  const start = bytes.subarray(from, header.end)
  return (
    tryReading(() => {
      const { header, encoding } = outline(start, encoded, 'header')
      return markupOf(start, header?.children.filter(({ start }) => wanted.has(start)) ?? [], encoding)
    }) ?? ''
  )
}

/**
 * How many bytes after the Header a Fault may begin. Only white space and comments are there before Body and
 * Fault.
 */
const FAULT_SEARCH_LIMIT = 65_536

/**
 * Reads the fault in a SOAP message: the first child of its Body. Undefined if that is another element, or cannot be
 * read to its end. Of other messages nothing is read after the first start tag in Body.
 */
export function readFault (
  bytes: Buffer,
  envelope?: Pick<Envelope, 'rest'>,
  encoded?: EncodedText
): SoapFault | undefined {
  const { rest } = envelope ?? envelopeOf(bytes, encoded)
  const isFault = tryReading(() =>
    hasFault(outline(bytes.subarray(0, rest + FAULT_SEARCH_LIMIT), encoded, 'content'))
  )
  return isFault === true ? tryReading(() => faultOf(outline(bytes, encoded), bytes)) : undefined
}

/** The start of a SOAP message. @throws MediationError UNREADABLE */
function envelopeOf (bytes: Buffer, encoded?: EncodedText): Envelope {
  const seen = scan(bytes, { ...encoded, limit: bytes.length })
  if (seen.kind === 'envelope') return seen
  throw unreadableXml(seen.kind === 'plain' ? 'it is not a SOAP message' : seen.reason)
}

function tryReading<T> (act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof MediationError || error instanceof RangeError) return undefined
    throw error
  }
}

/** Whether the message carries a fault. */
export const hasFault = ({ content, version }: EnvelopeOutline): boolean =>
  content !== undefined && isSoap(content, version, 'Fault')

/**
 * Reads the fault that is the first element in Body. @throws MediationError UNREADABLE if namespaces would multiply the
 * size of its detail
 */
export function faultOf ({ content, version, encoding }: EnvelopeOutline, bytes: Buffer): SoapFault {
  /** SOAP 1.1 does not qualify the parts of a Fault; many writers do. */
  const part = (of: PositionedElement | undefined, local: string): PositionedElement | undefined =>
    of?.children.find(child => (version === '1.1' ? child.name === local : isSoap(child, version, local)))
  const trimmed = (of: PositionedElement | undefined): string | undefined => of?.text.trim()
  const codeOf = (of: PositionedElement | undefined): QName | undefined => {
    if (of === undefined) return undefined
    const code = of.text.trim()
    const colon = code.indexOf(':')
    const prefix = code.slice(0, Math.max(colon, 0))
    return { prefix, namespace: namespaceIn(of.scope, prefix) ?? '', name: code.slice(colon + 1) }
  }
  const detailOf = (of: PositionedElement | undefined): string | undefined => {
    try {
      return of && markupOf(bytes, of.children, encoding, of.open, of.close)
    } catch (error) {
      throw error instanceof RangeError ? unreadableXml(error.message) : error
    }
  }

  const none: QName = { namespace: '', name: '' }
  const hasText = (of: PositionedElement | undefined): true | undefined => {
    const inside = of?.children.reduce((sum, { text }) => sum + visible(text), 0) ?? 0
    return of !== undefined && visible(of.text) > inside ? true : undefined
  }
  if (version === '1.1') {
    const detail = detailOf(part(content, 'detail'))
    return {
      version,
      code: codeOf(part(content, 'faultcode')) ?? none,
      reason: part(content, 'faultstring')?.text ?? '',
      role: trimmed(part(content, 'faultactor')),
      detail,
      hasDetailText: hasText(part(content, 'detail'))
    }
  }
  const code = part(content, 'Code')
  return {
    version,
    code: codeOf(part(code, 'Value')) ?? none,
    subcode: codeOf(part(part(code, 'Subcode'), 'Value')),
    reason: part(part(content, 'Reason'), 'Text')?.text ?? '',
    node: trimmed(part(content, 'Node')),
    role: trimmed(part(content, 'Role')),
    detail: detailOf(part(content, 'Detail')),
    hasDetailText: hasText(part(content, 'Detail'))
  }
}

/** How many characters of a text are not white space. */
const visible = (text: string): number => text.replace(/\s+/g, '').length
