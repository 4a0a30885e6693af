import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { fault, MediationError } from '../../lib/message/fault.js'
import { headerOf, valuesOf, withHeader, withoutHeaders, type Headers } from '../../lib/message/headers.js'
import type { Message } from '../../lib/message/message.js'

type Decompress = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const gunzip: Decompress = promisify(zlib.gunzip)
const inflate: Decompress = promisify(zlib.inflate)
const inflateRaw: Decompress = promisify(zlib.inflateRaw)

/** `deflate` is the zlib format; some senders leave out its wrapper. @see RFC 9110, section 8.4.1.2 */
const deflate: Decompress = async (bytes, options) =>
  await (isZlib(bytes) ? inflate : inflateRaw)(bytes, options)

const isZlib = (bytes: Buffer): boolean =>
  bytes.length > 1 && (bytes[0]! & 0x0F) === 8 && bytes.readUInt16BE(0) % 31 === 0

const DECODERS = new Map<string, Decompress>([
  ['gzip', gunzip], ['x-gzip', gunzip], ['deflate', deflate], ['br', promisify(zlib.brotliDecompress)]
])
// Not in every version of Node.
const zstd: unknown = Reflect.get(zlib, 'zstdDecompress')
if (typeof zstd === 'function') DECODERS.set('zstd', promisify(zstd as typeof zlib.gunzip))

/** Codings of one body that are undone. */
const MAX_CODINGS = 3

/** The codings of a body, in the order in which they were applied; empty if it is as it is read. */
export function codingsOf (headers: Headers): string[] {
  if (headerOf(headers, 'content-encoding') === undefined) return []
  return valuesOf(headers, 'content-encoding')
    .flatMap(value => value.split(','))
    .map(each => each.trim().toLowerCase())
    .filter(each => each !== '' && each !== 'identity')
}

/**
 * A whole message without its content codings.
 * @param limit the greatest size of the decoded body in bytes
 * @throws MediationError with status 415 (unknown coding), 413 (too large), 400 (malformed)
 */
export async function withoutCodings (message: Message, limit: number): Promise<Message> {
  const { body, headers } = message
  if (body.kind !== 'bytes') return message
  const codings = codingsOf(headers)
  if (codings.length > MAX_CODINGS) throw refused(`has more than ${MAX_CODINGS} content codings`, 415)
  let { bytes } = body
  for (const coding of codings.reverse()) bytes = await decoded(bytes, coding, limit)
  return { ...message, headers: withoutHeaders(headers, 'content-encoding'), body: { kind: 'bytes', bytes } }
}

async function decoded (bytes: Buffer, coding: string, limit: number): Promise<Buffer> {
  const decoder = DECODERS.get(coding)
  if (decoder === undefined) throw refused(`has the unknown content coding "${coding.slice(0, 40)}"`, 415)
  try {
    return await decoder(bytes, { maxOutputLength: limit })
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    if (tooLarge) throw refused(`is larger than ${limit} bytes when it is decoded`, 413)
    throw refused(`is not ${coding}, as its Content-Encoding says`, 400)
  }
}

const refused = (what: string, status: number): MediationError =>
  new MediationError(fault('UNREADABLE', `The body ${what}`, { status }))

/** Restricts Accept-Encoding to codings that can be decoded, for a request whose response will be read. */
export function withDecodableCodings (headers: Headers): Headers {
  if (headerOf(headers, 'accept-encoding') === undefined) return headers
  const accepted = valuesOf(headers, 'accept-encoding').flatMap(value => value.split(',')).map(each => each.trim())
  const decodable = accepted.filter(each => {
    const coding = each.split(';', 1)[0]!.trim().toLowerCase()
    return coding === 'identity' || DECODERS.has(coding)
  })
  return withHeader(headers, 'Accept-Encoding', decodable.join(', ') || 'identity')
}
