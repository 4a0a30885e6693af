import { JSONPathEnvironment, type JSONPathNode, type JSONPathQuery } from 'json-p3'
import { MediationError, mediationError } from '../message/fault.js'
import type { Location } from './edit.js'
import { isArray, isObject, isPrimitive, type JsonDocument, type JsonValue } from './json-value.js'

/** A compiled JSONPath. */
export interface JsonPath {
  /** Whether it selects one value at most; else its result is an array. */
  readonly isDefinite: boolean
  /**
   * Returns the selected value, or the array of all selected values. Undefined: nothing is at a definite path.
   * @throws MediationError for a document on which it would take too long
   */
  select (document: JsonDocument): JsonValue | undefined
  /** Returns the places of the selected values. @throws MediationError as `select` does */
  locations (document: JsonDocument): readonly Location[]
}

const MAX_LENGTH = 4096
const MAX_STEPS = 4_000_000

/** Deeper than any document that `parseJson` accepts. */
const environment = new JSONPathEnvironment({ maxRecursionDepth: 300 })
// Patterns of regular expressions, which a message may hold, take time without a limit; Jayway has no such functions.
for (const name of ['match', 'search']) environment.functionRegister.delete(name)

type Json = Parameters<JSONPathQuery['query']>[0]

/** The functions that may end a path. @see Jayway JsonPath, PathFunctionFactory */
const FUNCTIONS: Readonly<Record<string, (value: JsonValue) => JsonValue | undefined>> = {
  length: value => isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : undefined,
  size: value => isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : undefined,
  keys: value => isObject(value) ? Object.keys(value) : undefined,
  first: value => isArray(value) ? value[0] : undefined,
  last: value => isArray(value) ? value.at(-1) : undefined,
  min: value => aggregate(value, numbers => numbers.reduce((a, b) => Math.min(a, b))),
  max: value => aggregate(value, numbers => numbers.reduce((a, b) => Math.max(a, b))),
  sum: value => aggregate(value, numbers => numbers.reduce((a, b) => a + b)),
  avg: value => aggregate(value, numbers => numbers.reduce((a, b) => a + b) / numbers.length)
}

function aggregate (value: JsonValue, compute: (numbers: number[]) => number): number | undefined {
  const numbers = (isArray(value) ? value : []).filter(each => isPrimitive(each)).map(Number)
  return numbers.length === 0 || numbers.some(Number.isNaN) ? undefined : compute(numbers)
}

/**
 * Compiles a JSONPath: RFC 9535, and the functions of Jayway that end a path, such as `.length()`. Script expressions
 * do not exist. A path has at most 4096 characters.
 * @throws SyntaxError with a reason in one line
 */
export function compileJsonPath (source: string): JsonPath {
  if (source.length > MAX_LENGTH) throw new SyntaxError(`it is longer than ${MAX_LENGTH} characters`)
  const [, path = '', name] = /^([^]*?)(?:\.(\w+)\(\s*\))?$/.exec(standard(source.trim())) ?? []
  const call = name === undefined ? undefined : Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
  if (name !== undefined && call === undefined) throw new SyntaxError(`unknown function ${name}() of JSONPath`)
  const query = parsed(path)
  const isDefinite = query.singularQuery()
  const steps = stepsOf(path)
  const nodes = (document: JsonDocument): JSONPathNode[] => {
    if (steps(document) > MAX_STEPS) throw tooLong()
    return nodesOf(query, document)
  }
  return {
    isDefinite: isDefinite || call !== undefined,
    locations: document => nodes(document).map(({ location }) => location),
    select (document) {
      const values = nodes(document).map(({ value }) => value as JsonValue)
      const value = isDefinite ? values[0] : values
      return call === undefined || value === undefined ? value : call(value)
    }
  }
}

const tooLong = (): MediationError =>
  mediationError('a JSONPath takes too long on this message')

/** Lazily: the other way of the library passes all values of an array as arguments, which the stack limits. */
function nodesOf (query: JSONPathQuery, document: JsonDocument): JSONPathNode[] {
  try {
    return Array.from(query.lazyQuery(document.value as Json))
  } catch (error) {
    // Inside of a filter there is no other way.
    throw error instanceof RangeError ? tooLong() : error
  }
}

/** Returns a path of Jayway in the form of RFC 9535: `a.b` is `$.a.b`, `$.[0]` is `$[0]`, `$.a.` is `$.a`. */
function standard (path: string): string {
  if (path === '') throw new SyntaxError('it is empty')
  return (/^[$@]/.test(path) ? path : `$.${path}`)
    .replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?<!\.)\.\[/g, found => (found === '.[' ? '[' : found))
    .replace(/(?<!\.)\.$/, '')
}

function parsed (path: string): JSONPathQuery {
  try {
    return environment.compile(path)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new SyntaxError(`invalid JSONPath: ${error.message.replace(/[\s\p{Cc}]+/gu, ' ')}`)
  }
}

/**
 * An upper bound for the values that a path visits: each descendant segment but the first may repeat the levels above a
 * value, several selectors in brackets repeat what they select, each part of a filter is computed for each value, a
 * query from the root inside of a filter visits the document for each value, and a comparison of two queries compares
 * all that is in them.
 */
function stepsOf (path: string): (document: JsonDocument) => number {
  const bare = path.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''")
  const descendants = bare.split('..').length - 1
  const rootQueries = Math.max(0, bare.split('$').length - 2)
  const filterParts = bare.match(/&&|\|\||[=!]=|[<>]/g)?.length ?? 0
  const comparesTrees = /[=!]=\s*[@$]/.test(bare)
  const factor = repetitionsOf(bare) * (1 + filterParts)
  return ({ size, depth }) =>
    factor * size * depth ** (Math.max(0, descendants - 1) + Number(comparesTrees)) * size ** rootQueries
}

/** The numbers of selectors in all brackets of a path, multiplied: `$[a,b][c,d]` may visit a value four times. */
function repetitionsOf (bare: string): number {
  const open: { selectors: number, parentheses: number }[] = []
  let product = 1
  for (const each of bare) {
    const inner = open.at(-1)
    if (each === '[') open.push({ selectors: 1, parentheses: 0 })
    else if (inner === undefined) continue
    else if (each === '(') inner.parentheses++
    else if (each === ')') inner.parentheses--
    else if (each === ',' && inner.parentheses === 0) inner.selectors++
    else if (each === ']') product *= open.pop()!.selectors
  }
  return product
}
