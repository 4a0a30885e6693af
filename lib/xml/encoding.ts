import { isUtf8 } from 'node:buffer'
import { fault, MediationError } from '../message/fault.js'

/** The encodings that are scanned in place: in all of them a byte below 0x80 is ASCII. */
export type Encoding = 'utf-8' | 'us-ascii' | 'iso-8859-1' | 'iso-8859-15' | 'windows-1252'

const NAMES = new Map<string, Encoding | 'utf-16'>([
  ['utf-8', 'utf-8'], ['utf8', 'utf-8'],
  ['us-ascii', 'us-ascii'], ['ascii', 'us-ascii'],
  ['iso-8859-1', 'iso-8859-1'], ['iso8859-1', 'iso-8859-1'], ['iso_8859-1', 'iso-8859-1'], ['latin1', 'iso-8859-1'], ['l1', 'iso-8859-1'],
  ['iso-8859-15', 'iso-8859-15'], ['iso8859-15', 'iso-8859-15'], ['iso_8859-15', 'iso-8859-15'], ['latin-9', 'iso-8859-15'], ['latin9', 'iso-8859-15'],
  ['windows-1252', 'windows-1252'], ['cp1252', 'windows-1252'],
  ['utf-16', 'utf-16'], ['utf-16le', 'utf-16'], ['utf-16be', 'utf-16']
])

/** The encoding of this name, in any case; undefined for one that is not known here. */
export const encodingOf = (name: string): Encoding | 'utf-16' | undefined => NAMES.get(name.toLowerCase())

/** Where they differ from ISO-8859-1: from byte to character. Windows-1252 has nothing at five places. */
const DIFFERENCES: Partial<Record<Encoding, Readonly<Record<string, string>>>> = {
  'iso-8859-15': { '\xA4': '€', '\xA6': 'Š', '\xA8': 'š', '\xB4': 'Ž', '\xB8': 'ž', '\xBC': 'Œ', '\xBD': 'œ', '\xBE': 'Ÿ' },
  'windows-1252': Object.fromEntries([...'€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ'].map((character, at) => [String.fromCharCode(0x80 + at), character]))
}

/** The text of these bytes. What they cannot mean was found out before, or will be by `misfit`. */
export function decode (bytes: Buffer, from: number, to: number, encoding: Encoding): string {
  if (encoding === 'utf-8') return bytes.toString('utf8', from, to)
  const text = bytes.toString('latin1', from, to)
  const differences = DIFFERENCES[encoding]
  return differences === undefined ? text : text.replace(/[\x80-\xBE]/g, byte => differences[byte] ?? byte)
}

const NO_CHARACTERS = [Buffer.from('\uFFFE'), Buffer.from('\uFFFF')]

/** Why the first bytes, up to `end`, are no text in this encoding; undefined where they are. */
export function encodingError (bytes: Buffer, end: number, encoding: Encoding): string | undefined {
  const start = bytes.subarray(0, end)
  switch (encoding) {
    case 'utf-8':
      if (!isUtf8(start)) return 'it is not valid UTF-8'
      return NO_CHARACTERS.some(each => start.includes(each)) ? 'it contains a character that XML does not allow' : undefined
    case 'us-ascii': return 'it is said to be US-ASCII, but is not'
    case 'windows-1252': return /[\x81\x8D\x8F\x90\x9D]/.test(start.toString('latin1')) ? 'it contains a byte that windows-1252 does not know' : undefined
    default: return undefined
  }
}

/** The encoding that the start of a document names, strictly written or not; undefined where it names none. */
export const declaredIn = (bytes: Buffer): string | undefined =>
  /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']/.exec(bytes.toString('latin1', 0, 256))?.[1]

/** What the XML declaration says: the name of an encoding, if any, and which that is; or why it is no declaration that we follow. */
export interface Declaration { readonly name?: string | undefined, readonly encoding?: Encoding | 'utf-16' | undefined, readonly reason?: string | undefined }

const DECLARATION = /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"([^"]*)"|'([^']*)')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][\w.-]*)"|'([A-Za-z][\w.-]*)'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/

const read = (text: string): Declaration => {
  const found = DECLARATION.exec(text)
  if (found === null) return { reason: 'the XML declaration is wrong' }
  if ((found[1] ?? found[2]) !== '1.0') return { reason: 'only XML version 1.0 is read' }
  const name = found[3] ?? found[4]
  return { name, encoding: name === undefined ? undefined : encodingOf(name) }
}

/** What nearly everybody writes is read once. */
const USUAL = new Map<string, Declaration>(['UTF-8', 'utf-8'].flatMap(name => [`<?xml version="1.0" encoding="${name}"?>`, `<?xml version='1.0' encoding='${name}'?>`]).map(text => [text, read(text)]))

/** @param text from `<?xml` to `?>` */
export const readDeclaration = (text: string): Declaration => USUAL.get(text) ?? read(text)

/** The order of the bytes, if these begin a document in UTF-16: by its byte order mark, or by how `<` looks in it. */
export function utf16Of (bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const first = bytes[0]
  const second = bytes[1]
  if ((first === 0xFE && second === 0xFF) || (first === 0 && second === 0x3C)) return 'utf-16be'
  return (first === 0xFF && second === 0xFE) || (first === 0x3C && second === 0) ? 'utf-16le' : undefined
}

/**
 * A whole UTF-16 document as UTF-8, without byte order mark, its declaration naming UTF-8. Scan the result without the charset
 * that the original came with.
 * @throws MediationError for what is no UTF-16, or declared to be something else
 */
export function transcode (bytes: Buffer): Buffer {
  const unreadable = (why: string): MediationError => new MediationError(fault('UNREADABLE', `the message cannot be read: ${why}`, { status: 400 }))
  const order = utf16Of(bytes)
  if (order === undefined) throw unreadable('it is not UTF-16')
  let text: string
  try {
    text = new TextDecoder(order, { fatal: true }).decode(bytes)
  } catch {
    throw unreadable('it is not valid UTF-16')
  }
  if (text.startsWith('\uFEFF') || text.includes('\0')) throw unreadable('it contains a character that XML does not allow')
  const end = /^<\?xml[ \t\r\n]/.test(text) ? text.indexOf('?>') + 2 : 0
  const name = end < 2 ? undefined : readDeclaration(text.slice(0, end)).name?.toLowerCase()
  if (name === undefined) return Buffer.from(text)
  if (name !== 'utf-16' && name !== order) throw unreadable('the encoding of its XML declaration is not the one it is in')
  return Buffer.from(text.slice(0, end).replace(/(encoding[^"']*["'])[^"']*/, '$1UTF-8') + text.slice(end))
}
