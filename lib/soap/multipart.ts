import { EnvelopeScanner } from './scan.js'
import type { MessagePart, ScanResult } from '../message/envelope.js'

/** The parameters of a `multipart/related` Content-Type. @see RFC 2387 */
export interface MultipartRelated {
  readonly boundary: string
  /** The Content-ID of the root part, without its brackets; without it, the first part is the root. */
  readonly start: string | undefined
}

/** Bytes up to the end of the head of the root part, at most. */
const MAX_HEAD = 16_384

/** 1 to 70 characters, without a space at the end. @see RFC 2046, section 5.1.1 */
const BOUNDARY = /^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/
const PARAMETER = /;[ \t]*([^\s=;"]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*/y

/**
 * Returns the parameters of a Content-Type by their lower-case names; undefined if they are malformed, or one occurs
 * twice.
 */
export function parametersOf (contentType: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>()
  PARAMETER.lastIndex = Math.max(0, contentType.indexOf(';'))
  for (let at = contentType.indexOf(';'); at >= 0 && at < contentType.length; at = PARAMETER.lastIndex) {
    const [, name, quoted, bare] = PARAMETER.exec(contentType) ?? []
    if (name === undefined) return /^;?\s*$/.test(contentType.slice(at)) ? found : undefined
    if (found.has(name.toLowerCase())) return undefined
    found.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare!)
  }
  return found
}

/** Undefined for any other type, and without a valid boundary. */
export function multipartOf (contentType: string): MultipartRelated | undefined {
  if (!/^\s*multipart\/related\s*;/i.test(contentType)) return undefined
  const parameters = parametersOf(contentType)
  const boundary = parameters?.get('boundary')
  if (boundary === undefined || !BOUNDARY.test(boundary)) return undefined
  const start = parameters!.get('start')
  return { boundary, start: start === undefined ? undefined : identity(start) }
}

const identity = (id: string): string => id.trim().replace(/^<(.*)>$/, '$1')

/**
 * Scans the root part of a MIME message (MTOM, SOAP with attachments) for the SOAP Header. Offsets count from the first
 * byte of the message, so that edits leave all other bytes unchanged.
 *
 * It is strict, since the endpoint must find the same root. There is no result if the root is not the first part, is
 * not XML in an encoding of XML, is coded (base64, quoted-printable), or has a malformed head.
 * @see RFC 2045
 */
export class RootScanner {
  readonly #related: MultipartRelated
  readonly #limit: number
  /** The start of the message, until the root part begins. */
  #head: Buffer | undefined
  #size = 0
  #part: MessagePart | undefined
  #scanner: EnvelopeScanner | undefined
  #isOver = false

  constructor (related: MultipartRelated, limit: number) {
    this.#related = related
    this.#limit = limit
  }

  /** Takes the next bytes. Returns whether no more are needed. */
  push (chunk: Buffer): boolean {
    if (this.#isOver) return true
    if (this.#scanner !== undefined) return this.#scanner.push(chunk)
    const known = this.#gathered(chunk)
    const part = partIn(known, this.#related, Math.max(0, this.#size - chunk.length - 3))
    if (part === 'unknown') return false
    this.#head = undefined
    if (part === undefined) return (this.#isOver = true)
    this.#part = part
    this.#scanner = new EnvelopeScanner({ limit: this.#limit, charset: part.charset, from: part.start })
    // The rest of the chunk belongs to the root part.
    return (
      this.#scanner.push(known) ||
      (known.length < this.#size && this.#scanner.push(chunk.subarray(chunk.length - (this.#size - known.length))))
    )
  }

  /** The scan of the root part, after `push` returned true or after the last byte. Undefined without a result. */
  finish (): ScanResult | undefined {
    const seen = this.#scanner?.finish()
    if (
      seen === undefined ||
      seen.kind === 'plain' ||
      (seen.kind === 'unreadable' && (seen.cause === 'transcode' || seen.withoutPosition === true))
    ) {
      return undefined
    }
    if (seen.kind === 'unreadable') return seen
    const crossesBoundary = this.#scanner!.contains(`\r\n--${this.#related.boundary}`, seen.rest)
    return crossesBoundary
      ? { kind: 'unreadable', cause: 'malformed', reason: 'its root part ends too early', offset: seen.rest }
      : { ...seen, part: this.#part! }
  }

  #gathered (chunk: Buffer): Buffer {
    const before = this.#size
    this.#size += chunk.length
    if (before === 0) return (this.#head = chunk)
    if (before < MAX_HEAD && this.#head!.length !== MAX_HEAD) {
      const larger = Buffer.allocUnsafe(MAX_HEAD)
      this.#head!.copy(larger)
      this.#head = larger
    }
    chunk.copy(this.#head!, before)
    return this.#head!.subarray(0, Math.min(this.#size, MAX_HEAD))
  }
}

const [CR, LF] = [0x0d, 0x0a]

/**
 * Returns the root part; `unknown` if more bytes are needed. @param searched the position up to which the end of the
 * head was searched
 */
function partIn (
  bytes: Buffer,
  { boundary, start }: MultipartRelated,
  searched: number
): MessagePart | 'unknown' | undefined {
  let at = 0
  while (bytes[at] === CR && bytes[at + 1] === LF) at += 2
  const end = bytes.subarray(0, MAX_HEAD).indexOf('\r\n\r\n', Math.max(at, searched))
  if (end < 0) return bytes.length < MAX_HEAD ? 'unknown' : undefined
  const text = bytes.toString('latin1', at, end)
  const opening = /^[ \t]*\r\n/.exec(text.slice(boundary.length + 2))
  if (!text.startsWith(`--${boundary}`) || opening === null) return undefined
  const headers = headersIn(text.slice(boundary.length + 2 + opening[0].length))
  const type = headers?.get('content-type')
  const coding = headers?.get('content-transfer-encoding')?.toLowerCase() ?? '7bit'
  if (
    type === undefined ||
    !/^(text\/xml|application\/([\w.-]+\+)?xml)[ \t]*(;|$)/i.test(type) ||
    !['7bit', '8bit', 'binary'].includes(coding)
  ) {
    return undefined
  }
  if (headers!.has('content-length') || headers!.has('content-encoding')) return undefined
  if (start !== undefined && identity(headers!.get('content-id') ?? '') !== start) return undefined
  const parameters = parametersOf(type)
  return parameters && { start: end + 4, charset: parameters.get('charset'), boundary }
}

/** Returns the head of a part with each header on one line. @see RFC 5322, section 2.2.3 */
export const unfolded = (head: string): string => head.replace(/\r\n[ \t]+/g, ' ')

/** Returns the headers of a part by lower-case names; undefined if a line is malformed, or a name occurs twice. */
function headersIn (text: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>()
  for (const line of unfolded(text).split('\r\n')) {
    const [, name, value] = /^([!-9;-~]+):([\t -~\x80-\xff]*)$/.exec(line) ?? []
    if (name === undefined || found.has(name.toLowerCase())) return undefined
    found.set(name.toLowerCase(), value!.trim())
  }
  return found
}

/** The end of a part's content; the end of the bytes if they do not contain it. */
export function endOfPart (bytes: Buffer, { start, boundary }: MessagePart): number {
  const end = bytes.indexOf(`\r\n--${boundary}`, start, 'latin1')
  return end < 0 ? bytes.length : end
}
