import { escapeAttribute } from '../xml/escape.js'
import { attributeOf, childrenOf, readPositionedTree, type PositionedElement } from '../xml/positioned-tree.js'

export const WSDL = 'http://schemas.xmlsoap.org/wsdl/'
export const WSDL2 = 'http://www.w3.org/ns/wsdl'
export const SCHEMA = 'http://www.w3.org/2001/XMLSchema'
/** The namespaces of the three bindings of WSDL 1.1 that have an address. */
export const SOAP11 = 'http://schemas.xmlsoap.org/wsdl/soap/'
export const SOAP12 = 'http://schemas.xmlsoap.org/wsdl/soap12/'
const HTTP = 'http://schemas.xmlsoap.org/wsdl/http/'

/** The kind of a document, by its root. Also the key of the query that requests it. */
export type DocumentKind = 'wsdl' | 'wsdl2' | 'xsd'

/** Bytes of a document that hold an address or the name of its encoding. */
export type ByteRange =
  | { readonly what: 'address'; readonly secure: boolean; readonly start: number; readonly end: number }
  | { readonly what: 'import'; readonly location: string; readonly start: number; readonly end: number }
  | { readonly what: 'encoding'; readonly start: number; readonly end: number }

/** A WSDL or a schema in UTF-8, otherwise as it was written, and the places in it that change when it is published. */
export interface Document {
  readonly kind: DocumentKind
  readonly bytes: Buffer
  readonly places: readonly ByteRange[]
}

/** Where a proxy can be called: at least one of the two. */
export interface Addresses {
  readonly http?: string | undefined
  readonly https?: string | undefined
}

const KINDS: Readonly<Record<string, DocumentKind>> = {
  [`${WSDL} definitions`]: 'wsdl',
  [`${WSDL2} description`]: 'wsdl2',
  [`${SCHEMA} schema`]: 'xsd'
}

const MAX_DEPTH = 256
const MAX_ELEMENTS = 100_000

/**
 * The root of an XML document. It may have 100,000 elements, nested 256 deep.
 * @throws SyntaxError with the line, if it is malformed, has a DOCTYPE or is too large
 */
export function parseDocument (bytes: Buffer): PositionedElement {
  // The text was decoded already, whatever its declaration names.
  const tree = readPositionedTree(bytes, { charset: 'utf-8', maxDepth: MAX_DEPTH, maxElements: MAX_ELEMENTS })
  if (!('kind' in tree)) return tree.root
  let line = 1
  for (let at = bytes.indexOf(LINE_END); at >= 0 && at < tree.offset; at = bytes.indexOf(LINE_END, at + 1)) line++
  throw new SyntaxError(`line ${line}: ${tree.reason.replace(/ \(byte \d+\)$/, '')}`)
}

const LINE_END = 0x0a

/**
 * Reads a document that is to be published.
 * @throws SyntaxError if it is malformed (see `parseDocument`), or neither a WSDL nor a schema
 */
export function readDocument (text: string): Document & { readonly root: PositionedElement } {
  const bytes = Buffer.from(text)
  const root = parseDocument(bytes)
  const kind = KINDS[`${root.namespace} ${root.name}`]
  if (!kind) {
    throw new SyntaxError(
      `neither a WSDL nor a schema: the root is <${root.name}>${root.namespace && ` of ${root.namespace}`}`
    )
  }
  const places: ByteRange[] = [...encoding(bytes), ...addresses(root, kind), ...imports(root)]
  return { kind, bytes, root, places: places.sort((a, b) => a.start - b.start) }
}

/**
 * The text of a document with other addresses in it; every other character stays.
 * A port or endpoint keeps TLS if there is an https address. `importUrl` returns what replaces the location of an
 * import.
 * The encoding in its declaration becomes UTF-8.
 */
export function rewriteWsdl (
  { bytes, places }: Document,
  options: { addresses: Addresses; importUrl: (location: string) => string }
): string {
  const {
    addresses: { http, https },
    importUrl
  } = options
  let text = ''
  let from = 0
  for (const place of places) {
    const value =
      place.what === 'encoding'
        ? 'UTF-8'
        : place.what === 'import'
          ? importUrl(place.location)
          : ((place.secure ? (https ?? http) : (http ?? https)) ?? '')
    if (place.what === 'import' && value === place.location) continue
    text += bytes.toString('utf8', from, place.start) + escapeAttribute(value, '"\'')
    from = place.end
  }
  return text + bytes.toString('utf8', from)
}

function * encoding (bytes: Buffer): Generator<ByteRange> {
  const declared = /^(?:\xEF\xBB\xBF)?<\?xml[^>]{0,200}?\sencoding\s*=\s*(["'])([\w.-]{1,40})\1/d.exec(
    bytes.toString('latin1', 0, 512)
  )
  const range = declared?.indices?.[2]
  if (declared && range && !/^utf-?8$/i.test(declared[2]!)) yield { what: 'encoding', start: range[0], end: range[1] }
}

function * addresses (root: PositionedElement, kind: DocumentKind): Generator<ByteRange> {
  const address = (node: PositionedElement, name: string): ByteRange[] => {
    const found = attributeOf(node, name)
    return found
      ? [{ what: 'address', secure: /^\s*https:/i.test(found.value), start: found.from, end: found.to }]
      : []
  }
  const [namespace, port] = kind === 'wsdl' ? [WSDL, 'port'] : [WSDL2, 'endpoint']
  for (const each of childrenOf(root, namespace, 'service').flatMap(service =>
    childrenOf(service, namespace, port)
  )) {
    if (kind === 'wsdl2') yield * address(each, 'address')
    else {
      for (const binding of [SOAP11, SOAP12, HTTP]) {
        for (const node of childrenOf(each, binding, 'address')) yield * address(node, 'location')
      }
    }
  }
}

function * imports (node: PositionedElement): Generator<ByteRange> {
  const inSchema = node.namespace === SCHEMA && node.name === 'schema'
  const inTypes = node.namespace !== SCHEMA && node.name === 'types'
  for (const child of node.children) {
    const named = !/^(import|include|redefine|override)$/.test(child.name)
      ? undefined
      : child.namespace === SCHEMA
        ? inSchema || inTypes
          ? 'schemaLocation'
          : undefined
        : node.parent === undefined && child.namespace === node.namespace
          ? 'location'
          : undefined
    const attribute = named && attributeOf(child, named)
    const location = attribute ? attribute.value.trim() : ''
    if (attribute && location !== '') yield { what: 'import', location, start: attribute.from, end: attribute.to }
    if (node.parent === undefined && child.namespace === node.namespace && child.name === 'types') {
      yield * imports(child)
    }
    if (inTypes && child.namespace === SCHEMA && child.name === 'schema') yield * imports(child)
  }
}
