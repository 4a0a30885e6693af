import { COLON, CR, FIELD_TEXT, HEX, LF, TOKEN, word } from './characters.js'
import { ResponseRejected } from '../client-error.js'

/** The longest line with the size of a chunk and its extensions, in bytes. */
const MAX_SIZE_LINE = 1024
/** Chunks from this size on are copied by a call, shorter ones byte by byte. */
const COPY_BY_CALL = 48

const SIZE = 0
const EXTENSION_NAME = 1
const EXTENSION_VALUE = 2
const EXTENSION_TOKEN = 3
const EXTENSION_QUOTED = 4
const EXTENSION_ESCAPE = 5
const EXTENSION_END = 6
const SIZE_LF = 7
const DATA = 8
const DATA_CR = 9
const DATA_LF = 10
const LINE = 11
const NAME = 12
const VALUE = 13
const LINE_LF = 14
const LAST_LF = 15
const DONE = 16

/** Fields that no trailer may be: who reads them there takes another length for the body. */
const FRAMING = [word('content-length'), word('transfer-encoding')]

const SEMICOLON = 59
const EQUALS = 61
const QUOTE = 34
const BACKSLASH = 92

/**
 * Takes the chunked coding away, in pieces of any size. Extensions and trailers are checked and dropped.
 *
 *     SIZE ─▶ (extensions) ─▶ DATA ─▶ SIZE … ─▶ LINE (trailers) ─▶ DONE
 *
 * @see RFC 9112, section 7.1
 */
export class ChunkedDecoder {
  /** Bytes that the last `decode` has written. */
  written = 0
  readonly #trailerLimit: number
  #state = SIZE
  #chunkLeft = 0
  #digits = 0
  /** Bytes of the line with a size, then of all trailers. */
  #line = 0
  /** Whether the name of an extension has a character yet. */
  #named = false
  /** How long the name of a trailer is so far, and which of `FRAMING` it may still become. */
  #nameLength = 0
  #framing = 0

  /** @param trailerLimit the greatest size of all trailers, in bytes */
  constructor (trailerLimit: number) {
    this.#trailerLimit = trailerLimit
  }

