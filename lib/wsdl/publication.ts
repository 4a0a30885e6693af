import { NotTranslatable, standalone, toWsdl2 } from './to-wsdl2.js'
import { readDocument, rewriteWsdl, SCHEMA, type Addresses, type Document, type DocumentKind } from './document.js'
import { childrenOf, type PositionedElement } from '../xml/positioned-tree.js'

/**
 * A document, and the queries for the documents that it imports: from the location it gives to a query such as
 * `xsd=types/a.xsd`. Other locations stay.
 */
export interface LinkedDocument {
  readonly document: Document
  readonly links: ReadonlyMap<string, string>
}

/**
 * All documents that a proxy publishes, by query (`wsdl`, `xsd=types/a.xsd`); a text says why something is
 * not there.
 */
export type Publication = ReadonlyMap<string, LinkedDocument | string>

/** The query for a document: its kind alone is the proxy's own, with a name one that it imports. */
export const queryFor = (kind: DocumentKind, name = ''): string =>
  name === '' ? kind : `${kind}=${encodeURIComponent(name).replaceAll('%2F', '/')}`

/**
 * Returns the key of the document that a query string requests: wsdl before wsdl2 before xsd, in upper or lower case.
 * Undefined if it requests none of these.
 * @see Apache Synapse, PassThroughNHttpGetProcessor
 */
export function requestedDocument (query: string): string | undefined {
  const parameters = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const lower = name.toLowerCase()
    if (!parameters.has(lower)) parameters.set(lower, value)
  }
  const kind = (['wsdl', 'wsdl2', 'xsd'] as const).find(each => parameters.has(each))
  return kind && queryFor(kind, parameters.get(kind) ?? '')
}

/** What a proxy publishes that has this document, and these imported ones. */
export function publicationOf (
  own: Document & { readonly root: PositionedElement },
  links: ReadonlyMap<string, string> = new Map(),
  imported: Iterable<[query: string, LinkedDocument]> = []
): Publication {
  const { kind, bytes, places, root } = own
  const publication = new Map<string, LinkedDocument | string>([
    ['wsdl', 'Only a WSDL 2.0 is published, at ?wsdl2.'],
    [kind, { document: { kind, bytes, places }, links }],
    ...imported
  ])
  if (kind === 'wsdl') publication.set('wsdl2', described(bytes, root, links))
  const schema = root.children
    .filter(({ name }) => name === 'types')
    .flatMap(types => childrenOf(types, SCHEMA, 'schema'))[0]
  publication.set('xsd', schema ? linked(standalone(bytes, schema), links) : 'The WSDL has no schema of its own.')
  return publication
}

/** A document with the addresses of the proxy in it. Imports are found where it is itself. */
export function render ({ document, links }: LinkedDocument, addresses: Addresses): string {
  const here = addresses.https ?? addresses.http ?? ''
  return rewriteWsdl(document, {
    addresses,
    importUrl: location => {
      const query = links.get(location)
      return query === undefined ? location : `${here}?${query}`
    }
  })
}

function described (
  bytes: Buffer,
  root: PositionedElement,
  links: ReadonlyMap<string, string>
): LinkedDocument | string {
  try {
    return linked(toWsdl2(bytes, root), links)
  } catch (error) {
    // A description has more elements than what it describes, perhaps too many to be read again.
    if (!(error instanceof NotTranslatable || error instanceof SyntaxError)) throw error
    return `Only a WSDL 1.1 is published, at ?wsdl. It cannot be written as WSDL 2.0: ${error.message}.`
  }
}

function linked (text: string, links: ReadonlyMap<string, string>): LinkedDocument {
  const { root, ...document } = readDocument(text)
  return { document, links }
}
