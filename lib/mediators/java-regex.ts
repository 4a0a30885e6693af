/**
 * A regular expression of a configuration: as Java reads it, as far as JavaScript has the same, and matching whole texts only.
 * Flags may stand in front, `(?is)`; text may be quoted, `\Q…\E`.
 * @throws Error for what is no expression, or one that only Java knows
 */
export function fullMatch (pattern: string): RegExp {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?([^]*)$/.exec(pattern)!
  const literal = (text: string): string => text.replace(/[^A-Za-z0-9]/gu, each => `\\u{${each.codePointAt(0)!.toString(16)}}`)
  const source = rest
    .replace(/\\Q([^]*?)(?:\\E|$)/g, (_, text: string) => literal(text))
    .replace(/\\([^A-Za-z0-9]|u\{)/gu, (whole, each: string) => each === 'u{' ? whole : literal(each))
  try {
    return new RegExp(`^(?:${source})$`, `${flags}u`)
  } catch (error) {
    throw new Error(`"${pattern}" is no regular expression that is understood here: ${(error as Error).message.replace(/^.*: /, '')}`)
  }
}
