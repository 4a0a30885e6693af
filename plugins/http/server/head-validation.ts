import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { fault, type Fault } from '../../../lib/message/fault.js'
import { matcherOfRepeated } from '../../../lib/message/repeated-text.js'
import type { MessageHead } from '../message/message-head.js'

/** Entries of `rawHeaders` that Node keeps where the server sets no `maxHeadersCount`; a header is two of them. */
const NODE_RAW_HEADERS = 2000

/**
 * A host with an optional port: a name or an IPv4 address, or an IPv6 address in brackets.
 * @see RFC 9110, section 7.2; RFC 3986, section 3.2
 */
const isHost = matcherOfRepeated(/^(?:\[[\da-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d{0,5})?$/i)

/** A dot segment, encoded or not, for any server that takes `\` for `/` or cuts a segment at `;`. */
const DOT_SEGMENT = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\;]|%2f|%5c|%00)/i

type ListeningSocket = Socket & { readonly server?: { readonly maxHeadersCount?: number | null } }

/**
 * Returns why a request is not forwarded although Node's parser accepted its head; undefined where nothing is wrong.
 * The server belongs to the host app, so nothing here depends on its settings.
 *
 * Node drops headers beyond `maxHeadersCount` while its parser obeys them: such a request has lost its framing.
 * @param path what follows the address of the service
 * @see RFC 9112, sections 2.3 (version), 3.2 (Host) and 6.1 (Transfer-Encoding in HTTP/1.0)
 */
export function invalidHead (
  request: IncomingMessage, { hosts, host, chunked }: MessageHead, path: string
): Fault | undefined {
  if ('stream' in request) return undefined // HTTP/2 checks its own
  const { rawHeaders, httpVersion, socket } = request
  if (rawHeaders.length >= rawHeadersKept(socket)) return refusal('The request has too many headers', 431)
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return refusal(`The request is in HTTP/${httpVersion}, which is not supported on this connection`, 505)
  }
  if (hosts > 1) return refusal('The request has more than one Host header')
  if (!isHost(host)) return refusal('The Host header of the request is not a host')
  if (chunked && httpVersion === '1.0') return refusal('The request is in HTTP/1.0 and has a Transfer-Encoding')
  return path.includes('.') || path.includes('%') ? dotSegment(path) : undefined
}

const dotSegment = (path: string): Fault | undefined =>
  DOT_SEGMENT.test(path) ? refusal('The path of the request has a dot segment') : undefined

/** How many entries of raw headers Node keeps at most. */
export function rawHeadersKept (socket: ListeningSocket | undefined): number {
  const count = socket?.server?.maxHeadersCount
  return typeof count !== 'number' ? NODE_RAW_HEADERS : count > 0 ? 2 * count : Infinity
}

const refusal = (reason: string, status = 400): Fault => fault('UNREADABLE', reason, { status })
