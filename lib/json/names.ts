import { NOT_IN_NAME, NOT_NAME_START } from '../xml/characters.js'

/** The elements that stand for JSON without a name of its own in XML. @see WSO2, JsonUtil */
export const JSON_OBJECT = 'jsonObject'
export const JSON_ARRAY = 'jsonArray'
export const JSON_ELEMENT = 'jsonElement'
export const JSON_VALUE = 'jsonValue'

/** What precedes the part of a key that no XML name may have. @see WSO2, JsonReaderDelegate */
const ESCAPE = '_JsonReader_'

/** Returns a JSON key as an XML name: `1a` becomes `_JsonReader_PD_1a`, `a b` becomes `a_JsonReader_32_b`. */
export function nameOfKey (key: string): string {
  if (key === '') return `${ESCAPE}EMPTY`
  const digit = /^\d/.test(key)
  const dollar = key.startsWith('$')
  const start = digit ? `${ESCAPE}PD_` : dollar ? `${ESCAPE}PS_` : ''
  const rest = (dollar ? key.slice(1) : key)
    .replaceAll(ESCAPE, `${ESCAPE}95_${ESCAPE.slice(1)}`)
    .replace(NOT_IN_NAME, each => `${ESCAPE}${each.codePointAt(0)}_`)
  return start === '' && NOT_NAME_START.test(rest) ? `${ESCAPE}PU_${rest}` : start + rest
}

/** The inverse of `nameOfKey`. */
export function keyOfName (name: string): string {
  if (!name.includes(ESCAPE)) return name
  if (name === `${ESCAPE}EMPTY`) return ''
  return name
    .replace(/^_JsonReader_P([DSU])_/, (_, kind: string) => kind === 'S' ? '$' : '')
    .replace(/_JsonReader_(\d{1,7})_/g, (whole: string, code: string) =>
      Number(code) > 0x10ffff ? whole : String.fromCodePoint(Number(code)))
}
