import { XmlReader, type XmlHandler } from './reader.js'

/** Why a text is not a document: one sentence without a full stop, and an offset in the text. */
export interface Flaw { readonly reason: string, readonly offset: number }

const NOTHING_WANTED: XmlHandler = { wantsText: false, startElement () {}, endElement () {}, text () {} }

/**
 * Returns the first reason why a text is not a document of XML 1.0 with namespaces; undefined where it is one. An
 * encoding that it declares does not count: its text was decoded before.
 */
export function flawIn (text: string): Flaw | undefined {
  const half = text.search(/\p{Surrogate}/u)
  if (half >= 0) return { reason: 'there is half of a surrogate pair', offset: half }
  if (text.startsWith('\ufeff')) return { reason: 'there is a second byte order mark', offset: 0 }
  const bytes = Buffer.from(text)
  const reader = new XmlReader(NOTHING_WANTED, { charset: 'utf-8' })
  reader.push(bytes)
  const failure = reader.finish()
  if (failure === undefined) return undefined
  const noncharacter = text.search(/[\ufffe\uffff]/)
  const offset = /does not allow/.test(failure.reason) && noncharacter >= 0
    ? noncharacter
    : bytes.toString('utf8', 0, failure.offset).length
  return { reason: failure.reason.replace(/ \(byte \d+\)$/, ''), offset }
}
