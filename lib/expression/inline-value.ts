import { JsonNumber, isArray, isObject, plainText, type JsonValue } from '../json/json-value.js'
import { javaText } from './java-number.js'

/** A value that an operation does not take. The expression is then empty, as in the engine. */
export class InlineError extends Error {
  override readonly name = 'InlineError'
}

export const fail = (reason: string): never => { throw new InlineError(reason) }

/** The result of a part of an expression. Undefined: null, or nothing selected. */
export type InlineValue = JsonValue | undefined

export const isNumber = (value: InlineValue): value is number | JsonNumber =>
  typeof value === 'number' || value instanceof JsonNumber

export const isDouble = (value: number | JsonNumber): boolean =>
  value instanceof JsonNumber ? /[.eE]/.test(value.toString()) : !Number.isInteger(value)

/** A double: a whole one is written `2.0`. */
export const doubleOf = (value: number): number | JsonNumber =>
  Number.isInteger(value) ? new JsonNumber(javaText(value)) : value

export const inlineText = (value: InlineValue): string => value === undefined || value === null ? '' : plainText(value)

/** @throws InlineError for null */
export function given (value: InlineValue): JsonValue {
  return value === undefined || value === null ? fail('an argument is null') : value
}

/** @throws InlineError for anything else than a number */
export const numberOf = (value: InlineValue): number => isNumber(value) ? Number(value) : fail('expects a number')

/** @throws InlineError for anything else than a string */
export const stringOf = (value: InlineValue): string => typeof value === 'string' ? value : fail('expects a string')

/** @throws InlineError for an object, an array, or null */
export function primitiveText (value: InlineValue): string {
  const present = given(value)
  return isArray(present) || isObject(present) ? fail('expects a string') : plainText(present)
}

/** A number as JSON keeps it; other texts stay. @see WSO2, HeadersAndPropertiesAccessNode */
export const parsedNumber = (text: string): JsonValue =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)
    ? String(Number(text)) === text ? Number(text) : new JsonNumber(text)
    : text

type BinaryOperation = (left: InlineValue, right: InlineValue) => InlineValue

const comparison = (compare: (a: number, b: number) => boolean): BinaryOperation =>
  (left, right) => compare(numberOf(left), numberOf(right))

function arithmetic (compute: (a: number, b: number) => number, isExact = true): BinaryOperation {
  return (left, right) => {
    const result = compute(numberOf(left), numberOf(right))
    if (!Number.isFinite(result)) return fail('the result is not a number')
    const hasDouble = [left, right].some(each => isNumber(each) && isDouble(each))
    return hasDouble || !isExact ? doubleOf(result) : result
  }
}

/** Doubles are added in decimal in the engine: 0.1 + 0.2 is 0.3 there. */
const decimal = (value: number): number => Number(value.toPrecision(15))

const isBoolean = (value: InlineValue): boolean => typeof value === 'boolean' ? value : fail('expects a boolean')

const add = arithmetic((a, b) => decimal(a + b))

/** @see WSO2, BinaryOperationNode */
export const OPERATIONS: Readonly<Record<string, BinaryOperation>> = {
  '+': (left, right) => typeof left === 'string' && typeof right === 'string' ? left + right : add(left, right),
  '-': arithmetic((a, b) => decimal(a - b)),
  '*': arithmetic((a, b) => decimal(a * b)),
  '/': arithmetic((a, b) => a / b, false),
  '%': arithmetic((a, b) => a % b),
  '==': (left, right) => isSame(left, right),
  '!=': (left, right) => !isSame(left, right),
  '<': comparison((a, b) => a < b),
  '<=': comparison((a, b) => a <= b),
  '>': comparison((a, b) => a > b),
  '>=': comparison((a, b) => a >= b),
  and: (left, right) => isBoolean(left) && isBoolean(right),
  or: (left, right) => isBoolean(left) || isBoolean(right)
}

function isSame (left: InlineValue, right: InlineValue): boolean {
  const [one, other] = [left ?? null, right ?? null]
  if (one === null || other === null) return one === other
  return plainText(one) === plainText(other)
}
