import type { TSchema } from '@sinclair/typebox'
import { Value, ValueErrorType, type ValueError } from '@sinclair/typebox/value'
import { Definitions } from './model.js'
import { problemAt, type Origins, type Problem } from './problem.js'
import type { Artefact } from './read-xml.js'

/** Sequences, endpoints and local entries share one space of names (Synapse: SynapseConfiguration). */
const SHARED: readonly string[] = ['sequences', 'endpoints', 'localEntries'] satisfies Artefact['category'][]
const CALLED = { proxies: 'proxy', sequences: 'sequence', endpoints: 'endpoint', localEntries: 'local entry' } as const

/** Artefacts of any number of files as one model. The first of a name stays, the others are problems. */
export function assemble (artefacts: readonly Artefact[], origins: Origins): { definitions: Definitions, problems: Problem[] } {
  const definitions: Record<string, Record<string, object>> = {}
  const taken = new Map<string, Artefact>()
  const problems = artefacts.flatMap(artefact => {
    const { category, name, value } = artefact
    const key = `${SHARED.includes(category) ? 'named' : category} ${name}`
    const first = taken.get(key)
    if (first !== undefined) return [problemAt(origins.get(value), `a second ${CALLED[category]} is called "${name}"`, `the first is a ${CALLED[first.category]}`)]
    taken.set(key, artefact)
    ;(definitions[category] ??= {})[name] = value
    return []
  })
  return { definitions: definitions as Definitions, problems }
}

/** What the model does not allow, each with its place. */
export function * violations (value: unknown, origins: Origins, schema: TSchema = Definitions): Generator<Problem> {
  if (Value.Check(schema, value)) return
  for (const { path, message, hint } of explain(Value.Errors(schema, value))) {
    yield problemAt(nearest(value, path, origins), message, hint)
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
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (type === ValueErrorType.Union) {
    const all = variants.map(variant => [...variant])
    const meant = all.find(variant => variant.every(error => error.path !== `${path}/kind` && error.path !== path)) ?? all.find(variant => variant.every(error => error.path !== path))
    const kinds = kindsOf(schema)
    if (kinds.length > 0 && !kinds.includes((value as { kind?: string } | undefined)?.kind ?? '')) {
      yield { path, message: `"${name}" is of no kind that is supported: ${JSON.stringify((value as { kind?: string } | undefined)?.kind)}`, hint: `these are: ${kinds.join(', ')}` }
    } else if (meant !== undefined) yield * explain(meant)
    else {
      const choices = (schema['anyOf'] as TSchema[] | undefined)?.map(each => each['const']).filter(each => each !== undefined) ?? []
      yield { path, message: `"${name}" cannot be ${shown(value)}`, ...(choices.length > 0 && { hint: `one of: ${choices.join(', ')}` }) }
    }
  } else if (type === ValueErrorType.ObjectRequiredProperty) yield { path, message: `"${name}" is missing` }
  else if (type === ValueErrorType.ObjectAdditionalProperties) yield { path, message: `"${name}" means nothing here`, ...(schema['properties'] && { hint: `these do: ${Object.keys(schema['properties'] as object).join(', ')}` }) }
  else if (type === ValueErrorType.StringMinLength) yield { path, message: `"${name}" is empty` }
  else if (type === ValueErrorType.ArrayMinItems) yield { path, message: `"${name}" is empty`, ...(name === 'members' && { hint: 'a group needs at least one endpoint' }) }
  else yield { path, message: `"${name}" cannot be ${shown(value)}: ${message.charAt(0).toLowerCase()}${message.slice(1)}` }
}

const kindsOf = (schema: TSchema): string[] =>
  ((schema['anyOf'] ?? []) as TSchema[]).flatMap(variant => (variant['properties'] as Record<string, TSchema> | undefined)?.['kind']?.['const'] as string | undefined ?? [])

const shown = (value: unknown): string => value === undefined ? 'left out' : typeof value === 'object' ? Array.isArray(value) ? 'a list' : 'an object' : JSON.stringify(value).slice(0, 80)

/** The place of the innermost object on the way to a path that has one. */
function nearest (value: unknown, path: string, origins: Origins): ReturnType<Origins['get']> {
  let node = value
  let found: ReturnType<Origins['get']>
  for (const key of path.split('/')) {
    if (key !== '') node = (node as Record<string, unknown> | undefined)?.[key.replace(/~1/g, '/').replace(/~0/g, '~')]
    if (typeof node === 'object' && node !== null) found = origins.get(node) ?? found
  }
  return found
}
