import { isUtf8 } from 'node:buffer'
import { fault, MediationError } from '../message/fault.js'

/** The name of an encoding: one of those below, or the name that the WHATWG Encoding Standard has for it. */
export type Encoding = string

/**
 * Names that Java and XML take literally, where the WHATWG standard has windows-1252; both byte orders of UTF-16 as one
 * encoding; and one that is for scripts of browsers only, which Node knows from 24 on.
 */
const NAMES = new Map<string, Encoding | undefined>([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['us-ascii', 'us-ascii'],
  ['ascii', 'us-ascii'],
  ...['iso-8859-1', 'iso8859-1', 'iso_8859-1', 'latin1', 'l1'].map(name => [name, 'iso-8859-1'] as const),
  ['latin-9', 'iso-8859-15'],
  ['latin9', 'iso-8859-15'],
  ['x-user-defined', undefined],
  ...['utf-16', 'utf-16le', 'utf-16be', 'unicode', 'ucs-2', 'iso-10646-ucs-2'].map(name => [name, 'utf-16'] as const)
])

/** Encodings in which a byte below 0x80 may be a part of another character. */
const NOT_IN_PLACE: ReadonlySet<Encoding> = new Set([
  'utf-16',
  'gbk',
  'gb18030',
  'big5',
  'euc-jp',
  'iso-2022-jp',
  'shift_jis',
  'euc-kr'
])

const MAX_LABEL = 64
const MAX_KNOWN_LABELS = 256
const known = new Map<string, Encoding | undefined>(NAMES)

/**
 * Returns the encoding of a label in any case; undefined for an unknown label. @see WHATWG Encoding Standard, section
 * 4.2
 */
export function encodingOf (label: string): Encoding | undefined {
  if (label.length > MAX_LABEL) return undefined
  const lower = label.toLowerCase()
  if (known.has(lower)) return known.get(lower)
  // Clients choose the labels.
  if (known.size >= MAX_KNOWN_LABELS) for (const each of known.keys()) if (!NAMES.has(each)) known.delete(each)
  let encoding: Encoding | undefined
  try {
    encoding = new TextDecoder(lower).encoding
  } catch {}
  known.set(lower, encoding)
  return encoding
}

/** Whether a document in this encoding is read as it is. One in another encoding is read after `transcode`. */
export const isReadInPlace = (encoding: Encoding): boolean => !NOT_IN_PLACE.has(encoding)

type Decoder = InstanceType<typeof TextDecoder>
const decoders = new Map<Encoding, Decoder>()

function decoderOf (encoding: Encoding): Decoder {
  let decoder = decoders.get(encoding)
  if (decoder === undefined) decoders.set(encoding, (decoder = new TextDecoder(encoding, { ignoreBOM: true })))
  return decoder
}

/** The characters of windows-1252 from 0x80 on. Its decoder in Node 20 and 22 decodes ISO-8859-1. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ'

/** Decodes bytes. `encodingError` checks whether they are valid. */
export function decode (bytes: Buffer, from: number, to: number, encoding: Encoding): string {
  switch (encoding) {
    case 'utf-8':
      return bytes.toString('utf8', from, to)
    case 'us-ascii':
    case 'iso-8859-1':
      return bytes.toString('latin1', from, to)
    case 'windows-1252':
      return bytes
        .toString('latin1', from, to)
        .replace(/[\x80-\x9F]/g, byte => WINDOWS_1252[byte.charCodeAt(0) - 0x80]!)
    default:
      return decoderOf(encoding).decode(bytes.subarray(from, to))
  }
}

const NO_CHARACTERS = [Buffer.from('\uFFFE'), Buffer.from('\uFFFF')]
const ILLEGAL = 'it contains a character that XML does not allow'

/** Returns why the first bytes, up to `end`, are not valid in this encoding; undefined if they are. */
export function encodingError (bytes: Buffer, end: number, encoding: Encoding): string | undefined {
  const start = bytes.subarray(0, end)
  switch (encoding) {
    case 'utf-8':
      if (!isUtf8(start)) return 'it is not valid UTF-8'
      return NO_CHARACTERS.some(each => start.includes(each)) ? ILLEGAL : undefined
    case 'us-ascii':
      return 'it is not US-ASCII, which it declares'
    case 'iso-8859-1':
      return undefined
    case 'windows-1252':
      return /[\x81\x8D\x8F\x90\x9D]/.test(start.toString('latin1')) ? unknownByte(encoding) : undefined
    default:
      return isValid(start, encoding) ? undefined : unknownByte(encoding)
  }
}

const unknownByte = (encoding: Encoding): string => `it contains a byte that ${encoding} does not know`

function isValid (bytes: Buffer, encoding: Encoding): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/**
 * Returns the label of the encoding that the start of a document declares, well-formed or not, after a byte order mark
 * of UTF-8 or without one; undefined if it declares none.
 */
