import { MediationError } from '../message/fault.js'
import { escapeAttribute, escapeText } from '../xml/escape.js'
import { isContent } from '../xml/fragment.js'
import { elementAt, namespaceOf, scopeIn, split, tags, type Scope, type Tag } from '../xml/tags.js'
import { contentOf as textIn } from '../xml/characters.js'
import { extractElements, decode, envelopeOf, isSoap, outline, asLatin1, type EncodedText, type Outline } from './outline.js'
import type { HeaderBlock, Envelope } from '../message/envelope.js'
import { SOAP_NAMESPACE, type Version } from '../message/soap-version.js'

/** A name in a namespace; `prefix` is how it would like to be written. */
export interface QName { readonly prefix?: string | undefined, readonly namespace: string, readonly name: string }

/** A SOAP fault, with one reason, in English. What one version of SOAP has no place for (subcode and node in 1.1) is not written. */
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
  /** Header blocks as XML that declares its own prefixes. */
  readonly headers?: string | undefined
}

/** A fault as a message of its own, in UTF-8 (the form is that of Apache Synapse 3.0.1). */
export function writeFault (fault: SoapFault): string {
  const header = fault.headers ? `<soapenv:Header>${fault.headers}</soapenv:Header>` : '<soapenv:Header/>'
  return `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE[fault.version]}">${header}<soapenv:Body>${faultElement(fault)}</soapenv:Body></soapenv:Envelope>`
}

/** What a client of plain XML gets instead of a fault. @param content XML or escaped text; what is neither is escaped */
export const writeException = (content: string): string => element('Exception', contentOf(content))

/**
 * The element Fault alone.
 * @param prefix that of SOAP, where the element will stand
 * @param attributes of Fault, as markup
 */
export function faultElement ({ version, code, subcode, reason, node, role, detail }: SoapFault, prefix = 'soapenv', attributes = ''): string {
  const soap = { prefix, namespace: SOAP_NAMESPACE[version] }
  const parts = version === '1.1'
    ? [
        qualified('faultcode', code, soap),
        element('faultstring', escapeText(reason)),
        role === undefined ? '' : element('faultactor', escapeText(role)),
        detail === undefined ? '' : element('detail', contentOf(detail))
      ]
    : [
        element(`${prefix}:Code`, qualified(`${prefix}:Value`, code, soap) + (subcode === undefined ? '' : element(`${prefix}:Subcode`, qualified(`${prefix}:Value`, subcode, soap)))),
        element(`${prefix}:Reason`, `<${prefix}:Text xml:lang="en">${escapeText(reason)}</${prefix}:Text>`),
        node === undefined ? '' : element(`${prefix}:Node`, escapeText(node)),
        role === undefined ? '' : element(`${prefix}:Role`, escapeText(role)),
        detail === undefined ? '' : element(`${prefix}:Detail`, contentOf(detail))
      ]
  return `<${prefix}:Fault${attributes}>${parts.join('')}</${prefix}:Fault>`
}

