import type { ExpressionConfig } from '../expression/expression.js'
import type { Element } from '../xml/element.js'
import type { Attributes, Tag } from '../xml/markup.js'
import type { ProblemCode } from './problem-code.js'

/** A reference to a parameter of a template, in the place of a value: `$name`. */
export type ParameterReference = `$${string}`
export const isParameter = (text: string): text is ParameterReference => text.startsWith('$')
/** A reference to a parameter that counts in seconds, where the model counts in milliseconds: `$name s`. */
export const inSeconds = (reference: ParameterReference): ParameterReference => `${reference} s`

/**
 * How the engines read a truth value. `onlyTrue`: `true` in any case is true, all else false. `unlessFalse`: `false` in
 * any case is false, all else true. `unlessNo`: as that, and `0` and `no` are false. `exact`: `true` or `false`, all
 * else is an error. `literal`: exactly `true` is true, all else false. `explicit`: `true`, `1` and `yes` in any case
 * are true, all else false. `own`, for attributes that only this project has: true, 1, yes, or false, 0, no.
 */
export type TruthRule = 'onlyTrue' | 'unlessFalse' | 'unlessNo' | 'exact' | 'literal' | 'explicit' | 'own'

/** What a kind may use while it is read from XML. A part that cannot be read is reported as a problem and left out. */
export interface Reader {
  readonly endpoint: (element: Element) => unknown
  readonly mediators: (element: Element) => unknown[]
  /** The mediators in an element, or the sequence that its attribute `sequence` names. */
  readonly branch: (element: Element) => unknown[]
  /** Records the element as the place of a value that a kind makes, for problems in it. Returns the value. */
  readonly located: <T extends object>(element: Element, value: T) => T
  /** The mediators in an element, with its `onError` and its description where it has them. */
  readonly sequence: (element: Element) => object
  readonly session: (element: Element) => unknown
  readonly algorithm: (element: Element) => unknown
  /** The attribute as an expression, with the prefixes that it uses. Default: the text of the element. */
  readonly expression: (element: Element, attribute?: string) => ExpressionConfig | undefined
  /** The attribute as a truth value, as the engines read this attribute. */
  readonly flag: (element: Element, attribute: string, rule: TruthRule) => boolean | undefined
  /** The text of the child of this name as a number. */
  readonly number: (element: Element | undefined, child: string) => number | ParameterReference | undefined
  /** The text of the child of this name as a list of whole numbers. */
  readonly numbers: (element: Element | undefined, child: string) => number[] | ParameterReference | undefined
  readonly problem: (element: Element, message: string, hint?: string, code?: ProblemCode) => void
  readonly hint: (element: Element, message: string, hint?: string, code?: ProblemCode) => void
}

/** What a kind may use while it is written: children become elements, an algorithm becomes attributes of its group. */
export interface Writer {
  readonly endpoint: (config: unknown) => Tag
  readonly mediators: (configs: unknown) => Tag[]
  /** As an element of this name. */
  readonly sequence: (name: string, config: unknown, attributes?: Attributes) => Tag
  readonly session: (config: unknown) => Tag
  readonly algorithm: (config: unknown) => Attributes
}
