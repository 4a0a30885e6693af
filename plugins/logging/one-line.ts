/** Characters that JSON does not escape, although a log reader may end a line at them or a terminal may obey them. */
const UNESCAPED = /[\x7f-\x9f\u2028\u2029]/
const ALL_UNESCAPED = new RegExp(UNESCAPED, 'g')

/** Returns a text that stays on one line of a log: line ends that JSON does not escape become `\uXXXX`. */
export const oneLine = (text: string): string => UNESCAPED.test(text) ? text.replace(ALL_UNESCAPED, escaped) : text

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Does the same for the names and the texts of fields. */
export const oneLineFields = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [
    oneLine(name), typeof value === 'string' ? oneLine(value) : value
  ]))
