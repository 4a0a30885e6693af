/**
 * What XML 1.0 cannot carry at all, wherever it stands (section 2.2): most control characters, halves of surrogate
 * pairs, U+FFFE and U+FFFF.
 */
export const ILLEGAL_XML =
  // eslint-disable-next-line no-control-regex
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const NAMED: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }

/** The text as character data. What XML cannot carry becomes U+FFFD; a carriage return stays one. */
export const escapeText = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(ILLEGAL_XML, '\ufffd').replace(/[&<\r]|(?<=\]\])>/g, reference)

/** Most texts: letters and signs of ASCII that mean nothing to XML. */
const PLAIN = /^[ !#-%'-;=?-~]*$/

/** The text as the value of an attribute in quotes of either kind. Line breaks and tabs stay what they are. */
export const escapeAttribute = (text: string): string =>
  text.replace(ILLEGAL_XML, '\ufffd').replace(/[&<>"'\t\n\r]/g, reference)

/**
 * The same markup in ASCII, so that it may stand in a message of any encoding that contains ASCII.
 * Only names, comments and processing instructions have no other way to be written and stay as they are.
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
