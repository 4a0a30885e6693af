import { ILLEGAL_XML } from './escape.js'
import { XmlReader, type XmlHandler } from './reader.js'

const NOTHING_WANTED: XmlHandler = { wantsText: false, startElement () {}, endElement () {}, text () {} }

/** Whether a text can be content: character data and whole elements that declare the prefixes they use. */
export const isContent = (xml: string): boolean => isWellFormed(`<_>${xml}</_>`)

/** Whether a text is one element that declares the prefixes it uses. */
export const isElement = (xml: string): boolean => !/^\ufeff|<\?xml[\s?]/i.test(xml) && isWellFormed(xml)

function isWellFormed (xml: string): boolean {
  // An unpaired surrogate would not survive the conversion to bytes.
  if (xml.search(ILLEGAL_XML) >= 0) return false
  const reader = new XmlReader(NOTHING_WANTED)
  reader.push(Buffer.from(xml))
  return reader.finish() === undefined
}
