import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const LEVELS: ReadonlySet<string> = new Set(['fatal', 'error', 'warn', 'info'])

/** A line of the log as the code writes it, with `…` for its variable parts. */
export interface LogLine {
  readonly file: string
  readonly text: string
}

/** The lines that the gateway writes from level info on, where the code has their text in place. */
export const logLines = (): LogLine[] =>
  ['lib', 'plugins'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map(name => join(folder, name))
      .filter(file => file.endsWith('.ts') && !/^(plugins\/console|lib\/cli\/sample)\//.test(file))
      .flatMap(file => linesOf(file))
  )

function linesOf (file: string): LogLine[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest)
  const lines: LogLine[] = []
  const visit = (node: ts.Node): void => {
    for (const text of textsIn(node)) lines.push({ file, text })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return lines
}

/** The texts of a call of a logger, or of the effect `log` of a flow. */
function textsIn (node: ts.Node): string[] {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression: logger, name } = node.expression
    const isLogger = /(^|[.#])log$/.test(lastNameIn(logger))
    return isLogger && LEVELS.has(name.text) ? textsOf(node.arguments.at(-1)) : []
  }
  if (!ts.isObjectLiteralExpression(node) || literalOf(node, 'kind') !== 'log') return []
  return textsOf(valueOf(node, 'text'))
}

const lastNameIn = (node: ts.Expression): string =>
  ts.isPropertyAccessExpression(node) ? node.name.text : ts.isIdentifier(node) ? node.text : ''

function textsOf (node: ts.Expression | undefined): string[] {
  if (node === undefined) return []
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isTemplateExpression(node)) {
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')]
  }
  return ts.isConditionalExpression(node) ? [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)] : []
}

const valueOf = (node: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined =>
  node.properties.filter(ts.isPropertyAssignment).find(each => ts.isIdentifier(each.name) && each.name.text === name)
    ?.initializer

const literalOf = (node: ts.ObjectLiteralExpression, name: string): string | undefined => {
  const value = valueOf(node, name)
  return value !== undefined && ts.isStringLiteralLike(value) ? value.text : undefined
}
