import { fault, MediationError } from '../../../lib/message/fault.js'
import { headerOf, valuesOf, withHeader, withoutHeaders, type Headers } from '../../../lib/message/headers.js'
import type { Message } from '../../../lib/message/message.js'
import { NO_ROOM } from './buffer-budget.js'
import { decodeContent, isDecodable, splitCodings, UndecodableContent } from '../client/response/content-decoding.js'

/** The codings of a body, in the order in which they were applied; empty if it is as it is read. */
export function codingsOf (headers: Headers): string[] {
  if (headerOf(headers, 'content-encoding') === undefined) return []
  return splitCodings(valuesOf(headers, 'content-encoding'))
}

const STATUS = { 'unknown-coding': 415, 'too-large': 413, malformed: 400 } as const

/**
 * A whole message without its content codings.
 * @param limit the greatest size of the decoded body in bytes
 * @param reserve whether there is room for this many bytes
 * @throws MediationError with status 415 (unknown coding), 413 (too large), 400 (malformed), 503 (no room)
 */
export async function withoutCodings (
  message: Message, limit: number, reserve: (bytes: number) => boolean
): Promise<Message> {
  const { body, headers } = message
  if (body.kind !== 'bytes') return message
  try {
    const bytes = await decodeContent(body.bytes, codingsOf(headers), limit)
    if (!reserve(bytes.length)) throw new MediationError(NO_ROOM)
    return { ...message, headers: withoutHeaders(headers, 'content-encoding'), body: { kind: 'bytes', bytes } }
  } catch (error) {
    if (!(error instanceof UndecodableContent)) throw error
    throw new MediationError(fault('UNREADABLE', `The body ${error.message}`, { status: STATUS[error.cause] }))
  }
}

/** Restricts Accept-Encoding to codings that can be decoded, for a request whose response will be read. */
export function withDecodableCodings (headers: Headers): Headers {
  if (headerOf(headers, 'accept-encoding') === undefined) return headers
  const accepted = valuesOf(headers, 'accept-encoding').flatMap(value => value.split(',')).map(each => each.trim())
  const decodable = accepted.filter(each => isDecodable(each.split(';', 1)[0]!.trim().toLowerCase()))
  return withHeader(headers, 'Accept-Encoding', decodable.join(', ') || 'identity')
}
