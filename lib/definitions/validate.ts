import type { TSchema } from '@sinclair/typebox'
import { Value, ValueErrorType, type ValueError } from '@sinclair/typebox/value'
import { Definitions } from './model.js'
import { problemAt, type SourceLocation, type SourceLocations, type Problem } from './problem.js'
import type { Artefact } from './read-xml.js'

/** Sequences, endpoints and local entries share one space of names (Synapse: SynapseConfiguration). */
const SHARED: readonly string[] = ['sequences', 'endpoints', 'localEntries'] satisfies Artefact['category'][]
const FAMILY_NOUNS = { proxies: 'proxy', sequences: 'sequence', endpoints: 'endpoint', localEntries: 'local entry', templates: 'template', defaults: 'default' } as const

/** Artefacts of any number of files as one model. The first of a name stays, the others are problems, unless they say the same. */
export function assemble (artefacts: readonly Artefact[], origins: SourceLocations): { definitions: Definitions, problems: Problem[] } {
  const definitions: Record<string, Record<string, object | number>> = {}
  const locationOf = (value: object | number): SourceLocation | undefined => typeof value === 'object' ? origins.get(value) : undefined
  const taken = new Map<string, Artefact>()
  const problems = artefacts.flatMap((artefact): Problem[] => {
    const { category, name, value } = artefact
    const key = `${SHARED.includes(category) ? 'named' : category} ${name}`
    if (name === '__proto__') return [problemAt(locationOf(value), 'nothing may be called "__proto__"')]
    const first = taken.get(key)
    if (first !== undefined) {
      const { file, line } = problemAt(locationOf(first.value), '')
      const isSame = first.category === category && Value.Equal(first.value, value)
      return [{ ...problemAt(locationOf(value), `a second ${FAMILY_NOUNS[category]} is called "${name}"${isSame ? ', and says the same' : ''}`, `the first ${first.category === category ? 'stands' : `is a ${FAMILY_NOUNS[first.category]},`} in ${file}:${line}`, isSame ? 'hint' : 'error'), artefact: { category: 'none', name } }]
    }
    taken.set(key, artefact)
    ;(definitions[category] ??= {})[name] = value
    return []
  })
  return { definitions: definitions as Definitions, problems }
}

/** Whether something has the shape of the model. Whether the names in it mean something is another question. */
export const isShaped = (value: unknown): boolean => Value.Check(Definitions, value)

/** What the model does not allow, each with its place. */
export function * violations (value: unknown, origins: SourceLocations, schema: TSchema = Definitions): Generator<Problem> {
  if (Value.Check(schema, value)) return
  for (const { path, message, hint } of explain(Value.Errors(schema, value))) {
    const { origin, kind } = nearestLocation(value, path, origins)
    if (!origin?.damaged) yield problemAt(origin, kind === undefined ? message : `${kind}: ${message}`, hint)
  }
}

interface Violation { readonly path: string, readonly message: string, readonly hint?: string }

/** A union says only that no variant fits; `kind` tells which one was meant. */
function * explain (errors: Iterable<ValueError>): Generator<Violation> {
  const told = new Set<string>()
  for (const error of errors) {
    for (const violation of explainOne(error)) {
      if (told.has(violation.path)) continue
      told.add(violation.path)
      yield violation
    }
  }
}

function * explainOne ({ path, value, schema, errors: variants, type, message }: ValueError): Generator<Violation> {
  const name = path.split('/').findLast(part => !/^\d*$/.test(part)) ?? ''
  if (type === ValueErrorType.Union) {
    const all = variants.map(variant => [...variant])
    const meant = all.find(variant => variant.every(error => error.path !== `${path}/kind` && error.path !== path)) ?? all.find(variant => variant.every(error => error.path !== path))
    const kinds = kindsOf(schema)
    const kind = (value as { kind?: unknown } | null | undefined)?.kind
    if (kinds.length > 0 && !kinds.includes(String(kind))) {
      yield { path, message: typeof value !== 'object' ? `${shown(value)} is no object with a kind` : kind === undefined ? '"kind" is missing' : `${shown(kind)} is no kind that is supported here`, hint: `these are: ${kinds.join(', ')}` }
    } else if (meant !== undefined) yield * explain(meant)
    else yield { path, message: `"${name}" cannot be ${shown(value)}`, hint: `one of: ${(schema['anyOf'] as TSchema[]).map(each => each['const'] ?? expected(each)).join(', ')}` }
  } else if (type === ValueErrorType.ObjectRequiredProperty) yield { path, message: `"${name}" is missing` }
  else if (type === ValueErrorType.ObjectAdditionalProperties) yield { path, message: `"${name}" means nothing here`, ...(schema['properties'] && { hint: `these do: ${Object.keys(schema['properties'] as object).join(', ')}` }) }
  else if (type === ValueErrorType.StringMinLength) yield { path, message: `"${name}" is empty` }
  else if (type === ValueErrorType.ArrayMinItems) yield { path, message: `"${name}" is empty`, ...(name === 'members' && { hint: 'a group needs at least one endpoint' }) }
  else yield { path, message: `"${name}" cannot be ${shown(value)}: ${message.charAt(0).toLowerCase()}${message.slice(1)}` }
}

const expected = ({ type }: TSchema): string => type === 'array' ? 'a list' : type === 'object' ? 'an object' : `a ${type}`

const kindsOf = (schema: TSchema): string[] =>
  ((schema['anyOf'] ?? []) as TSchema[]).flatMap(variant => (variant['properties'] as Record<string, TSchema> | undefined)?.['kind']?.['const'] as string | undefined ?? [])

const shown = (value: unknown): string => value === undefined ? 'left out' : typeof value === 'object' ? Array.isArray(value) ? 'a list' : 'an object' : JSON.stringify(value).slice(0, 80)

/** What is around a path: the place of the innermost object that has one, and the innermost kind. */
function nearestLocation (value: unknown, path: string, origins: SourceLocations): { origin?: SourceLocation, kind?: unknown } {
  const found: { origin?: SourceLocation, kind?: unknown } = {}
  const keys = path.split('/').slice(1)
  let node = value
  for (const [depth, key] of keys.entries()) {
    node = (node as Record<string, unknown>)[key.replace(/~1/g, '/').replace(/~0/g, '~')]
    if (typeof node !== 'object' || node === null) break
    const [origin, { kind }] = [origins.get(node), node as { kind?: unknown }]
    if (origin !== undefined) found.origin = origin
    if (kind !== undefined && depth < keys.length - 1) found.kind = kind
  }
  return found
}
