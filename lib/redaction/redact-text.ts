import type { Redacted } from './redaction.js'
import { HIDDEN, USER } from '../message/redact-url.js'
import type { SecretNames } from './secret-names.js'

/** `name=value`, `name: value`, `"name": "value"`. A name is tried at its first character only: the time is linear. */
const PAIR = /(?<![\w.-])([\w.-]+)(["']?\s*[=:]\s*)("[^"]*"?|'[^']*'?|[^\s&;,<>"']+)/g
/** The credentials of an Authorization header, and a JSON Web Token. */
const CREDENTIALS = /(?<![\w.-])((?:Basic|Bearer|Digest|Negotiate|NTLM)\s+)[\w+/=.~-]{6,}/gi
const WEB_TOKEN = /(?<![\w-])eyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g

/** What a text has in it that any of these finds. */
const MAY_HIDE = /[=:]|eyJ|(?:basic|bearer|digest|negotiate|ntlm)\s/i

/** Hides values in text without structure: those after secret names, credentials, tokens and users of URLs. */
export function redactText (text: string, names: SecretNames): Redacted {
  // Most texts of messages are values without any structure.
  if (!MAY_HIDE.test(text)) return { text, hidden: 0 }
  let hidden = 0
  const hide = (kept: string): string => {
    hidden++
    return kept + HIDDEN
  }
  const redacted = text
    .replace(CREDENTIALS, (_, scheme: string) => hide(scheme))
    .replace(PAIR, (pair: string, name: string, between: string, value: string) => {
      if (!names.has(name) || value === HIDDEN || isScheme(value)) return pair
      const quote = value[0] === '"' || value[0] === "'" ? value[0] : ''
      return hide(name + between + quote) + quote
    })
    .replace(WEB_TOKEN, () => hide(''))
    .replace(USER, (_, before: string) => `${hide(before)}@`)
  return { text: redacted, hidden }
}

/** What follows it is hidden already: `Authorization: Basic ***`. */
const isScheme = (value: string): boolean => /^(Basic|Bearer|Digest|Negotiate|NTLM)$/i.test(value)
