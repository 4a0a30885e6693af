/**
 * The characters of XML 1.0 (fifth edition), as far as single bytes decide: in every encoding that is scanned in place,
 * a byte below 0x80 is an ASCII character.
 */

export const LT = 0x3c
export const GT = 0x3e
export const AMP = 0x26
export const BANG = 0x21
export const QUESTION = 0x3f
export const SLASH = 0x2f
export const EQUALS = 0x3d
export const COLON = 0x3a
export const SEMICOLON = 0x3b
export const HASH = 0x23
export const DASH = 0x2d
export const BRACKET = 0x5d
export const QUOTE = 0x22
export const APOSTROPHE = 0x27
export const CR = 0x0d

/** The classes of a byte, as bits of `CLASS[byte]`. A byte from 0x80 on counts as a letter; `isName` checks it. */
export const START = 1
export const NAME = 2
export const SPACE = 4
/** Character data without a meaning in markup. */
export const TEXT = 8
export const VALUE = 16
/** Allowed at all. */
export const LEGAL = 32

export const CLASS = new Uint8Array(256)
for (let byte = 0; byte < 256; byte++) {
  const character = String.fromCharCode(byte)
  const letter = byte >= 0x80 || /[A-Za-z_]/.test(character)
  const space = /[\t\n\r ]/.test(character)
  const legal = byte >= 0x20 || space
  CLASS[byte] =
    (letter ? START | NAME : /[-.0-9]/.test(character) ? NAME : 0) |
    (space ? SPACE : 0) |
    (legal ? LEGAL : 0) |
    (legal && byte < 0x80 && !/[\r<>&]/.test(character) ? TEXT : 0) |
    (legal && byte < 0x80 && !/[\t\n\r<&"']/.test(character) ? VALUE : 0)
}

/* The combining characters stand for themselves. */
/* eslint-disable no-misleading-character-class */
const NC_START =
  'A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF' +
  '\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF' +
  '\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}'
const NC_CHARACTER = `-.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040${NC_START}`
const NC_NAME = new RegExp(`^[${NC_START}][${NC_CHARACTER}]*$`, 'u')
/** The characters of a text that no name without a colon has, and the first one where it begins none. */
export const NOT_IN_NAME = new RegExp(`[^${NC_CHARACTER}]`, 'gu')
export const NOT_NAME_START = new RegExp(`^[^${NC_START}]`, 'u')

/** Whether a text is a name without a colon. @see Namespaces in XML 1.0, NCName */
export const isName = (text: string): boolean => NC_NAME.test(text)

/** Whether XML 1.0 allows this character. @see XML 1.0, production 2 */
export const isCharacter = (code: number): boolean =>
  code >= 0x20
    ? code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
    : code === 9 || code === 10 || code === 13

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/**
 * Returns the character of a reference, given the text between `&` and `;`; undefined if there is none. Only the five
 * predefined entities are known.
 */
export function referred (name: string): string | undefined {
  if (!name.startsWith('#')) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined
  const code = /^#x[0-9a-fA-F]+$/.test(name)
    ? parseInt(name.slice(2), 16)
    : /^#[0-9]+$/.test(name)
      ? parseInt(name.slice(1), 10)
      : NaN
  return isCharacter(code) ? String.fromCodePoint(code) : undefined
}

/**
 * Replaces each line end by `
 * `. @see XML 1.0, section 2.11
 */
export const withLineEnds = (raw: string): string => (raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw)

/** Resolves references, which were checked before. */
const resolved = (raw: string): string =>
  raw.includes('&') ? raw.replace(/&([^;]*);/g, (whole, name: string) => referred(name) ?? whole) : raw

/** Returns the text of a piece of content. */
export const contentOf = (raw: string): string => resolved(withLineEnds(raw))

/** Returns the text of an attribute's value. @see XML 1.0, section 3.3.3 */
export const valueOf = (raw: string): string => resolved(withLineEnds(raw).replace(/[\t\n]/g, ' '))

const isSpace = (code: number): boolean => code === 0x20 || code === 9 || code === 10 || code === 13

/** Returns a text without surrounding white space of XML; `trim` removes more characters. */
export function trimSpace (text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && isSpace(text.charCodeAt(from))) from++
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}
