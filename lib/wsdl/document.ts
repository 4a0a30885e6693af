import { escapeAttribute } from '../xml/escape.js'
import { attributeOf, childrenOf, parseTree, type Node } from './tree.js'

export const WSDL = 'http://schemas.xmlsoap.org/wsdl/'
export const WSDL2 = 'http://www.w3.org/ns/wsdl'
export const SCHEMA = 'http://www.w3.org/2001/XMLSchema'
/** The namespaces of the three bindings of WSDL 1.1 that have an address. */
export const SOAP11 = 'http://schemas.xmlsoap.org/wsdl/soap/'
export const SOAP12 = 'http://schemas.xmlsoap.org/wsdl/soap12/'
const HTTP = 'http://schemas.xmlsoap.org/wsdl/http/'

/** What a document is, by its root. Also the key of the query that asks for it. */
export type DocumentKind = 'wsdl' | 'wsdl2' | 'xsd'

/** A stretch of a document that says where something is, or how it is encoded. */
export type TextRange =
  | { readonly what: 'address', readonly secure: boolean, readonly start: number, readonly end: number }
  | { readonly what: 'import', readonly location: string, readonly start: number, readonly end: number }
  | { readonly what: 'encoding', readonly start: number, readonly end: number }

/** A WSDL or a schema as it was written, and the places in it that change when it is published. */
export interface Document {
  readonly kind: DocumentKind
  readonly text: string
  readonly places: readonly TextRange[]
}

/** Where a proxy can be called: at least one of the two. */
export interface Addresses { readonly http?: string | undefined, readonly https?: string | undefined }

const KINDS: Readonly<Record<string, DocumentKind>> = {
  [`${WSDL} definitions`]: 'wsdl',
  [`${WSDL2} description`]: 'wsdl2',
  [`${SCHEMA} schema`]: 'xsd'
}

/**
 * Reads a document that is to be published.
 * @throws SyntaxError of what is no XML (see `parseTree`), or neither a WSDL nor a schema
 */
export function readDocument (text: string): Document & { readonly root: Node } {
  const root = parseTree(text)
  const kind = KINDS[`${root.namespace} ${root.name}`]
  if (!kind) throw new SyntaxError(`neither a WSDL nor a schema: the root is <${root.name}>${root.namespace && ` of ${root.namespace}`}`)
  const places: TextRange[] = [...encoding(text), ...addresses(root, kind), ...imports(root)]
  return { kind, text, root, places: places.sort((a, b) => a.start - b.start) }
}

/**
 * The text of a document with other addresses in it; every other character stays.
 * A port or endpoint keeps to TLS where that address is known. `importUrl` says what stands for the location of an import, which may be itself.
 * The encoding in its declaration becomes UTF-8.
 */
export function rewriteWsdl (document: Document, options: { addresses: Addresses, importUrl: (location: string) => string }): string {
  const { addresses: { http, https }, importUrl } = options
  let text = ''
  let from = 0
  for (const place of document.places) {
    const value = place.what === 'encoding'
      ? 'UTF-8'
      : place.what === 'import'
        ? importUrl(place.location)
        : (place.secure ? https ?? http : http ?? https) ?? ''
    if (place.what === 'import' && value === place.location) continue
    text += document.text.slice(from, place.start) + escapeAttribute(value)
    from = place.end
  }
  return text + document.text.slice(from)
}

function * encoding (text: string): Generator<TextRange> {
  const declared = /^\uFEFF?<\?xml[^>]{0,200}?\sencoding\s*=\s*(["'])([\w.-]{1,40})\1/d.exec(text)
  const range = declared?.indices?.[2]
  if (declared && range && !/^utf-?8$/i.test(declared[2]!)) yield { what: 'encoding', start: range[0], end: range[1] }
}

function * addresses (root: Node, kind: DocumentKind): Generator<TextRange> {
  const address = (node: Node, name: string): TextRange[] => {
    const found = attributeOf(node, name)
    return found ? [{ what: 'address', secure: /^\s*https:/i.test(found.value), start: found.start, end: found.end }] : []
  }
  const [namespace, port] = kind === 'wsdl' ? [WSDL, 'port'] : [WSDL2, 'endpoint']
  for (const each of childrenOf(root, namespace, 'service').flatMap(service => childrenOf(service, namespace, port))) {
    if (kind === 'wsdl2') yield * address(each, 'address')
    else for (const binding of [SOAP11, SOAP12, HTTP]) for (const node of childrenOf(each, binding, 'address')) yield * address(node, 'location')
  }
}

function * imports (node: Node): Generator<TextRange> {
  const inSchema = node.namespace === SCHEMA && node.name === 'schema'
  const inTypes = node.namespace !== SCHEMA && node.name === 'types'
  for (const child of node.children) {
    const named = !/^(import|include|redefine|override)$/.test(child.name)
      ? undefined
      : child.namespace === SCHEMA
        ? (inSchema || inTypes ? 'schemaLocation' : undefined)
        : node.parent === undefined && child.namespace === node.namespace ? 'location' : undefined
    const attribute = named && attributeOf(child, named)
    const location = attribute ? attribute.value.trim() : ''
    if (attribute && location !== '') yield { what: 'import', location, start: attribute.start, end: attribute.end }
    if (node.parent === undefined && child.namespace === node.namespace && child.name === 'types') yield * imports(child)
    if (inTypes && child.namespace === SCHEMA && child.name === 'schema') yield * imports(child)
  }
}
