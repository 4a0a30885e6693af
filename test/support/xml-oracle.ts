import { XmlDocument, XmlLibError } from 'libxml2-wasm'
import { documentText } from '../../lib/xml/document-text.js'
import { normalise, parseXml, XmlError } from '../../lib/xml/parse-xml.js'
import type { Random } from './random.js'

/** Whether a configuration with these bytes is read, or the reason why it is refused. */
export function verdictOfReader (bytes: Buffer): true | string {
  const text = documentText(bytes)
  if (typeof text !== 'string') return text.reason
  try {
    parseXml(normalise(text))
    return true
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    return error.message
  }
}

/**
 * What libxml2 only warns of, which it reports beside an error: namespaces that are no URIs, names of processing
 * instructions that begin with "xml", a declaration that contradicts the byte order mark.
 * @see Namespaces in XML, section 2.3
 */
const IS_WARNING = /is not a valid URI$|is not absolute$|invalid name prefix 'xml'$|doesn't match auto-detected 'UTF-8'$/s

/**
 * Whether libxml2, which conforms to XML 1.0 and to Namespaces in XML, accepts a document; else its reason. Undefined
 * where it only reports a namespace that is not a URI: after that it reports no second root.
 */
export function verdictOfOracle (bytes: Buffer): true | string | undefined {
  try {
    XmlDocument.fromBuffer(bytes).dispose()
    return true
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error
    const reasons = error.details.map(({ message }) => message.trim()).filter(reason => !IS_WARNING.test(reason))
    return reasons.length === 0 ? undefined : reasons.join(', ')
  }
}

/**
 * Reasons for which the reader refuses what libxml2 allows: a DOCTYPE, XML 1.1, nesting beyond its limit, names that
 * JavaScript reserves or that have characters beyond the basic plane, an encoding that does not exist or is another one
 * than that of the byte order mark.
 */
const OWN_REASONS = new RegExp(
  'DOCTYPE|only XML version 1\\.0 is read|nested|reserved JavaScript keyword|' +
    '[\\u{10000}-\\u{effff}][^\']*\' is an invalid name|encoding "[^"]*" is unknown|not in the encoding "[^"]*"',
  'u'
)

/** What the reader and the oracle say differently about a document. Undefined: both accept it, or both refuse it. */
export function differenceOn (bytes: Buffer): string | undefined {
  const [reader, oracle] = [verdictOfReader(bytes), verdictOfOracle(bytes)]
  if (oracle === undefined || (reader === true) === (oracle === true)) return undefined
  if (reader !== true && OWN_REASONS.test(reader)) return undefined
  return `the reader: ${reader === true ? 'accepted' : reader}; libxml2: ${oracle === true ? 'accepted' : oracle}`
}

const PIECES = [
  '<',
  '>',
  '/',
  '"',
  "'",
  '&',
  ';',
  '=',
  ' ',
  '\n',
  ':',
  '!',
  '?',
  '-',
  '--',
  ']]>',
  '<![CDATA[',
  '<!--',
  '-->',
  '<?',
  '?>',
  '<?xml version="1.0"?>',
  '&#0;',
  '&#xFFFE;',
  '&#x10FFFF;',
  '&#65;',
  '&lt;',
  '&x;',
  '\0',
  '\x1f',
  '\u0085',
  '\u00a0',
  '\ufffe',
  '\ufeff',
  '\u{1f600}',
  'xmlns:x="u"',
  'xmlns=""',
  'x:',
  ' a="1"',
  ' a="1"',
  '<a>',
  '</a>',
  '<b/>'
]

/** A document with one to four changes of a few characters, as they happen at a keyboard or on a wire. */
export function mutatedDocument (text: string, { below, oneOf }: Random): string {
  let mutated = text
  for (let left = 1 + below(4); left > 0; left--) {
    const at = below(mutated.length + 1)
    const end = Math.min(mutated.length, at + below(oneOf([2, 6, 40])))
    const inserted = below(3) === 0 ? mutated.slice(at, end).repeat(2) : below(2) === 0 ? '' : oneOf(PIECES)
    mutated = mutated.slice(0, at) + inserted + mutated.slice(end)
  }
  return mutated
}
