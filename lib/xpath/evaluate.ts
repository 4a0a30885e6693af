import { fault, MediationError } from '../message/fault.js'
import type { Message, ReadDepth } from '../message/message.js'
import { REVERSE_AXES, inDocumentOrder, select, type Axis, type Test } from './axes.js'
import { envelopeOf, treeOf } from '../expression/message-tree.js'
import type { Node, Tree } from './node.js'
import { compare, isNodes, toBoolean, toNumber, type Comparison, type Budget, type XValue } from './values.js'

/** An expression, understood: prefixes and functions are resolved. */
export type Expr =
  | { readonly kind: 'literal', readonly value: string | number }
  | { readonly kind: 'variable', readonly name: string, readonly of: (focus: EvaluationFocus) => XValue }
  | { readonly kind: 'call', readonly name: string, readonly call: FunctionImplementation, readonly args: readonly Expr[] }
  | { readonly kind: 'or' | 'and', readonly left: Expr, readonly right: Expr }
  | { readonly kind: 'compare', readonly operator: Comparison, readonly left: Expr, readonly right: Expr }
  | { readonly kind: 'arithmetic', readonly operator: Arithmetic, readonly left: Expr, readonly right: Expr }
  | { readonly kind: 'union', readonly parts: readonly Expr[] }
  /** From the root, from the node in focus, or from the nodes that an expression comes to. */
  | { readonly kind: 'path', readonly from: 'root' | 'here' | Expr, readonly predicates: readonly Expr[], readonly steps: readonly Step[] }

export interface Step { readonly axis: Axis, readonly test: Test, readonly predicates: readonly Expr[] }
export type Arithmetic = '+' | '-' | '*' | 'div' | 'mod'
export type FunctionImplementation = (args: readonly XValue[], focus: EvaluationFocus) => XValue

/** What the surroundings know: the configuration's local entries, what time it is in milliseconds since 1970, and system properties. */
export interface EvaluationContext {
  readonly localEntry?: ((key: string) => string | undefined) | undefined
  readonly now?: (() => number) | undefined
  readonly systemProperty?: ((name: string) => string | undefined) | undefined
}

/** About fifty nanoseconds each, at most a hundred: so the longest evaluation ends within about a third of a second. */
const MAX_STEPS = 4_000_000

/** One evaluation on one message. The message is only read when a node of it is asked for. */
export class Evaluation implements Budget {
  readonly message: Message
  readonly depth: ReadDepth
  readonly surroundings: EvaluationContext
  private remainingBudget = MAX_STEPS

  constructor (message: Message, need: ReadDepth, surroundings: EvaluationContext) {
    this.message = message
    this.depth = need
    this.surroundings = surroundings
  }

  get tree (): Tree { return treeOf(this.message, this.depth) }

  charge (steps: number): void {
    if ((this.remainingBudget -= steps) < 0) throw new MediationError(fault('MEDIATION', 'an expression takes too long on this message'))
  }
}

/** The node that an expression is evaluated for, and its place among its like; the envelope, unless told. */
export class EvaluationFocus {
  readonly run: Evaluation
  readonly position: number
  readonly size: number
  private known: Node | undefined

  constructor (run: Evaluation, node?: Node, position = 1, size = 1) {
    this.run = run
    this.known = node
    this.position = position
    this.size = size
  }

  get node (): Node { return (this.known ??= envelopeOf(this.run.tree)) }
}

export function evaluate (expr: Expr, focus: EvaluationFocus): XValue {
  const { run } = focus
  switch (expr.kind) {
    case 'literal': return expr.value
    case 'variable': return expr.of(focus)
    case 'call': return expr.call(expr.args.map(each => evaluate(each, focus)), focus)
    case 'or': return toBoolean(evaluate(expr.left, focus)) || toBoolean(evaluate(expr.right, focus))
    case 'and': return toBoolean(evaluate(expr.left, focus)) && toBoolean(evaluate(expr.right, focus))
    case 'compare': return compare(expr.operator, evaluate(expr.left, focus), evaluate(expr.right, focus), run)
    case 'arithmetic': return arithmetic(expr.operator, evaluate(expr.left, focus), evaluate(expr.right, focus), run)
    case 'union': return inDocumentOrder(expr.parts.flatMap(each => nodesOf(evaluate(each, focus))), run)
    case 'path': return path(expr, focus)
  }
}

function arithmetic (operator: Arithmetic, one: XValue, other: XValue, meter: Budget): number {
  if (typeof one === 'bigint' || typeof other === 'bigint') return NaN
  const [left, right] = [toNumber(one, meter), toNumber(other, meter)]
  switch (operator) {
    case '+': return left + right
    case '-': return left - right
    case '*': return left * right
    case 'div': return left / right
    case 'mod': return left % right
  }
}

const nodesOf = (value: XValue): readonly Node[] => isNodes(value) ? value : []

function path ({ from, predicates, steps }: Expr & { kind: 'path' }, focus: EvaluationFocus): readonly Node[] {
  const { run } = focus
  let nodes: readonly Node[] = from === 'here' ? [focus.node] : from === 'root' ? [focus.node.tree[0]!] : nodesOf(evaluate(from, focus))
  for (const predicate of predicates) nodes = filter(nodes, predicate, run)
  for (const step of steps) nodes = applyStep(step, nodes, run)
  return nodes
}

/** Each node once, after every step: so what a path costs grows with the number of its steps, not exponentially. */
function applyStep ({ axis, test, predicates }: Step, nodes: readonly Node[], run: Evaluation): Node[] {
  const all: Node[] = []
  for (const node of nodes) {
    let found = select(axis, node, test, run)
    for (const predicate of predicates) found = filter(found, predicate, run)
    if (REVERSE_AXES.has(axis)) found.reverse()
    if (nodes.length === 1) return found
    for (const each of found) all.push(each)
  }
  return inDocumentOrder(all, run)
}

function filter (nodes: readonly Node[], predicate: Expr, run: Evaluation): Node[] {
  run.charge(nodes.length)
  return nodes.filter((node, at) => {
    const value = evaluate(predicate, new EvaluationFocus(run, node, at + 1, nodes.length))
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) === at + 1 : toBoolean(value)
  })
}
