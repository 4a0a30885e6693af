import { posix } from 'node:path'
import { resolvePlaceholder } from '../../lib/endpoints/settings/placeholders.js'
import { readDocument, type Document } from '../../lib/wsdl/document.js'
import { publicationOf, queryFor, type LinkedDocument, type Publication } from '../../lib/wsdl/publication.js'
import { fileReader } from '../files/read-small-file.js'
import { UnpublishableWsdl, type FoundDocument } from './document-text.js'
import { placesOf, readImport, readPlaces, startOf } from './source.js'

/** What a proxy publishes by its definition: `key` before `uri` before `inline`. */
export interface WsdlSource {
  readonly uri?: string | undefined
  /** Of a local entry. */
  readonly key?: string | undefined
  /** The text of a WSDL. */
  readonly inline?: string | undefined
  /** Local entries that stand for what a document imports. */
  readonly resources?: readonly { readonly location: string; readonly key: string }[] | undefined
}

/** Whether there is a document to be published. Without one, it is generated. */
export const isGiven = (wsdl: WsdlSource | undefined): wsdl is WsdlSource =>
  (wsdl?.key ?? wsdl?.uri ?? wsdl?.inline) !== undefined

/** A local entry: its text, or the address it is at; undefined when there is none of that key. */
export type LocalEntryLookup = (key: string) => { readonly text: string } | { readonly src: string } | undefined

export interface WsdlLoadContext {
  readonly baseFolder: string
  readonly localEntry: LocalEntryLookup
  readonly signal: AbortSignal
}

/** How many documents one proxy may publish, and how many bytes they may have together. */
const DOCUMENTS = 64
const BYTES = 16 * 1024 * 1024

/** A document on its way: `links` grows while its imports are loaded. */
interface LoadedDocument {
  readonly query: string
  readonly found: Omit<FoundDocument, 'text'>
  readonly document: Document
  readonly links: Map<string, string>
}

/**
 * Loads a WSDL and all that it imports, each once. What is at another server is left to the clients.
 * @throws Unpublishable with the reason, naming the document as the configuration or the importing document does
 */
export async function load (source: WsdlSource, context: WsdlLoadContext): Promise<Publication> {
  const entry = source.key === undefined ? undefined : context.localEntry(source.key)
  const label =
    source.key === undefined
      ? (source.uri ?? 'the inline WSDL')
      : entry !== undefined && 'src' in entry
        ? `${source.key} (${entry.src})`
        : source.key
  const start = await naming(label, async () => {
    const found = await configured(source, context)
    const document = readDocument(found.text)
    if (document.kind === 'xsd') throw new UnpublishableWsdl('it is a schema, no WSDL')
    return { found, document }
  })

  const own: LoadedDocument = { query: start.document.kind, ...start, links: new Map() }
  const loaded = new Map<string, LoadedDocument>([[start.found.url.href, own]])
  const names = new Set<string>()
  let bytes = start.document.bytes.length

  const read = async (location: string, from: LoadedDocument): Promise<LoadedDocument | undefined> => {
    const resource = source.resources?.find(each => each.location === location)
    const url = resource ? undefined : target(location, from.found.url)
    if (!resource && !url) return undefined
    const id = resource ? `resource ${location}` : url!.href
    const known = loaded.get(id)
    if (known) return known
    if (loaded.size >= DOCUMENTS) throw new UnpublishableWsdl(`there are more than ${DOCUMENTS} documents`)
    const found = resource
      ? await keyed(resource.key, context)
      : await readImport(url!, from.found, context.signal)
    const { root, ...document } = readDocument(found.text)
    bytes += document.bytes.length
    if (bytes > BYTES) {
      throw new UnpublishableWsdl(`all documents together are larger than ${BYTES / 1024 / 1024} MiB`)
    }
    // Names are relative to the document of the proxy; the dot makes the name of a folder a path below itself.
    let name = resource
      ? location
      : posix.relative(posix.dirname(own.found.url.pathname + '.'), url!.pathname) + url!.search
    while (name === '' || names.has(name)) name += '~'
    names.add(name)
    const one: LoadedDocument = {
      query: queryFor(document.kind, name),
      found: { url: found.url, tree: found.tree },
      document,
      links: new Map()
    }
    loaded.set(id, one)
    return one
  }

  // The map grows while it is walked, until nothing new is imported.
  for (const each of loaded.values()) {
    for (const place of each.document.places) {
      if (place.what !== 'import' || each.links.has(place.location)) continue
      const imported = await naming(place.location, async () => await read(place.location, each))
      if (imported) each.links.set(place.location, imported.query)
    }
  }
  const imported = [...loaded.values()]
    .slice(1)
    .map(({ query, document, links }): [string, LinkedDocument] => [query, { document, links }])
  return publicationOf(start.document, own.links, imported)
}

/** @see WSO2, ProxyServiceFactory: key and uri may stand for values outside of the configuration */
async function configured ({ key, uri, inline }: WsdlSource, context: WsdlLoadContext): Promise<FoundDocument> {
  const { baseFolder, signal } = context
  if (key !== undefined) return await keyed(resolved(key, baseFolder), context)
  if (uri !== undefined) return await readPlaces(placesOf(resolved(uri, baseFolder), baseFolder), baseFolder, signal)
  return { text: inline ?? '', ...(await startOf(baseFolder)) }
}

function resolved (text: string, baseFolder: string): string {
  try {
    return resolvePlaceholder(text, { environment: name => process.env[name], readFile: fileReader(baseFolder) })
  } catch (error) {
    throw new UnpublishableWsdl((error as Error).message)
  }
}

async function keyed (key: string, { baseFolder, localEntry: entry, signal }: WsdlLoadContext): Promise<FoundDocument> {
  const found = entry(key)
  if (!found) throw new UnpublishableWsdl('there is no such local entry')
  return 'text' in found
    ? { text: found.text, ...(await startOf(baseFolder)) }
    : await readPlaces(placesOf(found.src, baseFolder), baseFolder, signal)
}

/** What a location means that a document at `base` gives; undefined when it is for clients to follow. */
function target (location: string, base: URL): URL | undefined {
  if (!URL.canParse(location, base.href)) throw new UnpublishableWsdl('it is not an address')
  const url = new URL(location, base)
  url.hash = ''
  if (url.protocol === 'file:') {
    if (base.protocol !== 'file:') throw new UnpublishableWsdl('a document from a server may not import a file')
    return url
  }
  return url.origin === base.origin && /^https?:$/.test(url.protocol) ? url : undefined
}

/** Adds the name of the document to an error, without credentials in its address. */
async function naming<T> (label: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof UnpublishableWsdl || error instanceof SyntaxError)) throw error
    throw new UnpublishableWsdl(`${label.slice(0, 200).replace(/\/\/[^/?#]*@/, '//')}: ${error.message}`)
  }
}
