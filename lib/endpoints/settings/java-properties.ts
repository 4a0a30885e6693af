const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

/** `key=value`, `key: value` or `key value`; a backslash escapes a separator in the key. */
const LINE = /^((?:\\[^]|[^\\=:\s])+)(?:\s*[=:]\s*|\s+|$)([^]*)$/

/**
 * A comment, which no line continues; or, as its group, a line with those that continue it, after a backslash at its
 * end.
 */
const LOGICAL_LINE = /(?<=^|\n)(?:[ \t\f]*[#!][^\n]*|((?:\\[^]|[^\\\n])+))/g

const CONTINUATION = /(?<!\\)((?:\\\\)*)\\\n[ \t\f]*/g

/** A property, and where its line begins. */
export interface JavaProperty {
  readonly key: string
  readonly value: string
  readonly offset: number
}

/**
 * Yields the properties in a text, in order.
 * @param text its lines end with `\n`
 * @see Java: Properties.load
 */
export function * javaPropertiesIn (text: string): Generator<JavaProperty> {
  for (const { 1: line = '', index: offset } of text.matchAll(LOGICAL_LINE)) {
    const [, key, value = ''] = LINE.exec(line.replace(CONTINUATION, '$1').trimStart()) ?? []
    if (key !== undefined) yield { key: unescaped(key), value: unescaped(value), offset }
  }
}

/** The properties in a text by name. Of a name that occurs twice the last value counts. */
export const parseJavaProperties = (text: string): ReadonlyMap<string, string> =>
  new Map(Array.from(javaPropertiesIn(text.replace(/\r\n?/g, '\n')), ({ key, value }) => [key, value]))

const unescaped = (text: string): string =>
  text.replace(/\\(?:u([\dA-Fa-f]{4})|([^]))/g, (_, code?: string, each = '') =>
    code === undefined ? (ESCAPES[each] ?? each) : String.fromCharCode(parseInt(code, 16))
  )
