import { CATEGORY_NOUNS } from '../model/category-nouns.js'
import type { TSchema } from '@sinclair/typebox'
import { Value, ValueErrorType, type ValueError } from '@sinclair/typebox/value'
import type { Sliced } from '../../slices/sliced-work.js'
import type { ProblemCode } from '../../contracts/problem-code.js'
import { didYouMean } from '../model/closest-name.js'
import { Definitions } from '../model/model.js'
import { nameProblem } from './names.js'
import { problemAt, type SourceLocation, type SourceLocations, type Problem } from '../model/problem.js'
import type { Artefact } from '../reading/read-xml.js'

/** Sequences, endpoints and local entries share one space of names. @see Synapse: SynapseConfiguration */
const SHARED: readonly string[] = ['sequences', 'endpoints', 'localEntries'] satisfies Artefact['category'][]

/**
 * Joins the artefacts of all files into one model. Of several with one name the first stays; the others are problems.
 */
export function assemble (
  artefacts: readonly Artefact[],
  locations: SourceLocations
): { definitions: Definitions; problems: Problem[] } {
  const definitions: Record<string, Record<string, unknown>> = {}
  const taken = new Map<string, Artefact>()
  const problems = artefacts.flatMap((artefact): Problem[] => {
    const { category, name, value } = artefact
    const wrong = nameProblem(category, name)
    if (wrong !== undefined) {
      return [problemAt(locationOf(value, locations), 'invalid-name', wrong.message, wrong.hint)]
    }
    const key = `${SHARED.includes(category) ? 'shared' : category} ${name}`
    const first = taken.get(key)
    if (first !== undefined) return [duplicate(artefact, first, locations)]
    taken.set(key, artefact)
    ;(definitions[category] ??= {})[name] = value
    return []
  })
  return { definitions: definitions as Definitions, problems }
}

const locationOf = (value: unknown, locations: SourceLocations): SourceLocation | undefined =>
  typeof value === 'object' && value !== null ? locations.get(value) : undefined

function duplicate ({ category, name, value }: Artefact, first: Artefact, locations: SourceLocations): Problem {
  const { file, line } = problemAt(locationOf(first.value, locations), 'duplicate-name', '')
  const isEqual = first.category === category && Value.Equal(first.value, value)
  const message = `duplicate ${CATEGORY_NOUNS[category]} "${name}"${isEqual ? ', equal to the first one' : ''}`
  const noun = first.category === category ? '' : `a ${CATEGORY_NOUNS[first.category]} `
  const hint = `the first is ${noun}at ${file}:${line}`
  const problem = problemAt(locationOf(value, locations), 'duplicate-name', message, hint, isEqual ? 'hint' : 'error')
  return { ...problem, artefact: { category: 'none', name } }
}

/** Whether a value has the shape of the model. Names in it are not resolved. */
export const isShaped = (value: unknown): boolean => Value.Check(Definitions, value)

interface ViolationOptions {
  readonly schema?: TSchema
  /** Formats a path such as `proxies.A.in[0]` for messages. */
  readonly place?: (path: string) => string
}

/** Artefacts that are checked in one slice. */
const SLICE_SIZE = 50

/** As `violations`, of definitions, some artefacts a slice. */
export function * violationsInSlices (
  definitions: Definitions,
  locations: SourceLocations,
  schema: TSchema
): Sliced<Problem[]> {
  const problems: Problem[] = []
  for (const [category, artefacts] of Object.entries(definitions)) {
    const entries = Object.entries<unknown>(artefacts)
    for (let at = 0; at < entries.length; at += SLICE_SIZE) {
      const part = { [category]: Object.fromEntries(entries.slice(at, at + SLICE_SIZE)) }
      problems.push(...violations(part, locations, { schema }))
      yield
    }
  }
  return problems
}

/** Everything in a value that the model does not allow, each as a problem at its location. */
export function * violations (
  value: unknown,
  locations: SourceLocations,
  { schema = Definitions, place = path => path }: ViolationOptions = {}
): Generator<Problem> {
  if (Value.Check(schema, value)) return
  for (const { pointer, place: parent, code, message, detail = '', hint } of explain(Value.Errors(schema, value))) {
    const location = nearestLocation(value, pointer, locations)
    const at = place(dotted(parent))
    const suffix = at === '' || location?.path !== undefined ? '' : ` at ${at}`
    if (!location?.damaged) yield problemAt(location, code, `${message}${suffix}${detail}`, hint)
  }
}

interface Violation {
  /** The JSON pointer of the value that is wrong; at most one violation is reported for it. */
  readonly pointer: string
  /** The JSON pointer of what the message calls its place. */
  readonly place: string
  readonly code: ProblemCode
  readonly message: string
  /** Stands after the place. */
  readonly detail?: string
  readonly hint?: string | undefined
}

