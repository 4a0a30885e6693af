import type { Definitions } from './model/model.js'
import type { Fields, Schema } from './schema.js'

const REFERRED: Readonly<Record<string, unknown>> = {
  Endpoint: { kind: 'reference', key: '…' },
  Algorithm: { kind: 'roundRobin' },
  Session: { kind: 'simpleClientSession' },
  Mediator: { kind: 'drop' },
  Sequence: [{ kind: 'drop' }],
  Condition: { type: 'header', source: '…', equals: '…' }
}

/** An example with every field at once, each value showing its type: to be read, not to be run. */
export const completeExample = (fields: Fields): object =>
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, exampleOf(schema, name)]))

/** A configuration with an artefact of each category. @param schema of configurations, as `jsonSchema` makes it */
export function definitionsExample ({ properties, $defs = {} }: Schema): Definitions {
  const { Proxy = {}, Api = {}, Resource = {} } = $defs
  const resources = { type: 'array', items: Resource }
  return completeExample({
    ...properties,
    proxies: { patternProperties: { '': Proxy } },
    apis: { patternProperties: { '': { ...Api, properties: { ...Api.properties, resources } } } }
  })
}

function exampleOf (schema: Schema, name: string): unknown {
  const { $ref, anyOf, type, const: only, items, properties = {}, patternProperties } = schema
  if ($ref !== undefined || name === 'endpoint') return REFERRED[$ref?.split('/').at(-1) ?? 'Endpoint']
  if (patternProperties !== undefined) return { '…': exampleOf(Object.values(patternProperties)[0] ?? {}, '') }
  if (only !== undefined) return only
  if (anyOf !== undefined) {
    const examples = anyOf.map(each => exampleOf(each, name))
    return examples.every(each => typeof each === 'string')
      ? [...new Set(examples)].join('|')
      : examples.find(each => typeof each === 'object') ?? examples[0]
  }
  if ('xpath' in properties) return { xpath: '…' }
  if (name === 'xml' || name === 'inline') return '<any/>'
  switch (type) {
    case 'boolean': return 'true|false'
    case 'integer':
    case 'number': return 'n'
    case 'array': return [exampleOf(items ?? {}, name)]
    case 'object': return completeExample(properties)
    default: return name === 'prefix' ? 'p' : '…'
  }
}
