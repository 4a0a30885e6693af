import { parse } from 'lossless-json'

/** A JSON number that a double cannot represent as it is written, such as `1.50` or an id of 20 digits. */
export class JsonNumber {
  readonly #text: string

  constructor (text: string) { this.#text = text }

  toString (): string { return this.#text }
}

export type JsonPrimitive = string | number | boolean | null | JsonNumber
export type JsonValue = JsonPrimitive | readonly JsonValue[] | JsonObject
export interface JsonObject { readonly [key: string]: JsonValue }

/** A parsed document: its value, the deepest nesting and the largest possible number of values in it. */
export interface JsonDocument { readonly value: JsonValue, readonly depth: number, readonly size: number }

const MAX_DEPTH = 256
const MAX_SIZE = 1_000_000

/**
 * Parses JSON. Numbers keep their digits; of duplicate keys the last one counts, as in Gson. `__proto__` is a key.
 * Limits: a nesting of 256, a million values.
 * @throws SyntaxError with a reason in one line
 */
export function parseJson (text: string): JsonDocument {
  const { depth, size } = measure(text)
  if (depth > MAX_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_DEPTH}`)
  if (size > MAX_SIZE) throw new SyntaxError(`it has more than ${MAX_SIZE} values`)
  const value = parse(text, undefined, { parseNumber: toNumber, onDuplicateKey: ({ newValue }) => newValue })
  return { value: value as JsonValue, depth, size }
}

/** The value in a text; undefined: it is not JSON, or exceeds the limits. */
export function jsonIn (text: string): JsonValue | undefined {
  try {
    return parseJson(text).value
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Reads the structure of a text, in one pass: a regular expression would try an unclosed string again and again. */
function measure (text: string): { readonly depth: number, readonly size: number } {
  let [depth, deepest, size] = [0, 0, 1]
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at)
        break
      case '{':
      case '[':
        if (++depth > deepest) deepest = depth
        size++
        break
      case '}':
      case ']':
        depth--
        break
      case ',':
        size++
    }
  }
  return { depth: deepest, size }
}

/** Where the string ends that begins at `start`: its closing quotation mark, or the end of the text. */
function endOfString (text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

export const toNumber = (text: string): number | JsonNumber =>
  String(Number(text)) === text ? Number(text) : new JsonNumber(text)

export const isPrimitive = (value: JsonValue): value is JsonPrimitive =>
  value === null || typeof value !== 'object' || value instanceof JsonNumber

export const isArray = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)

export const isObject = (value: JsonValue): value is JsonObject => !isPrimitive(value) && !isArray(value)

/** Builds an object from entries. `__proto__` becomes a key. */
export const objectOf = (entries: Iterable<readonly [string, JsonValue]>): JsonObject => Object.fromEntries(entries)

/** Returns a value as compact JSON. */
export function jsonText (value: JsonValue): string {
  if (value instanceof JsonNumber) return value.toString()
  if (isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${jsonText(each)}`).join(',')}}`
}

/** Returns a primitive as its own text, anything else as compact JSON. @see WSO2, SynapseJsonPath.stringValueOf */
export const plainText = (value: JsonValue): string => typeof value === 'string' ? value : jsonText(value)

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** A text as the primitive that it looks like: `true`, `null`, `1.5`. @see WSO2, AutoPrimitiveTarget */
export function primitiveOf (text: string): JsonPrimitive {
  switch (text) {
    case 'true': return true
    case 'false': return false
    case 'null': return null
    default: return NUMBER.test(text) ? toNumber(text) : text
  }
}
