import { Value } from '@sinclair/typebox/value'
import { withEnvironment } from '../endpoints/environment.js'
import { portOf } from '../wsdl/port.js'
import { violations } from './validate.js'
import { Definitions } from './model.js'
import { problemAt, type SourceLocations, type Problem } from './problem.js'

/** The texts of documents by their address, or why there is none. */
export type Documents = ReadonlyMap<string, string | Error>
type Environment = (name: string) => string | undefined
type Config = Readonly<Record<string, unknown>>

/** How deep templates may be made from templates. */
const MAX_DEPTH = 8

/**
 * What only stands for something else is replaced by that: an endpoint made from a template by what the template says, an endpoint of a
 * WSDL by the address of its port. What cannot be is a problem at its place. Nothing is changed; what stays the same is the same object.
 */
export function expandDefinitions (definitions: Definitions, origins: SourceLocations, environment: Environment, documents: Documents = new Map()): { definitions: Definitions, problems: readonly Problem[] } {
  const problems: Problem[] = []
  const expanded = withoutTemplates(definitions, origins, problems)
  const lowered = rewrite(expanded, origins, node => node['kind'] === 'wsdl' ? addressed(node, origins, environment, documents, problems) : node)
  return { definitions: lowered as Definitions, problems }
}

/** The addresses of all WSDLs that endpoints name. */
export function wsdlAddresses (definitions: Definitions, environment: Environment): Set<string> {
  const found = new Set<string>()
  rewrite(withoutTemplates(definitions, new WeakMap(), []), new WeakMap(), node => {
    if (node['kind'] === 'wsdl' && typeof node['uri'] === 'string') {
      try { found.add(withEnvironment(node['uri'], { environment })) } catch { /* told where it is lowered */ }
    }
    return node
  })
  return found
}

/** Everything but the templates themselves, with each object replaced by what becomes of it, from the outside in. */
function rewrite (definitions: Definitions, origins: SourceLocations, change: (node: Config, key: string) => Config): Definitions {
  const visit = (value: unknown, key: string): unknown => {
    if (typeof value !== 'object' || value === null) return value
    const node = Array.isArray(value) ? value : change(value as Config, key)
    const entries = Object.entries(node)
    const changed = entries.map(([key, each]) => [key, visit(each, key)] as const)
    if (changed.every(([, each], index) => each === entries[index]![1])) return node
    const copy = Array.isArray(node) ? changed.map(([, each]) => each) : Object.fromEntries(changed)
    const origin = origins.get(node) ?? origins.get(value)
    if (origin !== undefined) origins.set(copy, origin)
    return copy
  }
  const { templates, ...parts } = definitions
  return { ...visit(parts, '') as Definitions, ...templates && { templates } }
}

function withoutTemplates (definitions: Definitions, origins: SourceLocations, problems: Problem[]): Definitions {
  const top = new Set<unknown>(Object.values(definitions.endpoints ?? {}))
  return rewrite(definitions, origins, (node, key) => {
    let current = node
    for (let depth = 0; current['kind'] === 'template'; depth++) {
      const origin = origins.get(node)
      const told = (message: string, hint?: string): Config => {
        if (!origin?.damaged) problems.push(problemAt(origin, message, hint))
        return UNRESOLVED
      }
      const named = depth === 0 && top.has(node) ? { name: key, ...current } : current
      current = depth === MAX_DEPTH ? told('the template is made from itself') : expanded(named, definitions, origins, told)
      if (current !== UNRESOLVED && origin !== undefined) origins.set(current, origin)
      if (current === UNRESOLVED || current['kind'] === 'template') continue
      const wrong = [...violations({ endpoints: { [key]: current } }, origins)]
      problems.push(...wrong)
      if (wrong.length > 0) return UNRESOLVED
    }
    return current
  })
}

/** Stands where something could not be made, until all problems are known. */
const UNRESOLVED: Config = { kind: 'default' }

/** What a template says, with values for its parameters (Synapse: Template, only a whole text is replaced). */
function expanded (config: Config, definitions: Definitions, origins: SourceLocations, told: (message: string, hint?: string) => Config): Config {
  const { template: key, name, uri, parameters = {} } = config as { template: string, name?: string, uri?: string, parameters?: Readonly<Record<string, string>> }
  const { templates = {} } = definitions
  if (!Object.hasOwn(templates, key)) return told(`no template is called "${key}"`, Object.keys(templates).length > 0 ? `these are: ${Object.keys(templates).join(', ')}` : undefined)
  const template = templates[key]!
  const given: Readonly<Record<string, string | undefined>> = { ...parameters, name, uri }
  const declared = ['name', 'uri', ...template.parameters ?? []]
  const missing = new Set<string>()
  const filled = (value: unknown, field?: string): unknown => {
    if (Array.isArray(value)) return value.map(each => filled(each))
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, key)]))
    if (typeof value !== 'string' || !value.startsWith('$') || !declared.includes(value.slice(1))) return value
    const found = Object.hasOwn(given, value.slice(1)) ? given[value.slice(1)] : undefined
    if (found === undefined) missing.add(value.slice(1))
    return found !== undefined && /errorCodes$/i.test(field ?? '') ? found.split(/[\s,]+/).filter(Boolean) : found ?? value
  }
  const made = filled(template.endpoint) as Config
  if (missing.size > 0) return told(`the template "${key}" needs a value for ${[...missing].join(', ')}`, 'name and uri are attributes, others are <parameter name="…" value="…"/>')
  const own = name === undefined ? made : { ...made, name }
  return typed(own)
}

/** Numbers that came as text become numbers, where the model wants numbers. */
const typed = (endpoint: Config): Config =>
  (Value.Convert(Definitions, { endpoints: { it: structuredClone(endpoint) } }) as { endpoints: { it: Config } }).endpoints.it

/** The address of a port, instead of its WSDL. */
function addressed (config: Config, origins: SourceLocations, environment: Environment, documents: Documents, problems: Problem[]): Config {
  const { uri, inline, service, port, ...settings } = config as { uri?: string, inline?: string, service: string, port: string }
  const origin = origins.get(config)
  try {
    const location = uri === undefined ? undefined : withEnvironment(uri, { environment })
    const text = location === undefined ? inline : documents.get(location)
    if (text === undefined) throw new Error('it was not read')
    if (text instanceof Error) throw text
    const { address, format } = portOf(text, service, withEnvironment(port, { environment }))
    const lowered = { ...settings, kind: 'address', uri: address, format }
    if (origin !== undefined) origins.set(lowered, origin)
    return lowered
  } catch (error) {
    if (!origin?.damaged) problems.push(problemAt(origin, `the WSDL ${uri === undefined ? 'inside the endpoint' : `"${uri}"`} cannot be used: ${(error as Error).message}`))
    return UNRESOLVED
  }
}
