import type { IncomingMessage } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fault, MediationError } from '../../../lib/message/fault.js'
import { withoutHeaders } from '../../../lib/message/headers.js'
import { NO_BODY, type Message, type ReadDepth, type Properties } from '../../../lib/message/message.js'
import { actionIn, scannerFor, contentTypeOf } from '../../../lib/soap/content-type.js'
import { codingsOf, withoutCodings } from '../message/content-coding.js'
import type { Exchange } from './exchange.js'
import { invalidHead } from './head-validation.js'
import { parseHead, withoutPseudoHeaders } from '../message/message-head.js'
import type { Limits } from '../message/limits.js'
import { NO_BYTES } from '../message/body-source.js'
import { ClientDisconnected, tooLarge } from './client-failures.js'
import { ClientBody } from './request-body.js'

export interface ReceiveOptions {
  /** How much of the body the proxy reads. */
  readonly readDepth: ReadDepth
  /** What follows the address of the service, and the query, as in Message. */
  readonly path: string
  readonly query: string
  readonly limits: Limits
}

const NO_PROPERTIES: Properties = Object.freeze({})

/**
 * Returns a client's request as a message, at once or when enough of its body has come.
 *
 * A body up to `replayBufferLimit` is buffered (`bytes`); a longer one, or one that the budget has no room for, is a
 * `stream`. With read depth `header`, XML is read at least to the end of the SOAP Header, whose scan is in `body.scan`;
 * with `body` it is always buffered. A compressed body that is read is buffered and decoded.
 * @throws MediationError with status 413 (too large), 503 (no room), 408 (too slow), 501 (unknown transfer coding),
 * 415 (unknown content coding)
 * @throws ClientDisconnected
 */
export function receiveRequest (exchange: Exchange, options: ReceiveOptions): Message | Promise<Message> {
  const { readDepth, path, query, limits } = options
  const { request } = exchange
  if (exchange.isAfterLast) {
    exchange.close()
    throw new ClientDisconnected()
  }
  const isHttp2 = request.httpVersionMajor > 1
  const isReplaced = exchange.payload !== request
  const head = parseHead(isHttp2 ? withoutPseudoHeaders(exchange.rawHeaders) : exchange.rawHeaders, false)
  const media = contentTypeOf(head.type)
  exchange.agent = head.agent
  exchange.version = media.version
  const invalid = invalidHead(request, head, path)
  if (invalid !== undefined) {
    exchange.endConnection()
    throw new MediationError(invalid)
  }
  const isDecoded = isReplaced && isDecompressor(exchange.payload)
  const headers = exchange.requestHeaders(isDecoded ? withoutHeaders(head.headers, 'content-encoding') : head.headers)
  const message: Message = {
    direction: 'request',
    method: request.method!,
    path,
    query,
    status: undefined,
    headers,
    addressing: { to: request.url, action: actionIn(head.action, media) },
    properties: NO_PROPERTIES,
    axis2: connectionProperties(exchange, path.length + query.length),
    read: readDepth !== 'nothing',
    secure: exchange.secure,
    fault: undefined,
    body: NO_BODY
  }
  const length = head.chunked || isReplaced ? -1 : head.length
  const isFramed = head.chunked || head.unsupportedCoding || isReplaced || length > 0
  if (!isFramed && !hasUnframedBody(request)) return message
  const scanner = readDepth === 'nothing' ? undefined : scannerFor(media, limits.soapHeaderLimit)
  const isCoded = (readDepth === 'body' || scanner !== undefined) && codingsOf(headers).length > 0
  const depth = isCoded ? 'body' : readDepth
  const body = new ClientBody(exchange, length, depth, limits)
  exchange.upload = body
  if (head.unsupportedCoding) return refuseCoding()
  const { inspectionLimit } = limits
  if (depth === 'body' && length > inspectionLimit) throw new MediationError(tooLarge(inspectionLimit))
  if (isCoded) return receiveCoded(exchange, body.read(message, undefined), inspectionLimit)
  if (readDepth !== 'body' && scanner === undefined && length > limits.replayBufferLimit) {
    return { ...message, body: body.unread(NO_BYTES) }
  }
  return body.read(message, scanner)
}

async function receiveCoded (exchange: Exchange, received: Promise<Message>, limit: number): Promise<Message> {
  return await withoutCodings(await received, limit, bytes => exchange.reserveBuffer(bytes))
}

const DECOMPRESSORS = new Set(['Gunzip', 'Inflate', 'Unzip', 'BrotliDecompress', 'ZstdDecompress'])

/** Whether a hook has decompressed the body. */
const isDecompressor = (payload: object): boolean => DECOMPRESSORS.has(payload.constructor.name)

/**
 * Whether a body may come although no header announces it: over HTTP/2, or in a test without a connection. Such a test
 * can abort a request only as long as its body was not read.
 */
const hasUnframedBody = (request: IncomingMessage): boolean =>
  request.httpVersionMajor > 1
    ? !endsWithHeaders(request)
    : 'isLightMyRequest' in request && request.method !== 'GET' && request.method !== 'HEAD'

function endsWithHeaders (request: object): boolean {
  const stream: unknown = 'stream' in request ? request.stream : undefined
  return (
    typeof stream === 'object' && stream !== null && 'endAfterHeaders' in stream && stream.endAfterHeaders === true
  )
}

/**
 * Where the last coding is not `chunked`, Node's parser refuses the request with 400 in the turn that delivered its
 * head. A response before that would be lost with the connection, or be a second one.
 * @see RFC 9112, section 6.3
 */
async function refuseCoding (): Promise<never> {
  await nextTurn()
  throw new MediationError(fault('UNREADABLE', 'The request has an unknown transfer coding', { status: 501 }))
}

/**
 * Properties that only the connection has: the client's address, the address at which the service was found, and what
 * the client's certificate says.
 * @see Apache Synapse, ServerWorker
 */
function connectionProperties (
  { request: { url = '' }, secure, connection: { remoteAddress, localHost, certificate } }: Exchange,
  suffixLength: number
): Properties {
  const prefix = url.slice(0, url.length - suffixLength)
  const service = `${secure ? 'https' : 'http'}://${localHost}${prefix}`
  if (certificate === undefined) return { REMOTE_ADDR: remoteAddress, SERVICE_PREFIX: service }
  return { REMOTE_ADDR: remoteAddress, SERVICE_PREFIX: service, ...certificate.properties }
}
