import { matcherOfRepeated } from '../../../../lib/message/repeated-text.js'

/**
 * The characters of HTTP/1.1, by code.
 *
 * @see RFC 9110, sections 5.5 and 5.6.2; RFC 9112, section 3.2
 */

/** 1 for each character of a token. */
export const TOKEN = table("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

/** 1 for each byte that a field value or a reason phrase may hold: HTAB, SP, visible characters, 0x80 to 0xFF. */
export const FIELD_TEXT = new Uint8Array(256)
for (let code = 0; code < 256; code++) if (code === 9 || (code >= 32 && code !== 127)) FIELD_TEXT[code] = 1

/** The value of a hexadecimal digit; 255 for any other byte. */
export const HEX = new Uint8Array(256).fill(255)
for (let value = 0; value < 16; value++) {
  HEX[value.toString(16).charCodeAt(0)] = value
  HEX[value.toString(16).toUpperCase().charCodeAt(0)] = value
}

export const HTAB = 9
export const LF = 10
export const CR = 13
export const SP = 32
export const COMMA = 44
export const COLON = 58

export const isBlank = (code: number): boolean => code === SP || code === HTAB

export function isToken (text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 127 || TOKEN[code] !== 1) return false
  }
  return text !== ''
}

/** Regular expressions read a text about ten times as fast as a loop over its characters. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Returns whether a field value has no control character except HTAB, and nothing beyond Latin-1. */
export const isFieldText = (text: string): boolean => FIELD_VALUE.test(text)

/** Returns whether a request target has no blank, no control character, and nothing beyond Latin-1. */
export const isTargetText = matcherOfRepeated(/^[\x21-\x7e\x80-\xff]+$/)

/** Returns whether text is this word, which is in lower case, in any case. */
export function isWord (text: string, lower: string): boolean {
  return text.length === lower.length && (text === lower || text.toLowerCase() === lower)
}

/**
 * Returns whether a token in `bytes` is this word. Only bytes of a token may be compared: of these, setting bit 5
 * changes letters to lower case and makes no other byte a letter or "-".
 */
export function isWordAt (bytes: Uint8Array, at: number, lower: Uint8Array): boolean {
  for (let index = 0; index < lower.length; index++) if ((bytes[at + index]! | 32) !== lower[index]) return false
  return true
}

export const word = (text: string): Uint8Array => Uint8Array.from(text, each => each.charCodeAt(0))

function table (text: string): Uint8Array {
  const codes = new Uint8Array(256)
  for (const each of text) codes[each.charCodeAt(0)] = 1
  return codes
}
