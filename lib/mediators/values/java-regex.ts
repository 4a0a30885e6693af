import { errorMessage } from '../../message/error-message.js'

/**
 * Compiles a regular expression of Java that matches whole texts.
 * @throws Error as `javaRegex` does
 */
export const fullMatch = (pattern: string): RegExp => javaRegex(pattern, '', source => `^(?:${source})$`)

/**
 * Compiles a regular expression of Java. Accepts leading flags, `(?is)`, and quoted text, `\Q…\E`.
 * @throws Error for a malformed expression, or one without an equivalent in JavaScript
 */
export function javaRegex (pattern: string, more: string, around = (source: string): string => source): RegExp {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?([^]*)$/.exec(pattern)!
  const literal = (text: string): string =>
    text.replace(/[^A-Za-z0-9]/gu, each => `\\u{${each.codePointAt(0)!.toString(16)}}`)
  const source = rest
    .replace(/\\Q([^]*?)(?:\\E|$)/g, (_, text: string) => literal(text))
    .replace(/\\([^A-Za-z0-9]|u\{)/gu, (whole, each: string) => each === 'u{' ? whole : literal(each))
  try {
    return new RegExp(around(source), `${flags}${more}u`)
  } catch (error) {
    const reason = errorMessage(error).replace(/^.*: /, '')
    throw new Error(`"${pattern}" is not a regular expression that JavaScript accepts: ${reason}`)
  }
}

/**
 * Returns a replacement of Java in JavaScript's form: `$1` stays, `$0` is the whole match, a backslash quotes.
 * @see Java: Matcher.appendReplacement
 */
export const javaReplacement = (text: string): string =>
  text.replace(/\\([^])|\$(\d)|\$\{(\w+)\}|\$/g, (_, quoted?: string, group?: string, name?: string) => {
    if (quoted !== undefined) return quoted.replace('$', '$$$$')
    if (name !== undefined) return `$<${name}>`
    return group === undefined ? '$$' : group === '0' ? '$&' : `$${group}`
  })