  get done (): boolean { return this.#state === DONE }

  begin (): void {
    this.#state = SIZE
    this.#chunkLeft = this.#digits = this.#line = 0
  }

  /**
   * Decodes from `at` on into `out`, which must be as large as what is decoded. @returns where it ended
   * @throws ResponseRejected
   */
  decode (bytes: Buffer, at: number, end: number, out: Buffer): number {
    let to = 0
    this.written = 0
    while (at < end && this.#state !== DONE) {
      if (this.#state === DATA) {
        const size = Math.min(this.#chunkLeft, end - at)
        if (size >= COPY_BY_CALL) bytes.copy(out, to, at, at + size)
        else for (let index = 0; index < size; index++) out[to + index] = bytes[at + index]!
        at += size
        this.written = to += size
        this.#chunkLeft -= size
        if (this.#chunkLeft === 0) this.#state = DATA_CR
      } else this.#step(bytes[at++]!)
    }
    return at
  }

  #step (byte: number): void {
    if (this.#state < DATA) this.#sizeLine(byte)
    else if (this.#state < LINE) this.#chunkEnd(byte)
    else this.#trailers(byte)
  }

  #sizeLine (byte: number): void {
    if (++this.#line > MAX_SIZE_LINE) throw invalid('CHUNK_LINE', 'A chunk of the response has too long a size line')
    if (this.#state === SIZE) this.#size(byte)
    else if (this.#state === SIZE_LF) {
      if (byte !== LF) throw size()
      this.#state = this.#chunkLeft === 0 ? LINE : DATA
      this.#digits = this.#line = 0
    } else this.#extension(byte)
  }

  #size (byte: number): void {
    const digit = HEX[byte]!
    if (digit < 16) {
      if (++this.#digits > 16) throw size()
      this.#chunkLeft = this.#chunkLeft * 16 + digit
      if (this.#chunkLeft > Number.MAX_SAFE_INTEGER) throw size()
    } else if (this.#digits === 0) throw size()
    else this.#sizeEnd(byte)
  }

  #sizeEnd (byte: number): void {
    if (byte === CR) this.#state = SIZE_LF
    else if (byte === SEMICOLON) {
      this.#state = EXTENSION_NAME
      this.#named = false
    } else throw this.#state === SIZE ? size() : extension()
  }

  #extension (byte: number): void {
    switch (this.#state) {
      case EXTENSION_NAME:
        if (TOKEN[byte] === 1) this.#named = true
        else if (!this.#named) throw extension()
        else if (byte === EQUALS) this.#state = EXTENSION_VALUE
        else this.#sizeEnd(byte)
        break
      case EXTENSION_VALUE:
        if (byte === QUOTE) this.#state = EXTENSION_QUOTED
        else if (TOKEN[byte] === 1) this.#state = EXTENSION_TOKEN
        else throw extension()
        break
      case EXTENSION_TOKEN:
        if (TOKEN[byte] !== 1) this.#sizeEnd(byte)
        break
      case EXTENSION_QUOTED:
        if (byte === QUOTE) this.#state = EXTENSION_END
        else if (byte === BACKSLASH) this.#state = EXTENSION_ESCAPE
        else if (FIELD_TEXT[byte] !== 1) throw extension()
        break
      case EXTENSION_ESCAPE:
        if (FIELD_TEXT[byte] !== 1) throw extension()
        this.#state = EXTENSION_QUOTED
        break
      default: this.#sizeEnd(byte)
    }
  }

  #chunkEnd (byte: number): void {
    if (byte !== (this.#state === DATA_CR ? CR : LF)) {
      throw invalid('CHUNK_END', 'A chunk of the response has no CRLF after it')
    }
    this.#state = this.#state === DATA_CR ? DATA_LF : SIZE
  }

  #trailerName (byte: number): void {
    if (TOKEN[byte] !== 1) throw trailer()
    for (const [at, name] of FRAMING.entries()) if (name[this.#nameLength] !== (byte | 32)) this.#framing &= ~(1 << at)
    this.#nameLength++
  }

  #trailerNameEnd (): void {
    for (const [at, { length }] of FRAMING.entries()) {
      if (length === this.#nameLength && (this.#framing & (1 << at)) !== 0) throw trailer()
    }
    this.#state = VALUE
  }

  #trailers (byte: number): void {
    if (++this.#line > this.#trailerLimit) {
      throw new ResponseRejected('TRAILERS_TOO_LARGE', 'The trailers of the response are too large', 'headTooLarge')
    }
    switch (this.#state) {
      case LINE:
        if (byte === CR) this.#state = LAST_LF
        else {
          this.#state = NAME
          this.#nameLength = 0
          this.#framing = (1 << FRAMING.length) - 1
          this.#trailerName(byte)
        }
        break
      case NAME:
        if (byte === COLON) this.#trailerNameEnd()
        else this.#trailerName(byte)
        break
      case VALUE:
        if (byte === CR) this.#state = LINE_LF
        else if (FIELD_TEXT[byte] !== 1) throw trailer()
        break
      default:
        if (byte !== LF) throw trailer()
        this.#state = this.#state === LAST_LF ? DONE : LINE
    }
  }
}

const invalid = (rule: string, message: string): ResponseRejected => new ResponseRejected(rule, message)
const size = (): ResponseRejected => invalid('CHUNK_SIZE', 'A chunk of the response has no valid size')
const extension = (): ResponseRejected => invalid('CHUNK_EXTENSION', 'A chunk of the response has an invalid extension')
const trailer = (): ResponseRejected => invalid('TRAILER', 'The trailers of the response are malformed')
