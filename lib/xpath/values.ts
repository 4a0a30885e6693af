import { textOf, type Node } from './node.js'

/**
 * What an expression may come to. A bigint is a whole number from a property: text to everything but arithmetic, which knows
 * no such numbers (Apache Synapse: an Integer is no XPath number; golden case `property-types`).
 */
export type XValue = string | number | boolean | bigint | readonly Node[]

/** What a property is that nobody has set: no nodes, and no text either. */
export const ABSENT: readonly Node[] = Object.freeze([])

/** Counts the work that an expression makes, and throws when it is too much. */
export interface Budget { charge (steps: number): void }

export const isNodes = (value: XValue): value is readonly Node[] => typeof value === 'object'

/** The string-value of a node, paid for. */
export function stringOf (node: Node, meter: Budget): string {
  const text = textOf(node)
  meter.charge(node.last - node.order + text.length / 16)
  return text
}

/** XPath 1.0, section 4.2: string(). What is done with a text takes as long as the text is, so it is paid for here. */
export function toText (value: XValue, meter: Budget): string {
  if (typeof value === 'string') {
    meter.charge(value.length / 16)
    return value
  }
  if (isNodes(value)) return value.length === 0 ? '' : stringOf(value[0]!, meter)
  return typeof value === 'number' ? numberText(value) : String(value)
}

/** XPath 1.0, section 4.4: number(); an exponent is understood, too, as Java's numbers have one. */
export function toNumber (value: XValue, meter: Budget): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value)
  const text = toText(value, meter)
  return /^[ \t\r\n]*-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE]-?\d+)?[ \t\r\n]*$/.test(text) ? Number(text) : NaN
}

/** XPath 1.0, section 4.3: boolean(). */
export function toBoolean (value: XValue): boolean {
  if (isNodes(value)) return value.length > 0
  return typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : Boolean(value)
}

/** A number inside of an expression: without an exponent, `2` and not `2.0` (XPath 1.0, section 4.2). */
export function numberText (value: number): string {
  const [digits = '', exponent] = String(value).split('e')
  if (exponent === undefined) return digits
  const places = digits.replace(/^-?\d\.?/, '').length - Number(exponent)
  return places > 0 ? value.toFixed(Math.min(100, places)) : BigInt(value).toString()
}

/** A number as Java writes it, and so the engines write a result that is one: `2.0`, `1.0E7`, `Infinity` (Java: Double.toString). */
export function javaText (value: number): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const decimal = (text: string): string => text.includes('.') ? text : `${text}.0`
  if (size >= 1e-3 && size < 1e7) return decimal(String(value))
  const [digits = '', exponent] = value.toExponential().split('e')
  return `${decimal(digits)}E${Number(exponent)}`
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

/** XPath 1.0, section 3.4: two sets of nodes compare if any two of their nodes do. In time that grows with the sum of their sizes. */
export function compare (operator: Comparison, left: XValue, right: XValue, meter: Budget): boolean {
  if (isNodes(left) && isNodes(right)) return compareNodes(operator, left, right, meter)
  if (isNodes(left)) return typeof right === 'boolean' ? compareAtoms(operator, toBoolean(left), right, meter) : left.some(node => compareAtoms(operator, stringOf(node, meter), right, meter))
  if (isNodes(right)) return typeof left === 'boolean' ? compareAtoms(operator, left, toBoolean(right), meter) : right.some(node => compareAtoms(operator, left, stringOf(node, meter), meter))
  return compareAtoms(operator, left, right, meter)
}

function compareAtoms (operator: Comparison, left: XValue, right: XValue, meter: Budget): boolean {
  if (operator === '=' || operator === '!=') {
    const same = typeof left === 'boolean' || typeof right === 'boolean'
      ? toBoolean(left) === toBoolean(right)
      : typeof left === 'number' || typeof right === 'number'
        ? toNumber(left, meter) === toNumber(right, meter)
        : toText(left, meter) === toText(right, meter)
    return same === (operator === '=')
  }
  return inOrder(operator, toNumber(left, meter), toNumber(right, meter))
}

const inOrder = (operator: Comparison, left: number, right: number): boolean =>
  operator === '<' ? left < right : operator === '<=' ? left <= right : operator === '>' ? left > right : left >= right

function compareNodes (operator: Comparison, left: readonly Node[], right: readonly Node[], meter: Budget): boolean {
  const texts = (nodes: readonly Node[]): Set<string> => new Set(nodes.map(node => stringOf(node, meter)))
  if (operator === '=' || operator === '!=') {
    const [some, others] = [texts(left), texts(right)]
    if (operator === '=') return [...some].some(each => others.has(each))
    return some.size > 0 && others.size > 0 && (some.size > 1 || others.size > 1 || [...some][0] !== [...others][0])
  }
  const numbers = (nodes: readonly Node[]): number[] => nodes.map(node => toNumber(stringOf(node, meter), meter)).filter(each => !Number.isNaN(each))
  const least = (all: readonly number[]): number => all.reduce((a, b) => Math.min(a, b), Infinity)
  const most = (all: readonly number[]): number => all.reduce((a, b) => Math.max(a, b), -Infinity)
  const [some, others] = [numbers(left), numbers(right)]
  if (some.length === 0 || others.length === 0) return false
  return operator.startsWith('<') ? inOrder(operator, least(some), most(others)) : inOrder(operator, most(some), least(others))
}
