import { redactEmbedded } from './redact-embedded.js'
import { HIDDEN_WHOLE, type Redacted, type Redaction } from './redaction.js'

/**
 * Hides values in a form: those of fields with secret names, and in the others as in any text, once it is decoded. A
 * body that is XML or JSON in fact is read as such: some clients send this type with all they send.
 * @param isCut whether more would follow
 * @see WHATWG URL Standard, application/x-www-form-urlencoded
 */
export function redactForm (text: string, redaction: Redaction, isCut: boolean): Redacted {
  if (/^\s*[{[<]/.test(text)) return redactEmbedded(text, redaction, isCut)
  let hidden = 0
  const fields = text.split('&')
  const written = fields.map((field, at) => {
    const end = field.indexOf('=')
    const value = redactField(field, end, redaction, isCut && at === fields.length - 1)
    hidden += value.hidden
    return field.slice(0, end + 1) + value.text
  })
  return { text: written.join('&'), hidden }
}

/** @param end where its name ends; -1: it has none */
function redactField (field: string, end: number, redaction: Redaction, isCut: boolean): Redacted {
  const name = decoded(field.slice(0, Math.max(0, end)))
  // The code of OAuth: elsewhere, codes are those of errors.
  if (name === 'code' || redaction.names.matches(name)) return HIDDEN_WHOLE
  const value = field.slice(end + 1)
  const { text, hidden } = redactEmbedded(decoded(value), redaction, isCut)
  return { text: hidden === 0 ? value : new URLSearchParams([['', text]]).toString().slice(1), hidden }
}

const decoded = (text: string): string =>
  text
    .replaceAll('+', ' ')
    .replace(/(?:%[\da-f]{2})+/gi, bytes => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString())