/** The violations of a list of errors, at most one for each value. */
function * explain (errors: Iterable<ValueError>): Generator<Violation> {
  const reported = new Set<string>()
  for (const error of errors) {
    for (const violation of explainOne(error)) {
      if (reported.has(violation.pointer)) continue
      reported.add(violation.pointer)
      yield violation
    }
  }
}

function explainOne (error: ValueError): Iterable<Violation> {
  const { path: pointer, value, schema, type, message } = error
  if (type === ValueErrorType.Union) return explainUnion(error)
  const name = nameIn(pointer)
  const at = { pointer, place: parentOf(pointer) }
  switch (type) {
    case ValueErrorType.ObjectRequiredProperty:
      return [{ ...at, code: 'missing-property', message: `missing property "${name}"` }]
    case ValueErrorType.ObjectAdditionalProperties: {
      const known = Object.keys((schema['properties'] as object | undefined) ?? {})
      const hint = didYouMean(name, known) ?? (known.length > 0 ? `known: ${known.join(', ')}` : undefined)
      return [{ ...at, code: 'unknown-property', message: `unknown property "${name}"`, hint }]
    }
    case ValueErrorType.StringMinLength:
    case ValueErrorType.ArrayMinItems: {
      const hint = name === 'members' ? 'a group needs at least one endpoint' : undefined
      return [{ ...at, code: 'invalid-value', message: `"${name}" is empty`, hint }]
    }
    default: {
      const detail = `: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
      return [{ ...at, code: 'invalid-value', message: `invalid value ${shown(value)} for "${name}"`, detail }]
    }
  }
}

/** A union reports only that no variant fits. Its `kind` decides which variant to explain. */
function explainUnion ({ path: pointer, value, schema, errors: variants }: ValueError): Iterable<Violation> {
  const all = variants.map(variant => [...variant])
  const intended =
    all.find(variant => variant.every(({ path }) => path !== `${pointer}/kind` && path !== pointer)) ??
    all.find(variant => variant.every(({ path }) => path !== pointer))
  const kinds = kindsOf(schema)
  const { kind } = Object(value) as { kind?: unknown }
  if (kinds.length > 0 && !kinds.includes(String(kind))) return [unknownKind(pointer, value, kind, kinds)]
  if (intended !== undefined) return explain(intended)
  const options = schema['anyOf'] as TSchema[]
  const [simple, ...others] = all.filter((_, index) => !['array', 'object'].includes(options[index]!['type'] as string))
  if (simple !== undefined && others.length === 0 && typeof value !== 'object') return explain(simple)
  const choices = options.map(
    each => (each['const'] as string | undefined) ?? NOUN_OF_TYPE[each['type'] as string]
  )
  const message = `invalid value ${shown(value)} for "${nameIn(pointer)}"`
  return [
    { pointer, place: parentOf(pointer), code: 'invalid-value', message, hint: `one of: ${choices.join(', ')}` }
  ]
}

function unknownKind (pointer: string, value: unknown, kind: unknown, kinds: readonly string[]): Violation {
  const at = { pointer, place: pointer, hint: `known: ${kinds.join(', ')}` }
  if (typeof value !== 'object') {
    return { ...at, code: 'invalid-value', message: `${shown(value)} is not an object with a kind` }
  }
  if (kind === undefined) return { ...at, code: 'missing-property', message: 'missing property "kind"' }
  const hint = didYouMean(String(kind), kinds) ?? at.hint
  return { ...at, code: 'unsupported-kind', message: `unknown kind ${shown(kind)}`, hint }
}

const NOUN_OF_TYPE: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'a text'
}

const parentOf = (path: string): string => path.replace(/(\/\d+)*$/, '').replace(/\/[^/]*$/, '')

/** The name of the property that a path ends in; the indexes of its elements do not count. */
const nameIn = (path: string): string => unescaped(path.split('/').findLast(part => !/^\d*$/.test(part)) ?? '')

/** A JSON pointer as it would be written in code: `proxies.A.in[0]`. */
const dotted = (path: string): string =>
  path
    .split('/')
    .slice(1)
    .map(unescaped)
    .map(part => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('')
    .slice(path.startsWith('/') ? 1 : 0)

const unescaped = (part: string): string => part.replace(/~1/g, '/').replace(/~0/g, '~')

const kindsOf = (schema: TSchema): string[] =>
  ((schema['anyOf'] ?? []) as TSchema[]).flatMap(
    variant =>
      ((variant['properties'] as Record<string, TSchema> | undefined)?.['kind']?.['const'] as string | undefined) ??
      []
  )

function shown (value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value).slice(0, 80)
  return Array.isArray(value) ? '(a list)' : '(an object)'
}

/** The location of the innermost object on a path that has one. */
function nearestLocation (value: unknown, path: string, locations: SourceLocations): SourceLocation | undefined {
  let found: SourceLocation | undefined
  let node = value
  for (const key of path.split('/').slice(1)) {
    node = (node as Record<string, unknown>)[unescaped(key)]
    if (typeof node !== 'object' || node === null) break
    found = locations.get(node) ?? found
  }
  return found
}
