import type { Redacted } from './redaction.js'
import { redactPairs } from './redact-pairs.js'
import { HIDDEN, USER } from '../message/redact-url.js'
import type { SecretNames } from './secret-names.js'

/** The credentials of an Authorization header, and a JSON Web Token. */
const CREDENTIALS = /(?<![\w.-])((?:Basic|Bearer|Digest|Negotiate|NTLM)\s+)[\w+/=.~-]{6,}/gi
const WEB_TOKEN = /(?<![\w-])eyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g
/** Values of queries, whatever their names. */
const QUERY = /([?&][^=&?\s#"<>]*=)([^&\s#"<>]+)/g
/** What a text that is cut off may end with: a user, a token, credentials. */
const CUT = /(:\/\/)[^/?#\s]*$|(?<![\w.-])()eyJ[\w.-]*$|(?<![\w.-])((?:Basic|Bearer|Digest|Negotiate|NTLM)\s+)[^*\s]*$/i

/** What a text has in it that any of these finds. */
export const MARKS = /[=:]|eyJ|(?:basic|bearer|digest|negotiate|ntlm)\s/i

/**
 * Hides values in text without structure: those after secret names, of queries, credentials, tokens and users of URLs.
 * @param isCut whether more would follow
 */
export function redactText (text: string, names: SecretNames, isCut = false): Redacted {
  if (!MARKS.test(text)) return { text, hidden: 0 }
  let hidden = 0
  const hide = (kept: string): string => {
    hidden++
    return kept + HIDDEN
  }
  const pairs = redactPairs(text.replace(CREDENTIALS, (_, scheme: string) => hide(scheme)), names)
  const redacted = pairs.text
    .replace(QUERY, (pair: string, name: string, value: string) => (value === HIDDEN ? pair : hide(name)))
    .replace(WEB_TOKEN, () => hide(''))
    .replace(USER, (_, before: string) => `${hide(before)}@`)
  const shown = isCut
    ? redacted.replace(CUT, (_, user?: string, token?: string, scheme?: string) => hide(user ?? token ?? scheme ?? ''))
    : redacted
  return { text: shown, hidden: hidden + pairs.hidden }
}
