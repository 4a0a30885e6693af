import { Type, type TSchema } from '@sinclair/typebox'
import type { AnyKind, Kinds } from '../../contracts/kind.js'
import { PROBLEM_CODES } from '../../contracts/problem-code.js'
import { completeExample, definitionsExample } from '../../definitions/complete-example.js'
import { jsonSchema, type Fields, type Schema } from '../../definitions/schema.js'
import { Definitions } from '../../definitions/model/model.js'
import { BUILT_IN_KINDS } from '../../definitions/reading/read-xml.js'
import { writeArtefact, writeXml } from '../../definitions/write-xml.js'

type Family = keyof Kinds

const FAMILIES: readonly (readonly [Family, title: string, part: string, description: string])[] = [
  ['mediators', 'Mediators', 'Mediator', 'The steps of a sequence, in order.'],
  ['endpoints', 'Endpoints', 'Endpoint', 'Destinations of messages. In XML each is inside an `<endpoint>`.'],
  ['sessions', 'Sessions', 'Session',
    'Where a group finds the session id of a message. In XML: `<session type="…">` beside `<loadbalance>`.'],
  ['algorithms', 'Algorithms', 'Algorithm',
    'The order in which a group tries its members. In XML an attribute of `<loadbalance>`: `algorithm`, or `policy`.']
]

const LINKS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(FAMILIES.map(([, title, part]) => [part, `[${part.toLowerCase()}](#${title.toLowerCase()})`])),
  Sequence: '[sequence](#sequences)',
  Condition: 'condition: `{ type, source, equals }`, `{ type, source, matches }`, `{ and: […] }`, ' +
    '`{ or: […] }`, `{ not }`',
  Proxy: '[proxy](#proxies)',
  Api: '[API](#apis)',
  Resource: '[resource](#apis)'
}

