import { brotliDecompressSync, constants, inflateRawSync, unzipSync, type ZlibOptions } from 'node:zlib'

/** Bytes that a part of a body may become at once: a few of them may stand for very many. */
const MAX_DECODED = 1024 * 1024
/** Coded bytes that are decoded first. */
const FIRST_PART = 64
const OPTIONS: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_DECODED }

/** The start of a body without its content codings. */
export interface DecodedStart {
  readonly bytes: Buffer
  /** Whether it is longer. */
  readonly isCut: boolean
}

type ContentDecoder = (bytes: Buffer) => Buffer

const DECODERS: Readonly<Record<string, ContentDecoder>> = {
  gzip: bytes => unzipSync(bytes, OPTIONS),
  'x-gzip': bytes => unzipSync(bytes, OPTIONS),
  deflate: inflated,
  br: bytes => brotliDecompressSync(bytes, { ...OPTIONS, finishFlush: constants.BROTLI_OPERATION_FLUSH })
}

/**
 * Decodes the start of a body, at most `limit` bytes of it. Undefined: the coding is unknown, or it is not valid.
 * @param coding the value of Content-Encoding
 */
export function decodedStart (bytes: Buffer, coding: string | undefined, limit: number): DecodedStart | undefined {
  const name = coding?.trim().toLowerCase()
  if (name === undefined || name === '' || name === 'identity') return { bytes, isCut: false }
  const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined
  try {
    return decoder && startOf(bytes, decoder, limit)
  } catch {
    return undefined
  }
}

/** Decodes ever longer parts, until one is long enough: the work depends on what is kept, not on the whole body. */
function startOf (bytes: Buffer, decoder: ContentDecoder, limit: number): DecodedStart {
  let decoded: Buffer = Buffer.alloc(0)
  for (let length = Math.min(FIRST_PART, bytes.length); ; length = Math.min(length * 2, bytes.length)) {
    try {
      decoded = decoder(bytes.subarray(0, length))
    } catch (error) {
      if (!isTooLong(error)) throw error
      // What has been decoded is its start, if only a short one.
      return { bytes: decoded, isCut: true }
    }
    const isCut = decoded.length > limit
    if (isCut || length === bytes.length) return { bytes: decoded.subarray(0, limit), isCut }
  }
}

/** Some senders leave out the header of zlib. */
function inflated (bytes: Buffer): Buffer {
  try {
    return unzipSync(bytes, OPTIONS)
  } catch (error) {
    if (isTooLong(error)) throw error
    return inflateRawSync(bytes, OPTIONS)
  }
}

const isTooLong = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
