import { brotliDecompressSync, constants, inflateRawSync, unzipSync, type ZlibOptions } from 'node:zlib'

/** Bytes that the start of a body may become: a few of them may stand for very many. */
const MAX_DECODED = 1024 * 1024

/** The start of a body without its content codings. */
export interface DecodedStart {
  readonly bytes: Buffer
  /** Whether it is longer. */
  readonly isCut: boolean
}

/**
 * Decodes the start of a body, at most `limit` bytes of it. Undefined: the coding is unknown, or it is not valid.
 * @param coding the value of Content-Encoding
 */
export function decodedStart (bytes: Buffer, coding: string | undefined, limit: number): DecodedStart | undefined {
  const name = coding?.trim().toLowerCase()
  if (name === undefined || name === '' || name === 'identity') return { bytes, isCut: false }
  const options: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_DECODED }
  try {
    const decoded =
      name === 'gzip' || name === 'x-gzip'
        ? unzipSync(bytes, options)
        : name === 'deflate'
          ? inflated(bytes, options)
          : name === 'br'
            ? brotliDecompressSync(bytes, { ...options, finishFlush: constants.BROTLI_OPERATION_FLUSH })
            : undefined
    return decoded && { bytes: decoded.subarray(0, limit), isCut: decoded.length > limit }
  } catch {
    return undefined
  }
}

/** Some senders leave out the header of zlib. */
function inflated (bytes: Buffer, options: ZlibOptions): Buffer {
  try {
    return unzipSync(bytes, options)
  } catch {
    return inflateRawSync(bytes, options)
  }
}
