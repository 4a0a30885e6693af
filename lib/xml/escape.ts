/**
 * Characters that XML 1.0 cannot contain: most control characters, unpaired surrogates, U+FFFE and U+FFFF.
 * @see XML 1.0, section 2.2
 */
export const ILLEGAL_XML =
  // eslint-disable-next-line no-control-regex
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const NAMED: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }

/** Escapes a text as character data. Characters that XML cannot contain become U+FFFD; carriage returns are kept. */
export const escapeText = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(ILLEGAL_XML, '\ufffd').replace(/[&<\r]|(?<=\]\])>/g, reference)

/** Texts that need no escaping: printable ASCII without markup. */
const PLAIN = /^[ !#-%'-;=?-~]*$/

/** The quotation marks of an attribute value; both where it is not known which they are. */
export type Quotes = '"' | "'" | '"\''

/** Escapes a text as an attribute value. Line breaks and tabs are kept. */
export const escapeAttribute = (text: string, quotes: Quotes = '"'): string =>
  text.replace(ILLEGAL_XML, '\ufffd').replace(UNSAFE_IN[quotes], reference)

const UNSAFE_IN: Readonly<Record<Quotes, RegExp>> = {
  '"': /[&<>"\t\n\r]/g,
  "'": /[&<>'\t\n\r]/g,
  '"\'': /[&<>"'\t\n\r]/g
}

/**
 * Converts markup to ASCII, so that it may be part of a message of any encoding with ASCII. Names, comments and
 * processing instructions cannot be escaped and stay as they are.
 */
export function inAscii (markup: string): string {
  if (/^[\0-\x7f]*$/.test(markup)) return markup
  return markup
    .replace(ILLEGAL_XML, '\ufffd')
    .replace(
      /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(?:[^<>"']|"[^"<]*"|'[^'<]*')*>|[^<]+/g,
      (part, cdata?: string) =>
        cdata !== undefined
          ? references(escapeText(cdata))
          : part[0] !== '<'
            ? references(part)
            : part[1] === '!' || part[1] === '?'
              ? part
              : part.replace(/"[^"]*"|'[^']*'/g, references)
    )
}

const references = (text: string): string => text.replace(/[^\0-\x7f]/gu, reference)

const reference = (character: string): string => `&${NAMED[character] ?? `#${character.codePointAt(0)}`};`
