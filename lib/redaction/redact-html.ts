import type { Redacted } from './redaction.js'
import { redactText } from './redact-text.js'
import { HIDDEN } from '../message/redact-url.js'
import type { SecretNames } from './secret-names.js'

const TAG = /<[^<>]*>/g
/** Attributes that say what a field is. */
const NAMING = /\b(?:name|id|type|autocomplete)\s*=\s*["']?([\w.-]+)/gi
const VALUE = /\b(value|content)(\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)/gi

/** Hides values in HTML as in text, and those of fields with secret names. */
export function redactHtml (text: string, names: SecretNames): Redacted {
  let hidden = 0
  const fields = text.replace(TAG, tag => {
    if (![...tag.matchAll(NAMING)].some(([, name]) => names.has(name!))) return tag
    return tag.replace(VALUE, (_, name: string, between: string) => {
      hidden++
      return `${name}${between}"${HIDDEN}"`
    })
  })
  const redacted = redactText(fields, names)
  return { text: redacted.text, hidden: hidden + redacted.hidden }
}
