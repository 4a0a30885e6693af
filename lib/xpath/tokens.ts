/** A token of an expression. `at` counts characters. `end` follows the last token. */
export type Token =
  | { readonly kind: 'number', readonly value: number, readonly at: number }
  | { readonly kind: 'text', readonly value: string, readonly at: number }
  /** `space`: the prefix, or the namespace in braces, braces included. `*` is a name if it has a `space`. */
  | { readonly kind: 'name', readonly space: string, readonly value: string, readonly at: number }
  | { readonly kind: 'sign', readonly value: string, readonly at: number }
  | { readonly kind: 'end', readonly value: '', readonly at: number }

const NAME = '[\\p{L}_][\\p{L}\\p{N}\\p{M}._\\u00B7-]*'

/** XPath 1.0, and the extension `{namespace}name`. @see Apache Synapse, SynapseXPath.parseXPathString */
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
    if (groups === undefined) throw unexpectedCharacter(expression, at)
    const end = TOKEN.lastIndex
    const token = tokenOf(groups, end)
    tokens.push(token)
    if (token.kind === 'end') return tokens
    at = end
  }
}

function tokenOf (groups: Readonly<Record<string, string | undefined>>, end: number): Token {
  const { number, text, prefix, namespace = '', local, name, sign } = groups
  if (number !== undefined) return { kind: 'number', value: Number(number), at: end - number.length }
  if (text !== undefined) return { kind: 'text', value: text.slice(1, -1), at: end - text.length }
  if (local !== undefined) {
    const length = local.length + (prefix === undefined ? namespace.length : prefix.length + 1)
    return { kind: 'name', space: prefix ?? namespace, value: local, at: end - length }
  }
  if (name !== undefined) return { kind: 'name', space: '', value: name, at: end - name.length }
  return sign === undefined ? { kind: 'end', value: '', at: end } : { kind: 'sign', value: sign, at: end - sign.length }
}

function unexpectedCharacter (expression: string, at: number): SyntaxError {
  const rest = expression.slice(at).trimStart()
  if (/^["']/.test(rest)) return new SyntaxError('a text has no closing quotation mark')
  const character = JSON.stringify([...rest][0])
  return new SyntaxError(`unexpected ${character} at character ${expression.length - rest.length + 1}`)
}
