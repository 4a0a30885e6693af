import { deepestOf, type ReadDepth } from '../message/message.js'
import { LEAVES_SUBTREE } from '../xpath/axes.js'
import type { Expr, FunctionCall, Path } from '../xpath/expr.js'
import { isScope, depthOfProperty } from './properties.js'

/** Where selected nodes may lie: anywhere in the message, in its Header, or outside of the message. */
type NodeLocation = 'message' | 'header' | 'outside'

/** Returns how much of a message an expression reads at most. */
export const requiredDepth = <Host>(expr: Expr<Host>): ReadDepth => depthOf(expr, 'message')

const DEPTH: Readonly<Record<NodeLocation, ReadDepth>> = { message: 'body', header: 'header', outside: 'nothing' }

function depthOf<Host> (expr: Expr<Host>, context: NodeLocation): ReadDepth {
  switch (expr.kind) {
    case 'literal': return 'nothing'
    case 'variable': return DEPTH[placeOf(expr)]
    case 'call': return deepestOf([...expr.args.map(each => depthOf(each, context)), depthOfCall(expr, context)])
    case 'or':
    case 'and':
    case 'compare':
    case 'arithmetic': return deepestOf([depthOf(expr.left, context), depthOf(expr.right, context)])
    case 'union': return deepestOf(expr.parts.map(each => depthOf(each, context)))
    case 'path': return depthOfPath(expr, context)
  }
}

function depthOfCall<Host> ({ name, signature, args }: FunctionCall<Host>, context: NodeLocation): ReadDepth {
  if (name === 'get-property') return depthOfGetProperty(args)
  return signature.usesContextNode === true && args.length === signature.minArguments ? DEPTH[context] : 'nothing'
}

function depthOfGetProperty<Host> (args: readonly Expr<Host>[]): ReadDepth {
  const [first, second] = args.map(each => each.kind === 'literal' ? String(each.value) : undefined)
  if (first === undefined) return 'body'
  if (args.length === 1) return depthOfProperty(first)
  if (!isScope(first)) return args.length === 2 ? depthOfProperty(first) : 'nothing'
  if (first !== 'default') return 'nothing'
  return second === undefined ? 'body' : depthOfProperty(second)
}

function depthOfPath<Host> ({ from, predicates, steps }: Path<Host>, context: NodeLocation): ReadDepth {
  const place = startOf(from, context)
  if (place === 'header' && steps.some(({ axis }) => LEAVES_SUBTREE.has(axis))) return 'body'
  return deepestOf([
    DEPTH[place],
    ...typeof from === 'string' ? [] : [depthOf(from, context)],
    ...[...predicates, ...steps.flatMap(step => step.predicates)].map(each => depthOf(each, place))
  ])
}

function startOf<Host> (from: Path<Host>['from'], context: NodeLocation): NodeLocation {
  if (from === 'context') return context
  if (from === 'root') return context === 'outside' ? 'outside' : 'message'
  return placeOf(from)
}

/** Where the nodes lie that an expression selects. A function returns nodes of properties only. */
function placeOf<Host> (expr: Expr<Host>): NodeLocation {
  switch (expr.kind) {
    case 'variable':
      if (expr.name === 'header') return 'header'
      return expr.name === 'body' || expr.name === 'env' ? 'message' : 'outside'
    case 'path': return typeof expr.from === 'string' ? 'message' : placeOf(expr.from)
    case 'union': {
      const places = expr.parts.map(placeOf)
      if (places.includes('message')) return 'message'
      return places.includes('header') ? 'header' : 'outside'
    }
    default: return 'outside'
  }
}
