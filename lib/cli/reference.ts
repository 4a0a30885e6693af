import type { TSchema } from '@sinclair/typebox'
import { jsonSchema } from '../definitions/schema.js'
import { Definitions } from '../definitions/model.js'
import { OUR_KINDS } from '../definitions/read-xml.js'
import { writePart } from '../definitions/write-xml.js'

type Schema = Readonly<Record<string, unknown>>
interface Kind { readonly name: string, readonly aliases?: readonly string[], readonly about: string, readonly fields: Readonly<Record<string, TSchema>> }
type Family = keyof typeof OUR_KINDS

const FAMILIES: readonly (readonly [Family, title: string, part: string, about: string])[] = [
  ['mediators', 'Mediators', 'Mediator', 'What happens to a message in a sequence, one after the other.'],
  ['endpoints', 'Endpoints', 'Endpoint', 'Whom a message can be sent to. In XML each stands in an `<endpoint>`.'],
  ['sessions', 'Sessions', 'Session', 'How a group recognises the session of a message. In XML: `<session type="…">` beside `<loadbalance>`.'],
  ['algorithms', 'Algorithms', 'Algorithm', 'In which order a group offers its members. In XML an attribute of `<loadbalance>`: `algorithm`, or `policy`.']
]

const LINKS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(FAMILIES.map(([, title, part]) => [part, `[${part.toLowerCase()}](#${title.toLowerCase()})`])),
  Sequence: '[sequence](#sequences)',
  Proxy: '[proxy](#proxies)'
}

/** The reference page: everything that a configuration can say, as the kinds themselves say it. Markdown. */
export function reference (): string {
  const parts = jsonSchema(Definitions)['$defs'] as Readonly<Record<string, Schema>>
  return [
    '# Reference', '',
    '<!-- Written by `npm run docs` from the code. -->', '',
    'Everything that a configuration can say. JSON names its parts as the tables do; `kind` tells which one is meant. The XML shows where each',
    'of them stands, all at once: most exclude one another or may be left out. Durations are milliseconds. For editors there is a JSON Schema:',
    '[definitions.schema.json](definitions.schema.json), or `proxy-services schema`.', '',
    '## Definitions', '',
    'The whole: in JSON one object with a member for each of these, names to parts; in XML `<definitions>`, or one part alone in its file.', '',
    ...table(Object.entries(propertiesOf(jsonSchema(Definitions)))), '',
    '## Proxies', '',
    'A service at `/services/NAME`.', '',
    ...table(Object.entries(propertiesOf(parts['Proxy'] ?? {}))), '',
    '## Sequences', '',
    `A list of ${LINKS['Mediator']?.replace(']', 's]')}; or an object:`, '',
    ...table(Object.entries(propertiesOf((parts['Sequence']?.['anyOf'] as Schema[]).find(({ type }) => type === 'object') ?? {}))), '',
    ...FAMILIES.flatMap(([family, title,, about]) => [`## ${title}`, '', about, '', ...kindsOf(family)])
  ].join('\n').trimEnd() + '\n'
}