export const declaredIn = (bytes: Buffer): string | undefined =>
  /^(?:\xef\xbb\xbf)?<\?xml\s(?:[^>]*?\s)?encoding\s*=\s*["']([\w.-]+)["']/.exec(bytes.toString('latin1', 0, 256))?.[1]

/** An XML declaration: the label of an encoding, if any, and which one that is; or why the declaration is refused. */
export interface Declaration {
  readonly name?: string | undefined
  readonly encoding?: Encoding | undefined
  readonly reason?: string | undefined
}

const SPACES = '[ \\t\\r\\n]+'
const EQUALS = '[ \\t\\r\\n]*=[ \\t\\r\\n]*'
const DECLARATION = new RegExp(
  `^<\\?xml${SPACES}version${EQUALS}(?:"([^"]*)"|'([^']*)')` +
    `(?:${SPACES}encoding${EQUALS}(?:"([A-Za-z][\\w.-]*)"|'([A-Za-z][\\w.-]*)'))?` +
    `(?:${SPACES}standalone${EQUALS}(?:"(?:yes|no)"|'(?:yes|no)'))?[ \\t\\r\\n]*\\?>`
)

const parse = (text: string): Declaration => {
  const found = DECLARATION.exec(text)
  if (found === null) return { reason: 'the XML declaration is malformed' }
  if ((found[1] ?? found[2]) !== '1.0') return { reason: 'only XML version 1.0 is read' }
  const name = found[3] ?? found[4]
  return { name, encoding: name === undefined ? undefined : encodingOf(name) }
}

/** The usual declarations are parsed once. */
const USUAL = new Map<string, Declaration>()
for (const name of ['UTF-8', 'utf-8']) {
  for (const quote of ['"', "'"]) {
    const text = `<?xml version=${quote}1.0${quote} encoding=${quote}${name}${quote}?>`
    USUAL.set(text, parse(text))
  }
}

/** @param text from `<?xml` to `?>` */
export const readDeclaration = (text: string): Declaration => USUAL.get(text) ?? parse(text)

/** Returns the encoding that the byte order mark of a document stands for; undefined without one. */
export function markedEncoding (bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  const first = bytes[0]
  const second = bytes[1]
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xef && second === 0xbb && bytes[2] === 0xbf ? 'utf-8' : undefined
}

/**
 * Returns the byte order of a document in UTF-16, by its byte order mark or its first `<`; undefined if it is not in
 * UTF-16.
 */
export function utf16Of (bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const marked = markedEncoding(bytes)
  if (marked !== undefined) return marked === 'utf-8' ? undefined : marked
  if (bytes[0] === 0 && bytes[1] === 0x3c) return 'utf-16be'
  return bytes[0] === 0x3c && bytes[1] === 0 ? 'utf-16le' : undefined
}

/**
 * Converts a whole document to UTF-8 without a byte order mark, with a declaration of UTF-8. Read the result without
 * the charset of the original. A declaration of another encoding does not count: it could not have been read.
 * @param encoding the encoding of the bytes. Default: UTF-16 by its byte order
 * @throws MediationError UNREADABLE, status 400, if the bytes are not valid
 */
export function transcode (bytes: Buffer, encoding: Encoding | undefined = utf16Of(bytes)): Buffer {
  if (encoding === undefined) throw unreadable('it is not UTF-16')
  let text: string
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw unreadable(`it is not valid ${encoding.toUpperCase()}`)
  }
  if (text.startsWith('\uFEFF') || text.includes('\0')) throw unreadable(ILLEGAL)
  const end = /^<\?xml[ \t\r\n]/.test(text) ? text.indexOf('?>') + 2 : 0
  const declaration = end < 2 ? '' : text.slice(0, end)
  if (readDeclaration(declaration).name === undefined) return Buffer.from(text)
  return Buffer.from(declaration.replace(/(encoding[^"']*["'])[^"']*/, '$1UTF-8') + text.slice(end))
}

/**
 * Converts the start of a document, as `transcode` does. Undefined: it is not valid.
 * @param isCut whether it may end inside of a character
 */
export function transcodeStart (bytes: Buffer, encoding: Encoding | undefined, isCut: boolean): Buffer | undefined {
  for (let less = 0; less <= (isCut ? MAX_CHARACTER_BYTES : 0); less++) {
    try {
      return transcode(bytes.subarray(0, bytes.length - less), encoding)
    } catch {}
  }
  return undefined
}

/** Bytes of a character in any encoding, at most. */
const MAX_CHARACTER_BYTES = 4

const unreadable = (why: string): MediationError =>
  new MediationError(fault('UNREADABLE', `the message cannot be read: ${why}`, { status: 400 }))
