/**
 * A strict reader of HTTP/1.1 messages (RFC 9112) for both ends of the suite: what the gateway sends to an endpoint,
 * and what it sends to a client. It accepts what a sender may generate, nothing that a recipient may merely tolerate.
 */

/** One message of a connection. `complete` is false while its body has not ended. */
export interface HttpMessage {
  readonly start: string
  /** Names in lower case, in order, with their values. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly head: string
  body: string
  complete: boolean
  /** Chunks of its body, where it has any. */
  chunks: number
}

type Framing = { kind: 'length'; left: number } | { kind: 'chunked' } | { kind: 'close' } | { kind: 'none' }

const REQUEST_LINE = /^[!#$%&'*+.^`|~\w-]+ (?:\/[!-~]*|\*|https?:\/\/[!-~]+) HTTP\/1\.[01]$/
const STATUS_LINE = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?$/
const FIELD_LINE =
  /^([!#$%&'*+.^`|~\w-]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/
const CHUNK_LINE = /^([\da-fA-F]{1,8})(?:;[\t\x20-\x7e\x80-\xff]*)?$/

/** All values of a header. */
export const valuesOf = ({ headers }: Pick<HttpMessage, 'headers'>, name: string): string[] =>
  headers.filter(each => each[0] === name).map(each => each[1])

export const statusOf = ({ start }: HttpMessage): number => Number(start.split(' ')[1])

/** Reads the messages of one direction of one connection, as Latin-1. */
export class MessageReader {
  readonly messages: HttpMessage[] = []
  /** What is wrong with the bytes; nothing is read after that. */
  problem: string | undefined
  readonly #isResponse: boolean
  /** Whether the response of this number answers HEAD. */
  readonly #isBodiless: (index: number) => boolean
  readonly #onHead: (message: HttpMessage) => void
  readonly #onEnd: (message: HttpMessage) => void
  #rest = ''
  #current: HttpMessage | undefined
  #framing: Framing = { kind: 'none' }
  #parts: string[] = []

  constructor (
    isResponse: boolean,
    {
      isBodiless = () => false,
      onHead = () => {},
      onEnd = () => {}
    }: {
      isBodiless?: (index: number) => boolean
      onHead?: (message: HttpMessage) => void
      onEnd?: (message: HttpMessage) => void
    } = {}
  ) {
    this.#isResponse = isResponse
    this.#isBodiless = isBodiless
    this.#onHead = onHead
    this.#onEnd = onEnd
  }

  /** The final responses: interim ones (1xx) are left out. */
  get final (): HttpMessage[] {
    return this.messages.filter(each => statusOf(each) >= 200)
  }

  /** Whether a message has begun and has not ended. */
  get isInside (): boolean {
    return this.#current !== undefined || this.#rest !== ''
  }

  push (text: string): void {
    this.#rest += text
    while (this.problem === undefined && this.#step());
  }

  /** The connection ended cleanly: a response without a length is complete. */
  end (): void {
    if (this.#current !== undefined && this.#framing.kind === 'close') this.#finish()
  }

  #step (): boolean {
    if (this.#current === undefined) return this.#head()
    switch (this.#framing.kind) {
      case 'length':
        return this.#length(this.#framing)
      case 'chunked':
        return this.#chunk()
      case 'close':
        this.#take(this.#rest)
        this.#rest = ''
        return false
      default:
        return false
    }
  }

  #head (): boolean {
    const end = this.#rest.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = this.#rest.slice(0, end)
    const [start = '', ...lines] = head.split('\r\n')
    this.#rest = this.#rest.slice(end + 4)
    if (!(this.#isResponse ? STATUS_LINE : REQUEST_LINE).test(start)) {
      return this.#fail(`the start line ${JSON.stringify(start.slice(0, 80))} is not valid`)
    }
    const headers: [string, string][] = []
    for (const line of lines) {
      const match = FIELD_LINE.exec(line)
      if (match === null) return this.#fail(`the header line ${JSON.stringify(line.slice(0, 80))} is not valid`)
      headers.push([match[1]!.toLowerCase(), match[2]!])
    }
    const message: HttpMessage = { start, headers, head, body: '', complete: false, chunks: 0 }
    this.messages.push(message)
    this.#current = message
    const framing = this.#framingOf(message)
    if (typeof framing === 'string') return this.#fail(framing)
    this.#framing = framing
    this.#onHead(message)
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.left === 0)) this.#finish()
    return true
  }

  #framingOf (message: HttpMessage): Framing | string {
    const lengths = valuesOf(message, 'content-length')
    const codings = valuesOf(message, 'transfer-encoding')
    if (lengths.length > 1 || (lengths[0] !== undefined && !/^\d{1,15}$/.test(lengths[0]))) {
      return `Content-Length is ${lengths.join(', ')}`
    }
    if (codings.length > 1 || (codings[0] !== undefined && codings[0].toLowerCase() !== 'chunked')) {
      return `Transfer-Encoding is ${codings.join(', ')}`
    }
    if (codings.length > 0 && lengths.length > 0) return 'it has Content-Length and Transfer-Encoding'
    if (!this.#isResponse && valuesOf(message, 'host').length !== 1) return 'it has not exactly one Host'
    if (this.#isResponse) {
      const status = statusOf(message)
      const index = this.final.indexOf(message)
      if (status < 200 || status === 204 || status === 304 || this.#isBodiless(index)) return { kind: 'none' }
    }
    if (codings.length > 0) return { kind: 'chunked' }
    if (lengths[0] !== undefined) return { kind: 'length', left: Number(lengths[0]) }
    return { kind: this.#isResponse ? 'close' : 'none' }
  }

  #length (framing: { left: number }): boolean {
    if (this.#rest === '') return false
    const part = this.#rest.slice(0, framing.left)
    this.#take(part)
    this.#rest = this.#rest.slice(part.length)
    framing.left -= part.length
    if (framing.left > 0) return false
    this.#finish()
    return true
  }

  #chunk (): boolean {
    const end = this.#rest.indexOf('\r\n')
    if (end < 0) return this.#rest.length > 4096 ? this.#fail('a chunk has no size') : false
    const size = CHUNK_LINE.exec(this.#rest.slice(0, end))
    if (size === null) {
      return this.#fail(`the chunk line ${JSON.stringify(this.#rest.slice(0, Math.min(end, 40)))} is not valid`)
    }
    const length = parseInt(size[1]!, 16)
    if (length === 0) return this.#trailers(end + 2)
    if (this.#rest.length < end + 4 + length) return false
    if (this.#rest.slice(end + 2 + length, end + 4 + length) !== '\r\n') {
      return this.#fail('a chunk is longer than its size')
    }
    this.#take(this.#rest.slice(end + 2, end + 2 + length))
    this.#current!.chunks++
    this.#rest = this.#rest.slice(end + 4 + length)
    return true
  }

  #trailers (from: number): boolean {
    const empty = this.#rest.startsWith('\r\n', from)
    const end = empty ? from : this.#rest.indexOf('\r\n\r\n', from)
    if (end < 0) return false
    this.#rest = this.#rest.slice(end + (empty ? 2 : 4))
    this.#finish()
    return true
  }

  #take (part: string): void {
    if (part !== '') this.#parts.push(part)
  }

  #finish (): void {
    const message = this.#current!
    this.#flush()
    message.complete = true
    this.#current = undefined
    this.#onEnd(message)
  }

  #flush (): void {
    if (this.#current !== undefined) this.#current.body += this.#parts.join('')
    this.#parts = []
  }

  /** Puts what has come of an unfinished body into its message. */
  settle (): void {
    this.#flush()
  }

  #fail (problem: string): false {
    this.problem = problem
    return false
  }
}