/** Each kind with its own fields; those that several kinds have in common stand before them. */
function kindsOf (family: Family): string[] {
  const kinds = OUR_KINDS[family] as unknown as readonly Kind[]
  const owners = (field: string, schema: TSchema): string => kinds.filter(({ fields }) => fields[field] === schema).map(({ name }) => `\`${name}\``).join(', ')
  const shared = new Map<string, [string, Schema][]>()
  for (const { fields } of kinds) {
    for (const [field, schema] of Object.entries(fields)) {
      const who = owners(field, schema)
      const known = shared.get(who) ?? []
      if (!known.some(([name]) => name === field)) shared.set(who, [...known, [field, schema]])
    }
  }
  for (const [who, fields] of shared) if (!who.includes(',') || fields.length < 3) shared.delete(who)
  const isOwn = ([field, schema]: [string, TSchema]): boolean => !shared.has(owners(field, schema))
  return [
    ...[...shared].flatMap(([who, fields]) => [`In common, ${who}:`, '', ...table(fields), '']),
    ...kinds.flatMap(({ name, aliases = [], about, fields }) => [
      `### ${name}`, '', about, '',
      ...aliases.length > 0 ? [`Also: ${aliases.map(alias => `\`${alias}\``).join(', ')}`, ''] : [],
      ...table(Object.entries(fields).filter(isOwn)),
      ...Object.entries(fields).some(isOwn) ? [''] : [],
      '```xml', writePart(family, { kind: name, ...everything(fields) }), '```', ''
    ])
  ]
}

const table = (fields: readonly [string, Schema][]): string[] => fields.length === 0
  ? []
  : ['| Field | Type | Default | |', '|---|---|---|---|', ...fields.flatMap(([name, schema]) => rows(name, schema))]

/** A field, and below it the fields of an object that stands there. */
function rows (name: string, schema: Schema): string[] {
  const inner = schema['type'] === 'array' ? schema['items'] as Schema : schema
  const row = `| \`${name}\` | ${typeOf(schema)} | ${schema['default'] === undefined ? '' : `\`${JSON.stringify(schema['default'])}\``} | ${schema['description'] as string | undefined ?? ''} |`
  return [row, ...inner['properties'] && !isExpression(inner) ? Object.entries(propertiesOf(inner)).flatMap(([field, each]) => rows(`${name}.${field}`, each)) : []]
}

function typeOf (schema: Schema): string {
  const { $ref, anyOf, type, const: only, items, patternProperties, minimum } = schema as { $ref?: string, anyOf?: Schema[], type?: string, const?: unknown, items?: Schema, patternProperties?: Record<string, Schema>, minimum?: number }
  if ($ref !== undefined) return LINKS[$ref.split('/').at(-1)!] ?? $ref
  if (only !== undefined) return `\`${JSON.stringify(only)}\``
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(', ')
  if (isExpression(schema)) return 'XPath: `{ xpath, namespaces }`'
  if (type === 'array') return `list of ${typeOf(items ?? {})}`
  if (patternProperties !== undefined) return `names to ${typeOf(Object.values(patternProperties)[0] ?? {})}`
  return minimum === undefined ? type ?? 'anything' : `${type}, at least ${minimum}`
}

const propertiesOf = (schema: Schema): Readonly<Record<string, Schema>> => schema['properties'] as Readonly<Record<string, Schema>> | undefined ?? {}
const isExpression = (schema: Schema): boolean => 'xpath' in propertiesOf(schema)

const REFERRED: Readonly<Record<string, unknown>> = {
  Endpoint: { kind: 'indirect', key: '…' },
  Algorithm: { kind: 'roundRobin' },
  Session: { kind: 'simpleClientSession' },
  Mediator: { kind: 'drop' },
  Sequence: [{ kind: 'drop' }]
}

/** A configuration with every field at once, its values told by their types. */
const everything = (fields: Readonly<Record<string, Schema>>): object =>
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, exampleOf(schema, name)]))

function exampleOf (schema: Schema, name: string): unknown {
  const { $ref, anyOf, type, const: only, items, properties } = schema as { $ref?: string, anyOf?: Schema[], type?: string, const?: unknown, items?: Schema, properties?: Record<string, Schema> }
  if ($ref !== undefined) return REFERRED[$ref]
  if (only !== undefined) return only
  if (anyOf !== undefined) {
    const examples = anyOf.map(each => exampleOf(each, name))
    return examples.every(each => typeof each === 'string') ? [...new Set(examples)].join('|') : examples.find(each => typeof each === 'object') ?? examples[0]
  }
  if (isExpression(schema)) return { xpath: '…' }
  if (name === 'xml') return '<any/>'
  switch (type) {
    case 'boolean': return 'true|false'
    case 'integer':
    case 'number': return 'n'
    case 'array': return [exampleOf(items ?? {}, name)]
    case 'object': return everything(properties ?? {})
    default: return name === 'prefix' ? 'p' : '…'
  }
}
