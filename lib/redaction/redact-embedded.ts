import { redactJson } from './redact-json.js'
import { HIDDEN_WHOLE, type Redacted, type Redaction } from './redaction.js'
import { MARKS, redactText } from './redact-text.js'
import { redactXml } from './redact-xml.js'

/** Documents in texts of documents. */
const MAX_NESTING = 3
/** What a text has in it that is a document, or has a value to hide. */
const MAY_HIDE = new RegExp(`[<{[]|${MARKS.source}`, 'i')

/**
 * Hides values in a text of a document, which may be a document itself: XML in CDATA, JSON in a string. What looks
 * like one and cannot be read is hidden whole.
 * @param isCut whether more would follow
 */
export function redactEmbedded (value: string, { names, nesting }: Redaction, isCut = false): Redacted {
  // Most texts of messages are values without any structure.
  if (!MAY_HIDE.test(value)) return { text: value, hidden: 0 }
  const text = value.trimStart()
  const looksLikeXml = /<[\w?!/]/.test(text)
  const looksLikeJson = /^[{[]\s*["{[]/.test(text)
  // Or like a line of a log: `[12:30] …`.
  const mayBeJson = looksLikeJson || /^\[\s*(?:[-\d]|true|false|null)/.test(text)
  if (!looksLikeXml && !mayBeJson) return redactText(value, names, isCut)
  const inner = { names, nesting: nesting + 1 }
  if (inner.nesting > MAX_NESTING) return HIDDEN_WHOLE
  const redacted =
    (mayBeJson ? redactJson(text, inner, isCut) : undefined) ??
    (looksLikeXml ? redactXml(Buffer.from(text), inner, { isCut }) : undefined)
  if (redacted === undefined) {
    return looksLikeXml || looksLikeJson ? HIDDEN_WHOLE : redactText(value, names, isCut)
  }
  return { text: value.slice(0, value.length - text.length) + redacted.text, hidden: redacted.hidden }
}
