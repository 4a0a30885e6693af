const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

/** `key=value`, `key: value` or `key value`; a backslash escapes a separator in the key. */
const LINE = /^((?:\\[^]|[^\\=:\s])+)(?:\s*[=:]\s*|\s+|$)([^]*)$/

/**
 * Returns the properties in a text. Of a name that occurs twice the last value counts.
 * @see Java: Properties.load
 */
export function parseJavaProperties (text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>()
  // A backslash at the end of a line continues it; a comment line has no continuation.
  const joined = text
    .replace(/^[ \t\f]*[#!].*$/gm, '')
    .replace(/\r\n?/g, '\n')
    .replace(/(?<!\\)((?:\\\\)*)\\\n[ \t\f]*/g, '$1')
  for (const line of joined.split('\n')) {
    const [, key, value = ''] = LINE.exec(line.trimStart()) ?? []
    if (key !== undefined) properties.set(unescaped(key), unescaped(value))
  }
  return properties
}

const unescaped = (text: string): string =>
  text.replace(/\\(?:u([\dA-Fa-f]{4})|([^]))/g, (_, code?: string, each = '') =>
    code === undefined ? (ESCAPES[each] ?? each) : String.fromCharCode(parseInt(code, 16))
  )
