import { promisify } from 'node:util'
import zlib from 'node:zlib'

type Decompress = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const gunzip: Decompress = promisify(zlib.gunzip)
const inflate: Decompress = promisify(zlib.inflate)
const inflateRaw: Decompress = promisify(zlib.inflateRaw)

/** `deflate` is the zlib format; some senders leave out its wrapper. @see RFC 9110, section 8.4.1.2 */
const deflate: Decompress = async (bytes, options) => await (isZlib(bytes) ? inflate : inflateRaw)(bytes, options)

const isZlib = (bytes: Buffer): boolean =>
  bytes.length > 1 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0

const DECODERS = new Map<string, Decompress>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', deflate],
  ['br', promisify(zlib.brotliDecompress)]
])
// Not in every version of Node.
const zstd: unknown = Reflect.get(zlib, 'zstdDecompress')
if (typeof zstd === 'function') DECODERS.set('zstd', promisify(zstd as typeof zlib.gunzip))

/** Codings of one body that are undone. */
const MAX_CODINGS = 3

/** Why a body cannot be decoded. The message continues a sentence about the body. */
export class UndecodableContent extends Error {
  override readonly cause: 'unknown-coding' | 'too-large' | 'malformed'

  constructor (cause: UndecodableContent['cause'], message: string) {
    super(message)
    this.cause = cause
  }
}

/** Whether a content coding, in lower case, can be undone. */
export const isDecodable = (coding: string): boolean => coding === 'identity' || DECODERS.has(coding)

/** The codings that values of Content-Encoding name, in the order in which they were applied, without `identity`. */
export const splitCodings = (values: readonly string[]): string[] =>
  values
    .flatMap(value => value.split(','))
    .map(each => each.trim().toLowerCase())
    .filter(each => each !== '' && each !== 'identity')

/**
 * Undoes content codings.
 * @param codings in the order in which they were applied
 * @param limit the greatest size after each coding, in bytes
 * @throws UndecodableContent
 */
export async function decodeContent (bytes: Buffer, codings: readonly string[], limit: number): Promise<Buffer> {
  if (codings.length > MAX_CODINGS) {
    throw new UndecodableContent('unknown-coding', `has more than ${MAX_CODINGS} content codings`)
  }
  let result = bytes
  for (const coding of codings.toReversed()) result = await decodeOne(result, coding, limit)
  return result
}

async function decodeOne (bytes: Buffer, coding: string, limit: number): Promise<Buffer> {
  const decoder = DECODERS.get(coding)
  if (decoder === undefined) {
    throw new UndecodableContent('unknown-coding', `has the unknown content coding "${coding.slice(0, 40)}"`)
  }
  try {
    return await decoder(bytes, { maxOutputLength: limit })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new UndecodableContent('too-large', `is larger than ${limit} bytes when it is decoded`)
    }
    throw new UndecodableContent('malformed', `is not ${coding}, which its Content-Encoding names`)
  }
}
