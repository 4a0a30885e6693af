import { randomBytes } from 'node:crypto'

const CLOSE = 8
const FINAL = 128
const MASKED = 128

/**
 * Follows the frames of one direction of a WebSocket, without looking into them, so that a Close frame can be put
 * between two of them. @see RFC 6455, section 5.2
 */
export class FrameTracker {
  /** Whether a Close frame has passed: nothing may follow it. */
  closed = false
  readonly #header = Buffer.alloc(14)
  #headerBytes = 0
  /** Bytes of the payload that are still to come. */
  #payloadLeft = 0

  /** Whether what has passed ends with a whole frame. */
  get atBoundary (): boolean {
    return this.#payloadLeft === 0 && this.#headerBytes === 0
  }

  /**
   * Takes the next bytes.
   * @param toBoundary stops after the frame that has begun
   * @returns the number of bytes that were taken
   */
  take (chunk: Buffer, toBoundary = false): number {
    let at = 0
    while (at < chunk.length) {
      if (toBoundary && this.atBoundary) return at
      if (this.#payloadLeft > 0) {
        const size = Math.min(this.#payloadLeft, chunk.length - at)
        this.#payloadLeft -= size
        at += size
      } else at = this.#takeHeader(chunk, at)
    }
    return at
  }

  #takeHeader (chunk: Buffer, start: number): number {
    let at = start
    const header = this.#header
    while (at < chunk.length) {
      header[this.#headerBytes++] = chunk[at++]!
      if (this.#headerBytes < 2 || this.#headerBytes < headerSize(header)) continue
      this.#payloadLeft = payloadSize(header)
      this.#headerBytes = 0
      if ((header[0]! & 15) === CLOSE) this.closed = true
      break
    }
    return at
  }
}

const lengthOf = (header: Buffer): number => header[1]! & ~MASKED

function headerSize (header: Buffer): number {
  const length = lengthOf(header)
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + ((header[1]! & MASKED) !== 0 ? 4 : 0)
}

function payloadSize (header: Buffer): number {
  const length = lengthOf(header)
  if (length < 126) return length
  return length === 126 ? header.readUInt16BE(2) : header.readUInt32BE(2) * 2 ** 32 + header.readUInt32BE(6)
}

/** Returns a Close frame. Those to endpoints are masked, as all frames of clients are. */
export function closeFrame (code: number, masked: boolean): Buffer {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  if (!masked) return Buffer.from([FINAL | CLOSE, 2, ...payload])
  const mask = randomBytes(4)
  return Buffer.from([FINAL | CLOSE, MASKED | 2, ...mask, ...payload.map((byte, at) => byte ^ mask[at]!)])
}
