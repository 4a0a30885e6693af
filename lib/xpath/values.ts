import type { Budget } from './budget.js'
import { stringValue, type Node } from './node.js'

/**
 * The value of an expression. A bigint is an integer of the embedding language: text to every operation but
 * arithmetic, where it is not a number.
 */
export type XValue = string | number | boolean | bigint | readonly Node[]

/** An operation that the types of its operands do not allow. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError'
}

export const isNodes = (value: XValue): value is readonly Node[] => typeof value === 'object'

/** Returns the string-value of a node. Charges for its length. */
export function stringOf (node: Node, budget: Budget): string {
  const text = stringValue(node)
  budget.charge(node.last - node.order + text.length / 16)
  return text
}

/** `string()`. Charges for the length, since later operations on the text are linear in it. @see XPath 1.0, 4.2 */
export function toText (value: XValue, budget: Budget): string {
  if (typeof value === 'string') {
    budget.charge(value.length / 16)
    return value
  }
  if (isNodes(value)) return value.length === 0 ? '' : stringOf(value[0]!, budget)
  return typeof value === 'number' ? numberText(value) : String(value)
}

/** The syntax of number(), and an exponent, as in Java's numbers. */
const NUMBER = /^[ \t\r\n]*-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE]-?\d+)?[ \t\r\n]*$/

/** `number()`. @see XPath 1.0, section 4.4 */
export function toNumber (value: XValue, budget: Budget): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
  const text = toText(value, budget)
  return NUMBER.test(text) ? Number(text) : NaN
}

/** `boolean()`. @see XPath 1.0, section 4.3 */
export function toBoolean (value: XValue): boolean {
  if (isNodes(value)) return value.length > 0
  return typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : Boolean(value)
}

/** A number as text, without an exponent. @see XPath 1.0, section 4.2 */
function numberText (value: number): string {
  const [digits = '', exponent] = String(value).split('e')
  if (exponent === undefined) return digits
  const places = digits.replace(/^-?\d\.?/, '').length - Number(exponent)
  return places > 0 ? value.toFixed(Math.min(100, places)) : BigInt(value).toString()
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

/**
 * Compares two values; a node-set compares if any of its nodes does. Two node-sets take time linear in their sizes.
 * @see XPath 1.0, section 3.4
 */
export function compare (operator: Comparison, left: XValue, right: XValue, budget: Budget): boolean {
  if (isNodes(left)) {
    if (isNodes(right)) return compareNodes(operator, left, right, budget)
    if (typeof right === 'boolean') return compareAtoms(operator, toBoolean(left), right, budget)
    return left.some(node => compareAtoms(operator, stringOf(node, budget), right, budget))
  }
  if (!isNodes(right)) return compareAtoms(operator, left, right, budget)
  if (typeof left === 'boolean') return compareAtoms(operator, left, toBoolean(right), budget)
  return right.some(node => compareAtoms(operator, left, stringOf(node, budget), budget))
}

type Atom = Exclude<XValue, readonly Node[]>

function compareAtoms (operator: Comparison, left: Atom, right: Atom, budget: Budget): boolean {
  if (operator === '=' || operator === '!=') return isEqual(left, right, budget) === (operator === '=')
  return compareNumbers(operator, toNumber(left, budget), toNumber(right, budget))
}

function isEqual (left: Atom, right: Atom, budget: Budget): boolean {
  if (typeof left === 'boolean' || typeof right === 'boolean') return toBoolean(left) === toBoolean(right)
  if (typeof left === 'number' || typeof right === 'number') return toNumber(left, budget) === toNumber(right, budget)
  return toText(left, budget) === toText(right, budget)
}

function compareNumbers (operator: Comparison, left: number, right: number): boolean {
  switch (operator) {
    case '<': return left < right
    case '<=': return left <= right
    case '>': return left > right
    default: return left >= right
  }
}

function compareNodes (
  operator: Comparison, left: readonly Node[], right: readonly Node[], budget: Budget
): boolean {
  if (operator === '=' || operator === '!=') {
    const texts = (nodes: readonly Node[]): Set<string> => new Set(nodes.map(node => stringOf(node, budget)))
    const [some, others] = [texts(left), texts(right)]
    if (operator === '=') return [...some].some(each => others.has(each))
    return some.size > 0 && others.size > 0 && (some.size > 1 || others.size > 1 || [...some][0] !== [...others][0])
  }
  const numbers = (nodes: readonly Node[]): number[] =>
    nodes.map(node => toNumber(stringOf(node, budget), budget)).filter(each => !Number.isNaN(each))
  const [some, others] = [numbers(left), numbers(right)]
  if (some.length === 0 || others.length === 0) return false
  return operator.startsWith('<')
    ? compareNumbers(operator, smallest(some), largest(others))
    : compareNumbers(operator, largest(some), smallest(others))
}

const smallest = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b), Infinity)
const largest = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), -Infinity)