/** The reference page, generated from the fields and descriptions of all kinds. Markdown. */
export function reference (): string {
  const schema = jsonSchema(Definitions)
  const parts: Fields = schema.$defs ?? {}
  return [
    '# Reference', '',
    '<!-- Written by `npm run docs` from the code. -->', '',
    'Everything that a configuration can contain. The tables list the properties of JSON; `kind` discriminates. The',
    'XML shows where each of them belongs, all at once: most are optional or exclude one another. Durations are',
    'milliseconds. For editors there is a JSON Schema:',
    '[definitions.schema.json](definitions.schema.json), or `proxy-services schema`.', '',
    '## Definitions', '',
    'In JSON one object with these properties; in XML `<definitions>`, or one artefact alone in its file.', '',
    ...tableOf(schema), '',
    '```xml',
    writeXml(definitionsExample(schema)).trimEnd(), '```', '',
    '## Proxies', '',
    'A service at `/services/NAME`.', '',
    ...tableOf(parts['Proxy'] ?? {}), '',
    '## APIs', '',
    'A REST API: resources below one path, by method and pattern.', '',
    ...tableOf(parts['Api'] ?? {}), '',
    'Each of its `resources`:', '',
    ...tableOf(parts['Resource'] ?? {}), '',
    'URL mappings precede templates: exact ones, then the longest prefix, then an extension. The first template that',
    'matches wins. A path without a resource responds 404, a method that its resource does not have 405, a scheme 400;',
    'OPTIONS responds with `Allow`, unless it is among the methods of the resource. Sequences read the',
    'properties `uri.var.NAME`, `query.param.NAME`, `REST_METHOD`, `REST_API_CONTEXT`, `REST_FULL_REQUEST_PATH`,',
    '`REST_SUB_REQUEST_PATH`, `REST_URL_PATTERN`, `SYNAPSE_REST_API` and `SYNAPSE_REST_API_VERSION`.', '',
    '## Sequences', '',
    `A list of ${LINKS['Mediator']?.replace(']', 's]')}; or an object:`, '',
    ...tableOf((parts['Sequence']?.['anyOf'] as Schema[]).find(({ type }) => type === 'object') ?? {}), '',
    ...FAMILIES.flatMap(([family, title,, description]) => [`## ${title}`, '', description, '', ...kindsOf(family)]),
    '## Problems', '',
    'What `check` reports, by its stable code. `check --json` prints the code of each problem.', '',
    '| Code | Meaning |', '|---|---|',
    ...Object.entries(PROBLEM_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  ].join('\n').trimEnd() + '\n'
}

/**
 * Each kind with its own fields. Fields that several kinds share precede them, and appear in the XML of the first one.
 */
function kindsOf (family: Family): string[] {
  const kinds: readonly AnyKind[] = BUILT_IN_KINDS[family]
  const owners = ([field, schema]: [string, TSchema]): string =>
    kinds.filter(({ fields }) => fields[field] === schema).map(({ name }) => `\`${name}\``).join(', ')
  const all =
    [...new Map(kinds.flatMap(({ fields }) => Object.entries(fields)).map(field => [field[1], field])).values()]
  const groups =
    [...new Set(all.map(owners))].map(who => [who, all.filter(field => owners(field) === who)] as const)
      .filter(([who, fields]) => who.includes(',') && fields.length > 2)
  const shared = new Map(groups)
  return [
    ...groups.flatMap(([who, fields]) => [`Shared by ${who}:`, '', ...table(fields, []), '']),
    ...kinds.flatMap(({ name, aliases = [], description, fields }) => {
      const own = Object.entries(fields).filter(field => !shared.has(owners(field)))
      const first =
        Object.entries(fields).filter(field => !shared.has(owners(field)) || owners(field).startsWith(`\`${name}\``))
      return [
        `### ${name}`, '', description, '',
        ...aliases.length > 0 ? [`Also: ${aliases.map(alias => `\`${alias}\``).join(', ')}`, ''] : [],
        ...own.length > 0 ? [...table(own, requiredOf(Type.Object(fields))), ''] : [],
        '```xml', writeArtefact(family, { kind: name, ...completeExample(Object.fromEntries(first)) }), '```', ''
      ]
    })
  ]
}

const table = (fields: readonly [string, Schema][], required: readonly string[]): string[] => fields.length === 0
  ? []
  : ['| Field | Type | Default | |', '|---|---|---|---|',
      ...fields.flatMap(([name, schema]) => rows(name, schema, required.includes(name)))]

const tableOf = (schema: Schema): string[] => table(Object.entries(propertiesOf(schema)), requiredOf(schema))

/** The row of a field, and below it the rows of the fields of its object. */
function rows (name: string, schema: Schema, required: boolean): string[] {
  const inner = schema.type === 'array' ? schema.items ?? {} : schema
  const row =
    `| \`${name}\` | ${typeOf(schema)} | ${required
      ? '(required)'
      : schema.default === undefined
        ? ''
        : `\`${JSON.stringify(schema.default)}\``} | ${schema.description ?? ''} |`
  return [row,
    ...inner.properties && !isExpression(inner)
      ? Object.entries(propertiesOf(inner)).flatMap(([field, each]) =>
        rows(`${name}.${field}`, each, requiredOf(inner).includes(field)))
      : []]
}

function typeOf (schema: Schema): string {
  const { $ref, anyOf, type, const: only, items, patternProperties, minimum } = schema
  if ($ref !== undefined) return LINKS[$ref.split('/').at(-1)!] ?? $ref
  if (only !== undefined) return `\`${JSON.stringify(only)}\``
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(', ')
  if (isExpression(schema)) return 'XPath: `{ xpath, namespaces }`'
  if (type === 'array') return `list of ${typeOf(items ?? {})}`
  if (patternProperties !== undefined) return `names to ${typeOf(Object.values(patternProperties)[0] ?? {})}`
  return minimum === undefined ? type ?? 'anything' : `${type}, at least ${minimum}`
}

const propertiesOf = ({ properties = {} }: Schema): Fields => properties
const requiredOf = ({ required = [] }: Schema): readonly string[] => required
const isExpression = (schema: Schema): boolean => 'xpath' in propertiesOf(schema)
