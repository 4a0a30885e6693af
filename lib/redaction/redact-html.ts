import { matchAt } from './match-at.js'
import type { Redacted } from './redaction.js'
import { redactText } from './redact-text.js'
import { HIDDEN } from '../message/redact-url.js'
import type { SecretNames } from './secret-names.js'

const OPEN = /<(?=[a-z/!?])/gi
const COMMENT = /<!--[^]*?(?:-->|$)/y
const TAG = /<(?:"[^"]*"|'[^']*'|[^"'>])*>/y
/** Attributes that describe a field. */
const NAMING = /\b(?:name|id|type|autocomplete)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi
const VALUE = /\b(value|content)(\s*=\s*)("[^"]*"|'[^']*'|[^\s>]+)/gi
/** Elements whose text is not their own. */
const EMPTY = /^<(?:input|meta|link|img|[/!?])/i

/**
 * Hides values in HTML as in text, comments, and values and texts of elements with secret names. What follows a tag
 * that does not end is hidden whole.
 * @param isCut whether more would follow
 */
export function redactHtml (html: string, names: SecretNames, isCut: boolean): Redacted {
  const written: string[] = []
  let hidden = 0
  let at = 0
  OPEN.lastIndex = 0
  for (let found = OPEN.exec(html); found !== null; found = OPEN.exec(html)) {
    written.push(html.slice(at, found.index))
    const comment = matchAt(COMMENT, html, found.index)
    const tag = comment ?? matchAt(TAG, html, found.index)
    at = tag === undefined ? html.length : found.index + tag.length
    if (tag === undefined || comment !== undefined) {
      hidden++
      written.push(tag === undefined ? `<${HIDDEN}` : `<!--${HIDDEN}-->`)
    } else if (isSecret(tag, names)) {
      const field = tag.replace(VALUE, (_, name: string, between: string) => {
        hidden++
        return `${name}${between}"${HIDDEN}"`
      })
      written.push(field)
      const end = EMPTY.test(tag) ? at : endOfContent(html, at, tag)
      if (end > at && html.slice(at, end).trim() !== '') {
        hidden++
        written.push(HIDDEN)
        at = end
      }
    } else written.push(tag)
    OPEN.lastIndex = at
  }
  written.push(html.slice(at))
  const redacted = redactText(written.join(''), names, isCut)
  return { text: redacted.text, hidden: hidden + redacted.hidden }
}

const isSecret = (tag: string, names: SecretNames): boolean =>
  [...tag.matchAll(NAMING)].some(([, double, single, bare]) => names.matches(double ?? single ?? bare!))

/** Returns where the text of an element ends: that of a textarea may have tags in it. */
function endOfContent (html: string, from: number, tag: string): number {
  const end = /^<textarea\b/i.test(tag) ? html.slice(from).search(/<\/textarea/i) : html.slice(from).indexOf('<')
  return end < 0 ? html.length : from + end
}
