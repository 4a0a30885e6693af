import type { Sliced } from '../slices/sliced-work.js'
import { XmlReader, type XmlHandler } from './reader.js'
import { XmlError } from './xml-error.js'

/** Where the parts of a document are. Offsets count UTF-16 code units of its text. */
export interface DocumentOutline {
  /** The start tag of the root, or the whole root if it is empty. */
  readonly root: readonly [from: number, to: number]
  /** Where chunks of the content of the root end, each of whole nodes; the last one is the end of the content. */
  readonly chunkEnds: readonly number[]
}

/** Bytes that one step reads. */
const STEP_SIZE = 32 * 1024
/** UTF-16 code units that a chunk has at least, except for the last one. */
const MIN_CHUNK_SIZE = 16 * 1024

/**
 * Reads a document strictly, and returns where its parts are. An encoding that it declares does not count: its text was
 * decoded before.
 * @throws XmlError for the first reason why the text is not a document of XML 1.0 with namespaces
 */
export function * outlineOf (text: string, maxDepth: number): Sliced<DocumentOutline> {
  refuseCharacters(text)
  const bytes = Buffer.from(text)
  yield
  const offsets = new Offsets(text, bytes)
  const handler = new OutlineHandler(offsets)
  const reader = new XmlReader(handler, { charset: 'utf-8', maxDepth })
  for (let at = 0; at < bytes.length && !reader.finished; at += STEP_SIZE) {
    reader.push(bytes.subarray(at, at + STEP_SIZE))
    yield
  }
  const failure = reader.finish()
  if (failure === undefined) return handler.outline()
  throw describe(failure.reason.replace(/ \(byte \d+\)$/, ''), offsets.of(failure.offset), text, handler.open)
}

function refuseCharacters (text: string): void {
  const half = text.search(/\p{Surrogate}/u)
  if (half >= 0) throw new XmlError('there is half of a surrogate pair', half)
  if (text.startsWith('\ufeff')) throw new XmlError('there is a second byte order mark', 0)
}

/** The error for a failure of the reader, more precise than the token in which it is. */
function describe (reason: string, offset: number, text: string, open: readonly string[]): XmlError {
  if (/^it is empty/.test(reason)) return new XmlError('there is no element', 0)
  if (/^it ends too early/.test(reason)) {
    return open.length === 0
      ? new XmlError(/<[^!?]/.test(text) ? 'the document ends inside of its first tag' : 'there is no element', 0)
      : new XmlError(`the document ends inside of ${open.map(name => `<${name}>`).join('')}`, text.trimEnd().length)
  }
  if (/^the reference |"&" that does not/.test(reason)) return undefinedReference(text, offset)
  const character = /does not allow/.test(reason) ? text.slice(offset).search(NOT_XML) : -1
  return new XmlError(reason, character < 0 ? offset : offset + character)
}

/** @see XML 1.0, section 2.2 */
const NOT_XML = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** A configuration has the entities of XML itself only. */
function undefinedReference (text: string, offset: number): XmlError {
  const reference = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)([\w.-]+(?=;))?/gi
  reference.lastIndex = offset
  const found = reference.exec(text)
  const name = found?.[1]
  return new XmlError(
    name === undefined ? '& begins no reference: a lone one is written &amp;' : `the entity ${name} is not declared`,
    found?.index ?? offset
  )
}

/** Offsets in a text by offsets in its bytes. */
class Offsets {
  readonly #bytes: Buffer
  readonly #isAscii: boolean
  #byte = 0
  #offset = 0

  constructor (text: string, bytes: Buffer) {
    this.#bytes = bytes
    this.#isAscii = text.length === bytes.length
  }

  /** Takes time for the bytes since the last call, if it was for an earlier byte. */
  of (byte: number): number {
    if (this.#isAscii) return byte
    if (byte < this.#byte) [this.#byte, this.#offset] = [0, 0]
    this.#offset += this.#bytes.toString('utf8', this.#byte, byte).length
    this.#byte = byte
    return this.#offset
  }
}

class OutlineHandler implements XmlHandler {
  readonly wantsText = false
  /** The names of all open elements. */
  readonly open: string[] = []
  readonly #offsets: Offsets
  #root: readonly [number, number] = [0, 0]
  readonly #chunkEnds: number[] = []

  constructor (offsets: Offsets) {
    this.#offsets = offsets
  }

  startElement (_namespace: string, prefix: string, name: string, start: number, end: number): void {
    if (this.open.length === 0) this.#root = [this.#offsets.of(start), this.#offsets.of(end)]
    this.open.push(prefix === '' ? name : `${prefix}:${name}`)
  }

  endElement (close: number, end: number): void {
    this.open.pop()
    if (this.open.length === 0) this.#chunkEnds.push(this.#offsets.of(close))
    else if (this.open.length === 1) this.#endChunk(this.#offsets.of(end))
  }

  text (): void {}

  outline (): DocumentOutline {
    return { root: this.#root, chunkEnds: this.#chunkEnds }
  }

  #endChunk (end: number): void {
    if (end - (this.#chunkEnds.at(-1) ?? this.#root[1]) >= MIN_CHUNK_SIZE) this.#chunkEnds.push(end)
  }
}
