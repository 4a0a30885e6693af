import { DOMParser, type Element, type Node } from '@xmldom/xmldom'
import { toBytes, type Spoken } from './record.js'
import { valuesOf } from './wire.js'

/**
 * What a message says: two texts are equal when the messages mean the same. Of XML count names with their namespaces,
 * attributes, texts, comments; not prefixes, quotes, CDATA, where namespaces are declared, an empty SOAP Header, or
 * space between the parts of an envelope. It is read by another parser than the gateway's own, so that one cannot hide
 * the mistakes of the other.
 */
export function meaning (message: Spoken): string {
  const bytes = toBytes(message.body)
  if (bytes.length === 0) return ''
  const text = textOf(message)
  if (valuesOf(message.head, 'content-type').some(type => /json/i.test(type))) {
    try { return JSON.stringify(JSON.parse(text)) } catch { return text }
  }
  const root = parsed(text)
  return root === undefined ? bytes.toString('latin1') : shown(root)
}

export interface SoapFault {
  readonly version: '1.1' | '1.2'
  readonly code?: string | undefined
  readonly reason?: string | undefined
  readonly role?: string | undefined
  readonly node?: string | undefined
  readonly detail?: string | undefined
  /** The names of the header blocks beside it. */
  readonly headers: string
}

/** The fault in a message, if it is one. */
export function faultIn (message: Spoken): SoapFault | undefined {
  const root = parsed(textOf(message))
  if (root === undefined || !isEnvelope(root)) return undefined
  const soap = (node: Element | undefined, name: string): Element | undefined =>
    node && elements(node).find(each => each.localName === name && each.namespaceURI === root.namespaceURI)
  const fault = soap(soap(root, 'Body'), 'Fault')
  if (fault === undefined) return undefined
  const plain = (name: string): Element | undefined =>
    elements(fault).find(each => each.localName === name && !each.namespaceURI)
  const version = root.namespaceURI === SOAP_11 ? '1.1' : '1.2'
  const [code, reason, role, detail] =
    version === '1.1'
      ? [plain('faultcode'), plain('faultstring'), plain('faultactor'), plain('detail')]
      : [
          soap(soap(fault, 'Code'), 'Value'),
          soap(soap(fault, 'Reason'), 'Text'),
          soap(fault, 'Role'),
          soap(fault, 'Detail')
        ]
  return {
    version,
    code: code && qualified(code.textContent!.trim(), code),
    reason: reason?.textContent!.trim(),
    role: role?.textContent ?? undefined,
    node: soap(fault, 'Node')?.textContent ?? undefined,
    detail:
      detail &&
      [detail.textContent!.trim(), ...elements(detail).map(each => `${each.localName}=${each.textContent}`)].join(
        ' '
      ),
    headers: elements(soap(root, 'Header')).map(name).join(' ')
  }
}

/** The body as text, in the encoding that it has: a mark at its beginning, its declaration, its Content-Type. */
export function textOf ({ head, body }: Spoken): string {
  const bytes = toBytes(body)
  const start = bytes.toString('latin1', 0, 100)
  const wide = /^(\xfe\xff|\0<)/.test(start) ? 'utf-16be' : /^(\xff\xfe|<\0)/.test(start) ? 'utf-16le' : undefined
  const declared = /^<\?xml[^>]*encoding=["']([\w-]+)/.exec(start)?.[1]
  const labelled = /charset="?([\w-]+)/i.exec(valuesOf(head, 'content-type')[0] ?? '')?.[1]
  try {
    return new TextDecoder(wide ?? declared ?? labelled ?? 'utf-8').decode(bytes)
  } catch {
    return bytes.toString()
  }
}

const SOAP_11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const SOAP_12 = 'http://www.w3.org/2003/05/soap-envelope'
const { ELEMENT_NODE, TEXT_NODE, CDATA_SECTION_NODE, COMMENT_NODE } = {
  ELEMENT_NODE: 1,
  TEXT_NODE: 3,
  CDATA_SECTION_NODE: 4,
  COMMENT_NODE: 8
}

function parsed (text: string): Element | undefined {
  if (!text.trimStart().startsWith('<')) return undefined
  try {
    const document = new DOMParser({
      onError: (_, message) => {
        throw new SyntaxError(message)
      }
    }).parseFromString(text, 'text/xml')
    return document.doctype ? undefined : document.documentElement ?? undefined
  } catch {
    return undefined
  }
}

const elements = (node: Node | undefined): Element[] =>
  [...(node?.childNodes ?? [])].filter((each): each is Element => each.nodeType === ELEMENT_NODE)
const isText = ({ nodeType }: Node): boolean => nodeType === TEXT_NODE || nodeType === CDATA_SECTION_NODE
const isEnvelope = ({ localName, namespaceURI }: Element): boolean =>
  localName === 'Envelope' && (namespaceURI === SOAP_11 || namespaceURI === SOAP_12)
const name = ({
  namespaceURI,
  localName
}: {
  readonly namespaceURI: string | null
  readonly localName: string | null
}): string => `{${namespaceURI ?? ''}}${localName}`

/**
 * `p:x` where p is a prefix in scope, by its namespace: a QName means that, and nothing else looks like one that is.
 */
const qualified = (text: string, scope: Element): string =>
  text.replace(/^([\w.-]+):([\w.-]+)$/, (whole, prefix: string, local: string) => {
    const namespace = scope.lookupNamespaceURI(prefix)
    return namespace === null ? whole : `{${namespace}}${local}`
  })

function shown (node: Node, parent?: Element): string {
  if (isText(node)) return node.nodeValue!.replace(/\r\n?/g, '\n').replace(/[&<>]/g, each => `&#${each.charCodeAt(0)};`)
  if (node.nodeType === COMMENT_NODE) return `<!--${node.nodeValue}-->`
  if (node.nodeType !== ELEMENT_NODE) return `<?${node.nodeName} ${node.nodeValue}?>`
  const element = node as Element
  const attributes = [...element.attributes]
    .filter(({ namespaceURI, name }) => namespaceURI !== 'http://www.w3.org/2000/xmlns/' && name !== 'xmlns')
    .map(each => ` ${name(each)}=${JSON.stringify(qualified(each.value, element))}`)
    .sort()
  const children = [...element.childNodes].filter(child => !isNothing(child, element, parent))
  const inner = children.map(child => shown(child, element)).join('')
  return `<${name(element)}${attributes.join('')}>${children.every(isText) ? qualified(inner, element) : inner}</>`
}

/** Space between the parts of an envelope, and a Header without blocks. */
function isNothing (node: Node, parent: Element, grandparent: Element | undefined): boolean {
  const outer = grandparent === undefined && isEnvelope(parent)
  const header =
    grandparent !== undefined &&
    isEnvelope(grandparent) &&
    grandparent.parentNode === grandparent.ownerDocument &&
    parent.localName === 'Header'
  if (isText(node)) return outer || (header && node.nodeValue!.trim() === '')
  return (
    outer &&
    (node.nodeType !== ELEMENT_NODE || ((node as Element).localName === 'Header' && elements(node).length === 0))
  )
}
