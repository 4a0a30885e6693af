import { jsonText, parseJson, type JsonDocument, type JsonValue } from '../json/json-value.js'
import type { Properties } from '../message/message.js'
import { fail, parsedNumber } from './inline-value.js'
import { jsonOfProperty } from './json-eval.js'

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' }

/** Returns the content of a text in quotes. */
export const unquoted = (text: string): string =>
  text.slice(1, -1).replace(/\\(?:u([\dA-Fa-f]{4})|([^]))/g, (_, code?: string, each: string = '') =>
    code === undefined ? ESCAPES[each] ?? each : String.fromCharCode(parseInt(code, 16)))

/** A property or header as a value. @throws InlineError if there is none */
export const found = (value: string | undefined): JsonValue =>
  value === undefined ? fail('there is no such value') : parsedNumber(value)

/** A variable or parameter as a value. @throws InlineError if there is none */
export function valueOf (values: Properties | undefined, name: string): JsonValue {
  if (values === undefined || !Object.hasOwn(values, name)) return fail(`there is no ${name}`)
  return jsonOfProperty(values[name]!)
}

export const numeric = (value: JsonValue): JsonValue => typeof value === 'string' ? parsedNumber(value) : value

/** A value as a document: a string that holds JSON is parsed. */
export function documentOf (value: JsonValue): JsonDocument {
  try {
    return parseJson(typeof value === 'string' ? value : jsonText(value))
  } catch (error) {
    if (error instanceof SyntaxError) return fail('the value is not JSON')
    throw error
  }
}
