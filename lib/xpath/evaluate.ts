import { REVERSE_AXES, inDocumentOrder, select } from './axes.js'
import { Context, type Arithmetic, type Evaluation, type Expr, type Path, type LocationStep } from './expr.js'
import type { Node } from './node.js'
import type { Budget } from './budget.js'
import { compare, isNodes, toBoolean, toNumber, type XValue } from './values.js'

/**
 * Evaluates an expression in a context. Every node visit is charged to the budget of the evaluation.
 * @throws EvaluationError for an argument of the wrong type
 * @see XPath 1.0
 */
export function evaluate<Host> (expr: Expr<Host>, context: Context<Host>): XValue {
  const { evaluation } = context
  switch (expr.kind) {
    case 'literal': return expr.value
    case 'variable': return expr.value(context)
    case 'call': return expr.signature.call(expr.args.map(each => evaluate(each, context)), context)
    case 'or': return toBoolean(evaluate(expr.left, context)) || toBoolean(evaluate(expr.right, context))
    case 'and': return toBoolean(evaluate(expr.left, context)) && toBoolean(evaluate(expr.right, context))
    case 'compare': return compare(
      expr.operator, evaluate(expr.left, context), evaluate(expr.right, context), evaluation
    )
    case 'arithmetic': return arithmetic(
      expr.operator, evaluate(expr.left, context), evaluate(expr.right, context), evaluation
    )
    case 'union': return inDocumentOrder(expr.parts.flatMap(each => nodesOf(evaluate(each, context))), evaluation)
    case 'path': return path(expr, context)
  }
}

function arithmetic (operator: Arithmetic, one: XValue, other: XValue, budget: Budget): number {
  if (typeof one === 'bigint' || typeof other === 'bigint') return NaN
  const [left, right] = [toNumber(one, budget), toNumber(other, budget)]
  switch (operator) {
    case '+': return left + right
    case '-': return left - right
    case '*': return left * right
    case 'div': return left / right
    case 'mod': return left % right
  }
}

const nodesOf = (value: XValue): readonly Node[] => isNodes(value) ? value : []

function path<Host> ({ from, predicates, steps }: Path<Host>, context: Context<Host>): readonly Node[] {
  const { evaluation } = context
  let nodes = startOf(from, context)
  for (const predicate of predicates) nodes = filter(nodes, predicate, evaluation)
  for (const step of steps) nodes = applyStep(step, nodes, evaluation)
  return nodes
}

function startOf<Host> (from: Path<Host>['from'], context: Context<Host>): readonly Node[] {
  if (from === 'context') return [context.node]
  return from === 'root' ? [context.node.tree[0]!] : nodesOf(evaluate(from, context))
}

/** Removes duplicates after every step, so that the cost of a path is linear in the number of its steps. */
function applyStep<Host> (step: LocationStep<Host>, nodes: readonly Node[], evaluation: Evaluation<Host>): Node[] {
  const { axis, test, predicates } = step
  const all: Node[] = []
  for (const node of nodes) {
    let found = select(axis, node, test, evaluation)
    for (const predicate of predicates) found = filter(found, predicate, evaluation)
    if (REVERSE_AXES.has(axis)) found.reverse()
    if (nodes.length === 1) return found
    for (const each of found) all.push(each)
  }
  return inDocumentOrder(all, evaluation)
}

function filter<Host> (nodes: readonly Node[], predicate: Expr<Host>, evaluation: Evaluation<Host>): Node[] {
  evaluation.charge(nodes.length)
  return nodes.filter((node, at) => {
    const value = evaluate(predicate, new Context(evaluation, node, at + 1, nodes.length))
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) === at + 1 : toBoolean(value)
  })
}
