import { COMMA, HTAB, isBlank, isWord, isWordAt, SP, word } from './characters.js'
import { ResponseRejected } from '../client-error.js'
import { isConnectionChallenge } from './connection-authentication.js'

const CONTENT_LENGTH = word('content-length')
const TRANSFER_ENCODING = word('transfer-encoding')
const CONNECTION = word('connection')
const KEEP_ALIVE = word('keep-alive')
const WWW_AUTHENTICATE = word('www-authenticate')
const MAX_KEEP_ALIVE = 86_400_000

/** The fields of one response that concern its framing, the connection, and its authentication. */
export class ConnectionFields {
  /** The value of Content-Length; -1 where there is none. */
  length = -1
  chunked = false
  close = false
  keep = false
  /** The value of `Keep-Alive: timeout`, in milliseconds; -1 where there is none. */
  keepAlive = -1
  authenticates = false

  reset (): void {
    this.length = this.keepAlive = -1
    this.chunked = this.close = this.keep = this.authenticates = false
  }

  /**
   * Takes one field. Returns where its value ends, which is earlier where a list repeats one length, or -1 where
   * the field repeats another.
   * @throws ResponseRejected
   */
  note (bytes: Buffer, name: number, nameEnd: number, value: number, valueEnd: number, minor: number): number {
    switch (nameEnd - name) {
      case 10:
        if (isWordAt(bytes, name, CONNECTION)) this.#connection(bytes.toString('latin1', value, valueEnd))
        else if (isWordAt(bytes, name, KEEP_ALIVE)) {
          this.keepAlive = timeoutOf(bytes.toString('latin1', value, valueEnd))
        }
        break
      case 14:
        if (!isWordAt(bytes, name, CONTENT_LENGTH)) break
        if (hasTab(bytes, valueEnd)) throw contentLength()
        return this.#contentLength(bytes, value, valueEnd)
      case 16:
        if (!isWordAt(bytes, name, WWW_AUTHENTICATE)) break
        if (isConnectionChallenge(bytes.toString('latin1', value, valueEnd))) {
          this.authenticates = true
        }
        break
      case 17:
        if (isWordAt(bytes, name, TRANSFER_ENCODING)) {
          if (hasTab(bytes, valueEnd)) throw coding()
          this.#transferEncoding(bytes.toString('latin1', value, valueEnd), minor)
        }
    }
    return valueEnd
  }

  #connection (value: string): void {
    for (const option of isWord(value, 'keep-alive') ? KEEP : value.split(',')) {
      const name = option.trim()
      if (isWord(name, 'close')) this.close = true
      else if (isWord(name, 'keep-alive')) this.keep = true
    }
  }

  /** One number, or a list of one and the same. @see RFC 9110, section 8.6 */
  #contentLength (bytes: Buffer, value: number, valueEnd: number): number {
    const isFirst = this.length < 0
    let firstEnd = -1
    for (let at = value; ;) {
      const start = at
      let number = 0
      for (; at < valueEnd; at++) {
        const digit = bytes[at]! - 48
        if (digit < 0 || digit > 9) break
        number = number * 10 + digit
        if (number > Number.MAX_SAFE_INTEGER) throw contentLength()
      }
      if (at === start || (this.length >= 0 && number !== this.length)) throw contentLength()
      this.length = number
      if (firstEnd < 0) firstEnd = at
      while (at < valueEnd && isBlank(bytes[at]!)) at++
      if (at === valueEnd) break
      if (bytes[at++] !== COMMA) throw contentLength()
      while (at < valueEnd && isBlank(bytes[at]!)) at++
    }
    if (this.chunked) throw bothFramings()
    return isFirst ? firstEnd : -1
  }

  #transferEncoding (value: string, minor: number): void {
    if (this.chunked || !isWord(value, 'chunked')) throw coding()
    if (minor === 0) throw new ResponseRejected('TRANSFER_ENCODING', 'An HTTP/1.0 response has a Transfer-Encoding')
    if (this.length >= 0) throw bothFramings()
    this.chunked = true
  }
}

const KEEP = ['keep-alive']

/** Whether a tab follows a value: common parsers do not recognise "chunked" or a length before one. */
function hasTab (bytes: Buffer, valueEnd: number): boolean {
  let at = valueEnd
  while (bytes[at] === SP) at++
  return bytes[at] === HTAB
}

const coding = (): ResponseRejected =>
  new ResponseRejected('TRANSFER_ENCODING', 'The transfer coding of the response is not just "chunked"')
const contentLength = (): ResponseRejected => new ResponseRejected('CONTENT_LENGTH', 'The Content-Length is invalid')
const bothFramings = (): ResponseRejected =>
  new ResponseRejected('TWO_FRAMINGS', 'The response has a Content-Length and a Transfer-Encoding')

/** The `timeout` parameter of Keep-Alive, which is in seconds, in milliseconds. */
function timeoutOf (value: string): number {
  for (const parameter of value.split(',')) {
    const [name = '', seconds = ''] = parameter.split('=', 2)
    if (!isWord(name.trim(), 'timeout')) continue
    const number = seconds.trim() === '' ? -1 : Number(seconds)
    return Number.isInteger(number) && number >= 0 ? Math.min(number * 1000, MAX_KEEP_ALIVE) : -1
  }
  return -1
}
