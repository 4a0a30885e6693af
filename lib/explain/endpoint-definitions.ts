import type { CompiledConfiguration } from '../compiler/compile.js'

type Configuration = Pick<CompiledConfiguration, 'expanded' | 'endpointNames'>

/** Each configuration is read once. */
const known = new WeakMap<object, ReadonlyMap<string, object>>()

/** The definition of an endpoint or a group, by its name in the registry; undefined: messages or discovery made it. */
export function definitionOfEndpoint (configuration: Configuration, name: string): object | undefined {
  let definitions = known.get(configuration.expanded)
  if (definitions === undefined) known.set(configuration.expanded, (definitions = definitionsByName(configuration)))
  return definitions.get(name)
}

function definitionsByName ({ expanded, endpointNames }: Configuration): ReadonlyMap<string, object> {
  const byName = new Map<string, object>()
  const add = (name: string | undefined, definition: object): void => {
    if (name !== undefined && !byName.has(name)) byName.set(name, definition)
  }
  for (const [key, definition] of Object.entries(expanded.endpoints ?? {})) {
    add('name' in definition && typeof definition.name === 'string' ? definition.name : key, definition)
  }
  const left: unknown[] = [expanded]
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue
    add(endpointNames.get(value), value)
    left.push(...Object.values(value).filter(each => typeof each === 'object'))
  }
  return byName
}
