/** A token of an expression; `at` counts characters. `end` stands behind the last one. */
export type Token =
  | { readonly kind: 'number', readonly value: number, readonly at: number }
  | { readonly kind: 'text', readonly value: string, readonly at: number }
  /** A name of an element, a function, an axis … `space`: its prefix, or its namespace in braces, with them. `*` is a name, too, if it has a `space`. */
  | { readonly kind: 'name', readonly space: string, readonly value: string, readonly at: number }
  | { readonly kind: 'sign', readonly value: string, readonly at: number }
  | { readonly kind: 'end', readonly value: '', readonly at: number }

const NAME = '[\\p{L}_][\\p{L}\\p{N}\\p{M}._\\u00B7-]*'

/** `{namespace}name` is no XPath 1.0, but Apache Synapse understands it (SynapseXPath.parseXPathString). */
const TOKEN = new RegExp(
  '[ \\t\\r\\n]*(?:' +
  '(?<number>\\d+(?:\\.\\d*)?|\\.\\d+)' +
  '|(?<text>"[^"]*"|\'[^\']*\')' +
  `|(?:(?<prefix>${NAME}):(?!:)|(?<namespace>\\{[^{}]*\\}))(?<local>${NAME}|\\*)` +
  `|(?<name>${NAME})` +
  '|(?<sign>\\.\\.|::|//|!=|<=|>=|[()[\\].@,/|+\\-=<>*$])' +
  '|(?<end>$))', 'uy')

/** @throws SyntaxError at a character that begins no token */
export function tokensOf (expression: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; ;) {
    TOKEN.lastIndex = at
    const groups = TOKEN.exec(expression)?.groups
    if (groups === undefined) {
      const rest = expression.slice(at).trimStart()
      throw new SyntaxError(/^["']/.test(rest) ? 'a text has no closing quotation mark' : `unexpected ${JSON.stringify([...rest][0])} at character ${expression.length - rest.length + 1}`)
    }
    const { number, text, prefix, namespace, local, name, sign } = groups
    const end = TOKEN.lastIndex
    const from = (length: number): number => end - length
    if (number !== undefined) tokens.push({ kind: 'number', value: Number(number), at: from(number.length) })
    else if (text !== undefined) tokens.push({ kind: 'text', value: text.slice(1, -1), at: from(text.length) })
    else if (local !== undefined) tokens.push({ kind: 'name', space: prefix ?? namespace!, value: local, at: from(local.length + (prefix === undefined ? namespace!.length : prefix.length + 1)) })
    else if (name !== undefined) tokens.push({ kind: 'name', space: '', value: name, at: from(name.length) })
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign, at: from(sign.length) })
    else {
      tokens.push({ kind: 'end', value: '', at: end })
      return tokens
    }
    at = end
  }
}
