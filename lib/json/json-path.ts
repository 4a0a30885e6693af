import { JSONPathEnvironment, type JSONPathQuery } from 'json-p3'
import { fault, MediationError } from '../message/fault.js'
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
export function compileJsonPath (written: string): JsonPath {
  if (written.length > MAX_LENGTH) throw new SyntaxError(`it is longer than ${MAX_LENGTH} characters`)
  const [, path = '', name] = /^([^]*?)(?:\.(\w+)\(\s*\))?$/.exec(standard(written.trim())) ?? []
  const call = name === undefined ? undefined : Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
  if (name !== undefined && call === undefined) throw new SyntaxError(`unknown function ${name}() of JSONPath`)
  const query = parsed(path)
  const isDefinite = query.singularQuery()
  const steps = stepsOf(path)
  const nodes = (document: JsonDocument): ReturnType<JSONPathQuery['query']> => {
    if (steps(document) > MAX_STEPS) {
      throw new MediationError(fault('MEDIATION', 'a JSONPath takes too long on this message'))
    }
    return query.query(document.value as Json)
  }
  return {
    isDefinite: isDefinite || call !== undefined,
    locations: document => nodes(document).locations(),
    select (document) {
      const found = nodes(document).values() as JsonValue[]
      const value = isDefinite ? found[0] : found
      return call === undefined || value === undefined ? value : call(value)
    }
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
    throw new SyntaxError(`invalid JSONPath: ${error.message.split('\n', 1)[0]}`)
  }
}

/**
 * An upper bound for the values that a path visits: each descendant segment but the first may repeat the levels above a
 * value, and a query from the root inside of a filter runs for each value.
 */
function stepsOf (path: string): (document: JsonDocument) => number {
  const bare = path.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''")
  const descendants = bare.split('..').length - 1
  const rootQueries = Math.max(0, bare.split('$').length - 2)
  return ({ size, depth }) => size * depth ** Math.max(0, descendants - 1) * size ** rootQueries
}
