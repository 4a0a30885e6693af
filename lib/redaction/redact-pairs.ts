import { matchAt } from './match-at.js'
import type { Redacted } from './redaction.js'
import { HIDDEN } from '../message/redact-url.js'
import type { SecretNames } from './secret-names.js'

/**
 * A name and what separates it from its value: `name=`, `name: `, `"name": `, `user[name]=`, `name => `, also with
 * quotes escaped for JSON or HTML. A name is tried at its first character only: the time is linear.
 */
const NAME =
  /(?<![\p{L}\p{N}_.-])([\p{L}\p{N}_.-]+)(?:["'\]\\]|&quot;|&#3[49];){0,4}\s*[=:]>?\s*(?:&quot;|&#3[49];)?/gu
const VALUE = /\\*(?:"[^"\\]*(?:\\[^][^"\\]*)*"?|'[^'\\]*(?:\\[^][^'\\]*)*'?|[^\s&;,<>"']+)/y
/** Headers whose values have several words: they are hidden up to the end of the line. */
const WHOLE_LINE = /(?:authorization|cookie)$/i
const LINE = /[^\r\n]+/y
/** It is shown: `Authorization: Basic ***`. */
const SCHEME = /(?:Basic|Bearer|Negotiate|NTLM)[ \t]+/iy
/** Strings and brackets. */
const BRACKETS = /"[^"\\]*(?:\\[^][^"\\]*)*"?|[[\]{}]/g

/** Hides values after secret names. What follows any other name and its separator is searched as well. */
export function redactPairs (text: string, names: SecretNames): Redacted {
  const written: string[] = []
  let at = 0
  NAME.lastIndex = 0
  for (let found = NAME.exec(text); found !== null; found = NAME.exec(text)) {
    if (!names.matches(found[1]!)) continue
    const start = NAME.lastIndex
    const from = endOf(SCHEME, text, start)
    const end = from === start && WHOLE_LINE.test(found[1]!) ? endOfLine(text, from) : endOfValue(text, from)
    if (end === from || text.slice(from, end) === HIDDEN) continue
    const quote = text[from] === '"' || text[from] === "'" ? text[from] : ''
    written.push(text.slice(at, from), quote, HIDDEN, quote)
    at = end
    NAME.lastIndex = end
  }
  return { text: written.join('') + text.slice(at), hidden: written.length / 4 }
}

const endOfValue = (text: string, from: number): number =>
  text[from] === '[' || text[from] === '{' ? endOfBrackets(text, from) : endOf(VALUE, text, from)

const endOfLine = (text: string, from: number): number =>
  text[from] === '"' || text[from] === "'" ? endOf(VALUE, text, from) : endOf(LINE, text, from)

/** Returns where a match that begins here ends; the same position without one. */
const endOf = (pattern: RegExp, text: string, from: number): number =>
  from + (matchAt(pattern, text, from)?.length ?? 0)

/** Returns the position after the bracket that closes the one here; the end of the text without one. */
function endOfBrackets (text: string, from: number): number {
  let depth = 0
  BRACKETS.lastIndex = from
  for (let found = BRACKETS.exec(text); found !== null; found = BRACKETS.exec(text)) {
    const [token] = found
    if (token === '[' || token === '{') depth++
    else if ((token === ']' || token === '}') && --depth === 0) return BRACKETS.lastIndex
  }
  return text.length
}
