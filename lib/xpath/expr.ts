import type { Axis, NodeTest } from './axes.js'
import type { Node } from './node.js'
import type { Budget } from './budget.js'
import type { Comparison, XValue } from './values.js'

/**
 * A parsed expression: prefixes, variables and functions are resolved.
 * `Host` is what the variables and functions of the embedding language read.
 */
export type Expr<Host> =
  | { readonly kind: 'literal', readonly value: string | number }
  | { readonly kind: 'variable', readonly name: string, readonly value: Variable<Host> }
  | FunctionCall<Host>
  | { readonly kind: 'or' | 'and', readonly left: Expr<Host>, readonly right: Expr<Host> }
  | { readonly kind: 'compare', readonly operator: Comparison, readonly left: Expr<Host>, readonly right: Expr<Host> }
  | {
    readonly kind: 'arithmetic', readonly operator: Arithmetic, readonly left: Expr<Host>, readonly right: Expr<Host>
  }
  | { readonly kind: 'union', readonly parts: readonly Expr<Host>[] }
  | Path<Host>

export interface FunctionCall<Host> {
  readonly kind: 'call'
  readonly name: string
  readonly signature: Signature<Host>
  readonly args: readonly Expr<Host>[]
}

/** A location path: from the root, from the context node, or from the nodes that an expression selects. */
export interface Path<Host> {
  readonly kind: 'path'
  readonly from: 'root' | 'context' | Expr<Host>
  readonly predicates: readonly Expr<Host>[]
  readonly steps: readonly LocationStep<Host>[]
}

export interface LocationStep<Host> {
  readonly axis: Axis
  readonly test: NodeTest
  readonly predicates: readonly Expr<Host>[]
}

export const ARITHMETIC = ['+', '-', '*', 'div', 'mod'] as const
export type Arithmetic = typeof ARITHMETIC[number]

export type Variable<Host> = (context: Context<Host>) => XValue
export type FunctionImplementation<Host> = (args: readonly XValue[], context: Context<Host>) => XValue

/** A function of the library. `usesContextNode`: with `minArguments` arguments it reads the context node. */
export interface Signature<Host> {
  readonly call: FunctionImplementation<Host>
  readonly minArguments: number
  readonly maxArguments: number
  readonly usesContextNode?: true
}

/** One evaluation: the initial context node, what the host's functions read, and the budget. */
export interface Evaluation<Host> extends Budget {
  readonly host: Host
  /** Read on first use only, so that an expression without a path does not build a tree. */
  readonly contextNode: Node
}

/** The context of an expression: a node, its position and the size of its node-set. @see XPath 1.0, section 1 */
export class Context<Host> {
  readonly evaluation: Evaluation<Host>
  /** Undefined: the initial context node. */
  readonly selected: Node | undefined
  readonly position: number
  readonly size: number

  constructor (evaluation: Evaluation<Host>, selected?: Node, position = 1, size = 1) {
    this.evaluation = evaluation
    this.selected = selected
    this.position = position
    this.size = size
  }

  get node (): Node { return this.selected ?? this.evaluation.contextNode }
}
