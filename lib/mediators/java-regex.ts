/**
 * Compiles a regular expression of Java that matches whole texts. Accepts leading flags, `(?is)`, and quoted text,
 * `\Q…\E`.
 * @throws Error for a malformed expression, or one without an equivalent in JavaScript
 */
export function fullMatch (pattern: string): RegExp {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?([^]*)$/.exec(pattern)!
  const literal = (text: string): string =>
    text.replace(/[^A-Za-z0-9]/gu, each => `\\u{${each.codePointAt(0)!.toString(16)}}`)
  const source = rest
    .replace(/\\Q([^]*?)(?:\\E|$)/g, (_, text: string) => literal(text))
    .replace(/\\([^A-Za-z0-9]|u\{)/gu, (whole, each: string) => each === 'u{' ? whole : literal(each))
  try {
    return new RegExp(`^(?:${source})$`, `${flags}u`)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /, '') : String(error)
    throw new Error(`"${pattern}" is not a regular expression that JavaScript accepts: ${reason}`)
  }
}
