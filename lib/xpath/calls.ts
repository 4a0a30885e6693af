import type { Expr } from './expr.js'

/** A call of a function: the value of each literal argument, undefined where an argument is computed. */
export interface LiteralCall { readonly name: string, readonly args: readonly (string | number | undefined)[] }

/** Returns every function call in an expression, in the order in which they are written. */
export function functionCalls<Host> (expr: Expr<Host>): LiteralCall[] {
  switch (expr.kind) {
    case 'literal':
    case 'variable': return []
    case 'call': return [
      { name: expr.name, args: expr.args.map(each => each.kind === 'literal' ? each.value : undefined) },
      ...expr.args.flatMap(functionCalls)
    ]
    case 'or':
    case 'and':
    case 'compare':
    case 'arithmetic': return [...functionCalls(expr.left), ...functionCalls(expr.right)]
    case 'union': return expr.parts.flatMap(functionCalls)
    case 'path': return [
      ...typeof expr.from === 'string' ? [] : functionCalls(expr.from),
      ...expr.predicates.flatMap(functionCalls),
      ...expr.steps.flatMap(step => step.predicates.flatMap(functionCalls))
    ]
  }
}
