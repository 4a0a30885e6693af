import { READ_DEPTHS, type ReadDepth } from '../message/message.js'
import { LEAVES_SUBTREE } from '../xpath/axes.js'
import type { Expr, Step } from '../xpath/evaluate.js'
import { FUNCTIONS } from '../xpath/functions.js'
import { isScope, depthOfProperty } from './properties.js'

/** Where the nodes lie that an expression speaks of: anywhere in the message, in its Header, or in no message. */
type Place = 'message' | 'header' | 'elsewhere'

/** How much of a message an expression looks at. Where that cannot be told: all of it. */
export const requiredDepth = (expr: Expr): ReadDepth => look(expr, 'message')

const IN: Readonly<Record<Place, ReadDepth>> = { message: 'body', header: 'header', elsewhere: 'nothing' }

const most = (needs: readonly ReadDepth[]): ReadDepth => READ_DEPTHS[Math.max(0, ...needs.map(each => READ_DEPTHS.indexOf(each)))]!

function look (expr: Expr, here: Place): ReadDepth {
  switch (expr.kind) {
    case 'literal': return 'nothing'
    case 'variable': return IN[placeOf(expr)]
    case 'call': return most([...expr.args.map(each => look(each, here)), call(expr, here)])
    case 'or':
    case 'and':
    case 'compare':
    case 'arithmetic': return most([look(expr.left, here), look(expr.right, here)])
    case 'union': return most(expr.parts.map(each => look(each, here)))
    case 'path': return path(expr, here)
  }
}

function call ({ name, args }: Expr & { kind: 'call' }, here: Place): ReadDepth {
  if (name === 'get-property') return property(args)
  const { usesContextNode: ofFocus, minArguments: least } = FUNCTIONS[name]!
  return ofFocus === true && args.length === least ? IN[here] : 'nothing'
}

function property (args: readonly Expr[]): ReadDepth {
  const [first, second] = args.map(each => each.kind === 'literal' ? String(each.value) : undefined)
  if (args.length === 1) return first === undefined ? 'body' : depthOfProperty(first)
  if (first === undefined) return 'body'
  if (!isScope(first)) return args.length === 2 ? depthOfProperty(first) : 'nothing'
  return first !== 'default' ? 'nothing' : second === undefined ? 'body' : depthOfProperty(second)
}

function path ({ from, predicates, steps }: Expr & { kind: 'path' }, here: Place): ReadDepth {
  const place = from === 'here' ? here : from === 'root' ? (here === 'elsewhere' ? here : 'message') : placeOf(from)
  const within = (each: readonly Expr[]): ReadDepth[] => each.map(one => look(one, place))
  const needs = [
    IN[place],
    ...typeof from === 'string' ? [] : [look(from, here)],
    ...within(predicates),
    ...steps.flatMap(({ predicates }: Step) => within(predicates))
  ]
  return place === 'header' && steps.some(({ axis }) => LEAVES_SUBTREE.has(axis)) ? 'body' : most(needs)
}

/** Where the nodes lie that an expression comes to. Functions come to nodes of properties only. */
function placeOf (expr: Expr): Place {
  switch (expr.kind) {
    case 'variable': return expr.name === 'header' ? 'header' : expr.name === 'body' || expr.name === 'env' ? 'message' : 'elsewhere'
    case 'path': return typeof expr.from === 'string' ? 'message' : placeOf(expr.from)
    case 'union': return expr.parts.every(each => placeOf(each) === 'elsewhere') ? 'elsewhere' : expr.parts.every(each => placeOf(each) !== 'message') ? 'header' : 'message'
    default: return 'elsewhere'
  }
}