const element = (name: string, content: string): string => content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`

/** Never markup that would break the message that it is put into. */
const contentOf = (xml: string): string => isContent(xml) ? xml : escapeText(xml)

function qualified (tag: string, { prefix, namespace, name }: QName, soap: Omit<QName, 'name'>): string {
  if (namespace === '') return element(tag, escapeText(name))
  if (namespace === soap.namespace && (prefix ?? soap.prefix) === soap.prefix) return `<${tag}>${soap.prefix}:${escapeText(name)}</${tag}>`
  const usable = prefix !== undefined && prefix !== soap.prefix && /^(?!xml)[a-z_][\w.-]*$/i.test(prefix)
  const own = usable ? prefix : soap.prefix === 'code' ? 'code1' : 'code'
  return `<${tag} xmlns:${own}="${escapeAttribute(namespace)}">${own}:${escapeText(name)}</${tag}>`
}

/**
 * The header blocks of a message as XML that can stand anywhere, but for those to leave out. Empty where there are none, and for a
 * Header whose namespaces are so long that its blocks would grow out of all proportion.
 */
export function headersOf (bytes: Buffer, { header, blocks, part }: Envelope, except: (block: HeaderBlock) => boolean = () => false, encoded: EncodedText = { charset: part?.charset }): string {
  const wanted = blocks.filter(block => !except(block))
  if (header === undefined || wanted.length === 0) return ''
  const text = asLatin1(bytes.subarray(0, header.end))
  const [envelope] = tags(text, part?.start)
  const [start] = tags(text, header.start, [''])
  const scope = scopeIn(text, start!, scopeIn(text, envelope!))
  return tryReadFault(() => decode(extractElements(text, wanted.map(({ start }) => ({ kind: 'open', name: '', start, end: start })), scope), bytes.subarray(part?.start ?? 0), encoded)) ?? ''
}

/** How far behind the Header a Fault may begin. What stands there before Body and Fault is space and comments. */
const FAULT_SEARCH_LIMIT = 65_536

/**
 * The fault that a SOAP message carries: its Body's first child. Undefined when there is none, or none that can be read to its end.
 * A message that is no fault is looked at up to the first start tag in its Body only.
 */
export function readFault (bytes: Buffer, envelope: Envelope = envelopeOf(bytes), encoded?: EncodedText): SoapFault | undefined {
  const isFault = tryReadFault(() => faultIn(outline(bytes, envelope, FAULT_SEARCH_LIMIT))) !== undefined
  return isFault ? tryReadFault(() => faultOf(outline(bytes, envelope), bytes, encoded)) : undefined
}

function tryReadFault<T> (act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof MediationError) return undefined
    throw error
  }
}

/** The start tag of the Fault, if that is what the message carries. */
export const faultIn = ({ text, first, version, inner }: Outline): Tag | undefined =>
  first !== undefined && isSoap(text, first, 'Fault', version, inner) ? first : undefined

/** The fault whose start tag is the first in Body. @throws MediationError UNREADABLE */
export function faultOf ({ text, first, version, inner }: Outline, bytes: Buffer, encoded?: EncodedText): SoapFault {
  interface Part { readonly tag: Tag, readonly close: Tag, readonly scope: Scope }
  /** SOAP 1.1 does not qualify the parts of a Fault; many who write it do. */
  const part = (local: string, of: Part | undefined): Part | undefined => {
    if (of === undefined) return undefined
    const found = elementAt(text, of.tag.start).children.find(({ tag }) => version === '1.1' ? split(tag.name).local === local : isSoap(text, tag, local, version, of.scope))
    return found && { ...found, scope: scopeIn(text, found.tag, of.scope) }
  }
  const decoded = (raw: string): string => decode(raw, bytes, encoded)
  const rawOf = (of: Part): string => text.slice(of.tag.end, Math.max(of.tag.end, of.close.start))
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<[^>]*>/g, (_, cdata?: string) => cdata === undefined ? '' : cdata.replaceAll('&', '&amp;'))
  const textOf = (of: Part | undefined): string | undefined => of && textIn(decoded(rawOf(of)))
  const trimmed = (of: Part | undefined): string | undefined => textOf(of)?.trim()
  const codeOf = (of: Part | undefined): QName | undefined => {
    if (of === undefined) return undefined
    const name = rawOf(of).trim()
    const { prefix, local } = split(name)
    return { prefix: decoded(prefix), namespace: decoded(namespaceOf(name, of.scope)), name: decoded(local) }
  }
  const detailOf = (of: Part | undefined): string | undefined =>
    of && (of.tag.kind === 'empty' ? '' : decoded(extractElements(text, elementAt(text, of.tag.start).children.map(({ tag }) => tag), of.scope, of.tag.end, of.close.start)))

  const node = elementAt(text, first!.start)
  const fault: Part = { tag: node.tag, close: node.close, scope: scopeIn(text, node.tag, inner) }
  const none: QName = { namespace: '', name: '' }
  if (version === '1.1') {
    return { version, code: codeOf(part('faultcode', fault)) ?? none, reason: textOf(part('faultstring', fault)) ?? '', role: trimmed(part('faultactor', fault)), detail: detailOf(part('detail', fault)) }
  }
  const code = part('Code', fault)
  return {
    version,
    code: codeOf(part('Value', code)) ?? none,
    subcode: codeOf(part('Value', part('Subcode', code))),
    reason: textOf(part('Text', part('Reason', fault))) ?? '',
    node: trimmed(part('Node', fault)),
    role: trimmed(part('Role', fault)),
    detail: detailOf(part('Detail', fault))
  }
}
