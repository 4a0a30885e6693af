import { isArray, isObject, parseJson, plainText, type JsonValue } from '../json/json-value.js'
import { dateText } from './date.js'
import type { Environment } from './evaluation.js'
import {
  doubleOf, fail, given, isDouble, isNumber, numberOf, primitiveText, stringOf, inlineText, type InlineValue
} from './inline-value.js'

type InlineFunction = (args: readonly InlineValue[], environment: Environment) => InlineValue

const onText = (call: (text: string) => InlineValue): InlineFunction => ([value]) => call(stringOf(given(value)))
const onTexts = (call: (text: string, other: string) => InlineValue): InlineFunction =>
  ([value, other]) => call(primitiveText(value), primitiveText(other))

/** Keeps integers; else computes a double. */
const onNumber = (call: (value: number) => number): InlineFunction => ([value]) => {
  const number = numberOf(given(value))
  return isNumber(value) && !isDouble(value) ? call(number) : doubleOf(call(number))
}

function round ([value, places]: readonly InlineValue[]): InlineValue {
  const number = numberOf(given(value))
  if (isNumber(value) && !isDouble(value)) return number
  if (places === undefined) return Math.round(number)
  const factor = 10 ** numberOf(places)
  return doubleOf(Math.round(number * factor) / factor)
}

function length ([value]: readonly InlineValue[]): InlineValue {
  const present = given(value)
  if (isArray(present) || typeof present === 'string') return present.length
  return fail('length() expects a string or an array')
}

function subString ([value, start, end]: readonly InlineValue[]): string {
  const text = stringOf(given(value))
  const [from, to] = [numberOf(start), end === undefined ? text.length : numberOf(end)]
  return from < 0 || to > text.length || from > to ? fail('subString() is out of range') : text.slice(from, to)
}

function parsedAs (isWanted: (value: JsonValue) => boolean): InlineFunction {
  return ([value]) => {
    const present = given(value)
    const parsed = typeof present === 'string' ? parseJson(present).value : present
    return isWanted(parsed) ? parsed : fail('the JSON is of another type')
  }
}

function integer ([value]: readonly InlineValue[]): number {
  const text = primitiveText(value)
  return /^[+-]?\d{1,10}$/.test(text) ? Number(text) : fail('integer() expects a whole number')
}

function float ([value]: readonly InlineValue[]): InlineValue {
  const number = Number(primitiveText(value))
  return Number.isNaN(number) ? fail('float() expects a number') : doubleOf(number)
}

const urlDecode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return fail('urlDecode() expects an encoded text')
  }
}

const percentEncoded = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

/** Lone surrogates become U+FFFD, which can be encoded. */
const urlEncode = (text: string): string =>
  encodeURIComponent(Buffer.from(text).toString()).replace(/[!'()*~]/g, percentEncoded)

/** The functions of `${…}`. @see WSO2, PredefinedFunctionNode */
export const INLINE_FUNCTIONS: Readonly<Record<string, InlineFunction>> = {
  length,
  toUpper: ([value]) => primitiveText(value).toUpperCase(),
  toLower: ([value]) => primitiveText(value).toLowerCase(),
  trim: onText(text => text.trim()),
  subString,
  startsWith: onTexts((text, start) => text.startsWith(start)),
  endsWith: onTexts((text, end) => text.endsWith(end)),
  contains: onTexts((text, part) => text.includes(part)),
  replace: ([value, from, to]) => primitiveText(value).replaceAll(primitiveText(from), () => primitiveText(to)),
  split: onTexts((text, separator) => text.split(separator)),
  indexOf: ([value, part, from]) =>
    primitiveText(value).indexOf(primitiveText(part), from === undefined ? 0 : numberOf(from)),
  charAt: ([value, at]) => primitiveText(value)[numberOf(at)] ?? fail('charAt() is out of range'),

  abs: onNumber(Math.abs),
  ceil: onNumber(Math.ceil),
  floor: onNumber(Math.floor),
  round,
  sqrt: ([value]) => doubleOf(Math.sqrt(numberOf(given(value)))),
  log: ([value, base]) => {
    const number = numberOf(given(value))
    return doubleOf(base === undefined ? Math.log10(number) : Math.log(number) / Math.log(numberOf(base)))
  },
  pow: ([value, power]) => doubleOf(numberOf(given(value)) ** numberOf(power)),

  base64encode: ([value]) => Buffer.from(primitiveText(value)).toString('base64'),
  base64decode: ([value]) => Buffer.from(primitiveText(value), 'base64').toString(),
  urlEncode: ([value]) => urlEncode(primitiveText(value)),
  urlDecode: ([value]) => urlDecode(primitiveText(value)),

  isString: ([value]) => typeof given(value) === 'string',
  isNumber: ([value]) => isNumber(given(value)),
  isArray: ([value]) => isArray(given(value)),
  isObject: ([value]) => isObject(given(value)),

  string: ([value]) => plainText(given(value)),
  integer,
  float,
  boolean: ([value]) => /^true$/i.test(primitiveText(value)),
  not: ([value]) => !/^true$/i.test(inlineText(value)),
  object: parsedAs(isObject),
  array: parsedAs(isArray),

  now: (_, { now }) => now?.() ?? fail('the time is not known'),
  formatDateTime: ([value, format]) => dateText(numberOf(given(value)), primitiveText(format))
}
