import type { buildConnector, Dispatcher } from 'undici'
import type { EndpointTlsOptions } from '../../lib/state/tls-material.js'
import { decodeContent, splitCodings, UndecodableContent } from '../http/client/response/content-decoding.js'
import {
  gather,
  MAX_DOCUMENT,
  textOfDocument,
  tooLarge,
  UnpublishableWsdl,
  type FoundDocument
} from './document-text.js'

/** Milliseconds that a server may take for one document, redirects included. */
const FETCH_TIMEOUT_MS = 5_000
const MAX_REDIRECTS = 5

type SendRequest = (url: URL) => Promise<Dispatcher.ResponseData>

/**
 * Reads a document from a server, without its content codings. Follows redirects on the same host and port, and from
 * HTTP to HTTPS on the same host.
 * @throws UnpublishableWsdl
 */
export async function fetchDocument (
  url: URL, signal: AbortSignal, security?: EndpointTlsOptions
): Promise<FoundDocument> {
  // Few configurations name a document on a server.
  const { Agent, request } = await import('./http-client.js')
  const late = AbortSignal.timeout(FETCH_TIMEOUT_MS)
  // Without TLS options of its own, a fetch uses the connections of all others.
  const connect = security && connectOptions(security)
  const agent = connect && new Agent({ connect })
  const send: SendRequest = target =>
    request(target, {
      signal: AbortSignal.any([signal, late]),
      reset: true,
      ...(agent !== undefined && { dispatcher: agent }),
      headers: {
        accept: 'application/wsdl+xml, text/xml, application/xml, */*;q=0.1',
        'accept-encoding': 'gzip, deflate, br'
      }
    })
  try {
    return await follow(url, send)
  } catch (error) {
    if (error instanceof UnpublishableWsdl) throw error
    const { code, name } = error as NodeJS.ErrnoException
    throw new UnpublishableWsdl(
      late.aborted
        ? `the server takes longer than ${FETCH_TIMEOUT_MS / 1000} s`
        : `the server cannot be reached (${code ?? name})`
    )
  } finally {
    await agent?.close()
  }
}

async function follow (start: URL, send: SendRequest): Promise<FoundDocument> {
  let url = start
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { statusCode, headers, body } = await send(url)
    if (statusCode === 200) {
      const bytes = await decoded(await gather(body), headers['content-encoding'])
      return { text: textOfDocument(bytes), url, tree: '' }
    }
    await body.dump()
    const { location } = headers
    if (typeof location !== 'string' || ![301, 302, 303, 307, 308].includes(statusCode)) {
      throw new UnpublishableWsdl(`the server responds with the status ${statusCode}`)
    }
    url = redirected(url, location)
  }
  throw new UnpublishableWsdl(`the server redirects more than ${MAX_REDIRECTS} times`)
}

/**
 * A redirect to another host or port would let that server choose what the gateway reads. From HTTP to HTTPS the port
 * may change.
 */
function redirected (from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined
  const isUpgrade = from.protocol === 'http:' && to?.protocol === 'https:' && to.hostname === from.hostname
  if (to === undefined || (to.origin !== from.origin && !isUpgrade)) {
    const advice = 'configure the address that it redirects to'
    throw new UnpublishableWsdl(`the server redirects to another host or port: ${advice}`)
  }
  return to
}

async function decoded (bytes: Buffer, coding: string | string[] | undefined): Promise<Buffer> {
  try {
    return await decodeContent(bytes, splitCodings([coding ?? []].flat()), MAX_DOCUMENT)
  } catch (error) {
    if (!(error instanceof UndecodableContent)) throw error
    throw error.cause === 'too-large' ? tooLarge() : new UnpublishableWsdl(`it ${error.message}`)
  }
}

/** Undefined: the defaults of undici. */
function connectOptions ({ verify, ...certificates }: EndpointTlsOptions): buildConnector.BuildOptions | undefined {
  if (verify && Object.keys(certificates).length === 0) return undefined
  return { rejectUnauthorized: verify, ...certificates }
}
