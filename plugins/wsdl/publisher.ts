import { readDocument, type Addresses } from '../../lib/wsdl/document.js'
import { generateWsdl } from '../../lib/wsdl/generate.js'
import { requestedDocument, publicationOf, render, type Publication } from '../../lib/wsdl/publication.js'
import { BackOff, repeat } from '../timing/back-off.js'
import { isGiven, load, type LocalEntryLookup, type WsdlSource } from './load.js'
import { UnpublishableWsdl } from './document-text.js'

export { publicAddresses } from './public-addresses.js'
export type { Addresses, LocalEntryLookup as Entry, WsdlSource }

export interface PublisherOptions {
  readonly proxies: readonly { readonly name: string; readonly wsdl?: WsdlSource | undefined }[]
  /** Where relative addresses begin: the folder of the configuration. */
  readonly baseFolder: string
  readonly entry: LocalEntryLookup
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
  /**
   * Milliseconds until a document that could not be read is tried again; doubled each time. Defaults: 30 s, at most
   * 10 min.
   */
  readonly retry?: { readonly first: number; readonly most: number } | undefined
}

/** The response to a GET; the body is UTF-8. */
export interface PublisherResponse {
  readonly status: 200 | 400 | 404 | 503
  readonly contentType: string
  readonly body: string
}

export interface Publisher {
  /** Settles when every document has been tried once. */
  readonly tried: Promise<void>
  /**
   * Returns the response to a query (with or without its `?`) of a proxy; undefined if the query requests no document,
   * or there is no such proxy. Without addresses (the request has no valid Host) the response is 400.
   */
  documentFor(name: string, query: string, addresses: Addresses | undefined): PublisherResponse | undefined
  /** The published WSDL 1.1 and what it imports; undefined: it is generated, or not published (yet). */
  documents(name: string): readonly Buffer[] | undefined
  /** Why a proxy's WSDL cannot be read at the moment. */
  problem(name: string): string | undefined
  /** Ends what is under way; nothing is tried again. */
  close(): void
}

type WsdlState =
  | { readonly state: 'generated' }
  | { readonly state: 'loading' }
  | { readonly state: 'published'; readonly publication: Publication }
  | { readonly state: 'failed'; readonly why: string }

/** Publishes the WSDLs of proxies: reads them in the background, keeps them, and tries again what could not be read. */
export function createPublisher ({
  proxies,
  baseFolder,
  entry,
  log,
  retry = { first: 30_000, most: 600_000 }
}: PublisherOptions): Publisher {
  const closing = new AbortController()
  const states = new Map<string, WsdlState>()
  const repetitions: (() => void)[] = []

  const attempt = async (name: string, source: WsdlSource, backOff: BackOff): Promise<number | undefined> => {
    try {
      states.set(name, {
        state: 'published',
        publication: await load(source, { baseFolder, localEntry: entry, signal: closing.signal })
      })
      log.info({ proxy: name }, 'the WSDL is published')
      return undefined
    } catch (error) {
      if (closing.signal.aborted) return undefined
      const why = error instanceof UnpublishableWsdl ? error.message : 'an unexpected error'
      const delay = backOff.next()
      states.set(name, { state: 'failed', why })
      log.warn(
        { proxy: name, why, retryInMs: delay, ...(!(error instanceof UnpublishableWsdl) && { err: error }) },
        'the WSDL cannot be published'
      )
      return delay
    }
  }

  const given = proxies.flatMap(({ name, wsdl }) => {
    const isRead = isGiven(wsdl)
    states.set(name, { state: isRead ? 'loading' : 'generated' })
    return isRead ? [{ name, wsdl }] : []
  })
  const first = given.map(async ({ name, wsdl }) => {
    const backOff = new BackOff(retry.first, retry.most)
    const delay = await attempt(name, wsdl, backOff)
    if (delay !== undefined && !closing.signal.aborted) {
      repetitions.push(repeat(() => attempt(name, wsdl, backOff), delay))
    }
  })

  return {
    tried: Promise.all(first).then(() => {}),
    documentFor (name, query, addresses) {
      const requested = requestedDocument(query)
      const state = states.get(name)
      if (requested === undefined || !state) return undefined
      if (!addresses) return text(400, 'The request names no host that could be published.')
      if (state.state === 'loading') return text(503, `The WSDL of ${name} is being loaded.`)
      if (state.state === 'failed') {
        return text(503, `The WSDL of ${name} cannot be published: ${withoutAddresses(state.why)}.`)
      }
      const publication =
        state.state === 'published'
          ? state.publication
          : publicationOf(readDocument(generateWsdl({ service: name, addresses })))
      const found = publication.get(requested)
      if (found === undefined) return text(404, `The proxy ${name} publishes nothing of that name.`)
      if (typeof found === 'string') return text(404, found)
      return { status: 200, contentType: 'text/xml; charset=utf-8', body: render(found, addresses) }
    },
    documents (name) {
      const state = states.get(name)
      if (state?.state !== 'published') return undefined
      // The schema at `xsd` is a part of the WSDL.
      return [...state.publication].flatMap(([query, linked]) =>
        query !== 'xsd' && typeof linked !== 'string' && linked.document.kind !== 'wsdl2'
          ? [linked.document.bytes]
          : []
      )
    },
    problem (name) {
      const state = states.get(name)
      return state?.state === 'failed' ? state.why : undefined
    },
    close () {
      closing.abort()
      for (const end of repetitions) end()
    }
  }
}

/** The log names the back-ends, the response does not. */
const withoutAddresses = (why: string): string =>
  why.replace(/https?:\/\/[^\s):][^\s)]*?(?=:? |\)|$)/gi, 'a document of another server')

const text = (status: 400 | 404 | 503, sentence: string): PublisherResponse => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${sentence}\n`
})
