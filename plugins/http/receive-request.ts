import type { IncomingMessage } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { fault, MediationError } from '../../lib/message/fault.js'
import { NO_BODY, type Message, type ReadDepth, type Properties } from '../../lib/message/message.js'
import { actionIn, scannerFor, contentTypeOf } from '../../lib/soap/content-type.js'
import type { Exchange } from './exchange.js'
import { parseHead } from './message-head.js'
import type { Limits } from './limits.js'
import { NO_BYTES } from './body-source.js'
import { tooLarge, ClientBody } from './request-body.js'

export interface ReceiveOptions {
  /** How much of the body somebody will look at. */
  readonly need: ReadDepth
  /** What follows the address of the service, and the query, as in Message. */
  readonly path: string
  readonly query: string
  readonly limits: Limits
}

const NO_PROPERTIES: Properties = Object.freeze({})

/**
 * A client's request as a message, at once or when enough of its body has come.
 *
 * A body up to `replayLimit` is whole (`bytes`), a longer one or one for which the budget has no room is a `stream`; with need `header`
 * XML is read at least to the end of the SOAP Header, which is then in `body.scan`; with need `body` it is always whole.
 * Throws or rejects with MediationError (status 413, 503, 408, 501: too large, no room, too slow, a transfer coding we do not know)
 * or with ClientLeft.
 */
export function receiveRequest (exchange: Exchange, { need, path, query, limits }: ReceiveOptions): Message | Promise<Message> {
  const { request } = exchange
  const head = parseHead(request.rawHeaders, false)
  const media = contentTypeOf(head.type)
  exchange.agent = head.agent
  exchange.version = media.version
  const message: Message = {
    direction: 'request',
    method: request.method!,
    path,
    query,
    status: undefined,
    headers: head.headers,
    addressing: { to: request.url, action: actionIn(head.action, media) },
    properties: NO_PROPERTIES,
    axis2: connectionProperties(request, exchange.secure, path.length + query.length),
    read: need !== 'nothing',
    secure: exchange.secure,
    fault: undefined,
    body: NO_BODY
  }
  const length = head.chunked ? -1 : head.length
  if (!head.chunked && !head.unsupportedCoding && length <= 0) return message
  const upload = new ClientBody(exchange, length, need, limits)
  exchange.upload = upload
  if (head.unsupportedCoding) return unknownCoding()
  if (need === 'body' && length > limits.inspectionLimit) throw new MediationError(tooLarge(limits.inspectionLimit))
  const look = need === 'nothing' ? undefined : scannerFor(media, limits.soapHeaderLimit)
  if (need !== 'body' && look === undefined && length > limits.replayBufferLimit) return { ...message, body: upload.unread(NO_BYTES) }
  return upload.read(message, look)
}

/**
 * Where the last coding is not `chunked`, Node's parser refuses the request in the same turn in which it gave us its head, with 400 (RFC 9112,
 * 6.3): an answer of ours before that would be lost with the connection, or be one of two.
 */
async function unknownCoding (): Promise<never> {
  await turn()
  throw new MediationError(fault('UNREADABLE', 'The request has an unknown transfer coding', { status: 501 }))
}

/** What only the connection knows: who asks, and under which address of ours the service was found (Apache Synapse: ServerWorker). */
function connectionProperties ({ socket, url = '' }: IncomingMessage, secure: boolean, suffix: number): Properties {
  const { remoteAddress = '', localAddress = '', localPort = 0 } = socket
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return { REMOTE_ADDR: remoteAddress, SERVICE_PREFIX: `${secure ? 'https' : 'http'}://${host}:${localPort}${url.slice(0, url.length - suffix)}` }
}
