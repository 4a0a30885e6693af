import type { TSchema } from '@sinclair/typebox'
import t from 'tap'
import { parse } from '../../../lib/definitions/load.js'
import type { EndpointDefinition, MediatorDefinition } from '../../../lib/definitions/model/kind-definitions.js'
import { Definitions } from '../../../lib/definitions/model/model.js'
import { BUILT_IN_KINDS } from '../../../lib/definitions/reading/read-xml.js'
import { writeXml } from '../../../lib/definitions/write-xml.js'

interface Kind { readonly name: string, readonly fields: Readonly<Record<string, TSchema>>, readonly write?: unknown }
type Family = keyof typeof BUILT_IN_KINDS
const kindsOf = (family: Family): readonly Kind[] => BUILT_IN_KINDS[family] as never

const TEXT = 'it\'s <a> & "b"\n\t]]> ü 𝄞'
const ADDRESS: EndpointDefinition = { kind: 'address', uri: 'http://localhost:9001/?a=1&b=2' }
const LOADBALANCE: EndpointDefinition = { kind: 'loadbalance', members: [ADDRESS, { kind: 'reference', key: 'other' }] }

/** What stands for a part of the model that another one refers to. */
const REFERRED: Readonly<Record<string, readonly unknown[]>> = {
  Endpoint: [ADDRESS, LOADBALANCE],
  Algorithm: [{ kind: 'roundRobin' }],
  Session: [{ kind: 'simpleClientSession' }],
  Mediator: [{ kind: 'drop' }, { kind: 'sequence', key: 'other' }],
  Condition: [
    { and: [{ source: TEXT, equals: TEXT }, { or: [] }] },
    { not: { type: 'url', matches: TEXT } },
    { type: 'param', source: TEXT, equals: '' }
  ],
  Sequence: [[{ kind: 'drop' }], { onError: 'handler', mediators: [{ kind: 'drop' }] }]
}

/** Fields whose text means something. */
const EXPRESSIONS = [{ xpath: "//p:a[. = '<']", namespaces: { p: 'urn:p' } }, { xpath: '$body' }]
const MEANT: Readonly<Record<string, readonly unknown[]>> = {
  'sessions.http.cookies': [['JSESSIONID'], ['A', 'B']],
  httpPort: [8080, '$SYSTEM:PORT'],
  httpsPort: [8443, '${configs.PORT}'],
  'sessions.cookie.keys': [['$SYSTEM:KEY'], ['first', 'second']],
  xml: ['<a xmlns="urn:x" b="1 &lt; 2">one<c/> two</a>', '<p:a xmlns:p="urn:p"><b/></p:a>'],
  inline: ['<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>'],
  'mediators.call.source': [
    { type: 'body' },
    { expression: EXPRESSIONS[0] },
    { type: 'custom', expression: EXPRESSIONS[1], contentType: TEXT },
    { type: 'property', property: TEXT },
    ...[TEXT, '<a xmlns="urn:x">1</a>', '{"a":1}'].map(content => ({ type: 'inline', content, contentType: 'text/xml' }))
  ],
  'mediators.call.target': [{ type: 'body' }, { type: 'property', name: TEXT }, { type: 'variable', name: TEXT }],
  'mediators.header.name': ['To', { prefix: 'p', namespace: 'urn:p', name: 'Block' }],
  'mediators.makefault.code': [{ value: { prefix: 'p', namespace: 'urn:p', name: 'Code' } },
    { expression: { xpath: '1' } }]
}

/** Some values of a type: every variant, every field alone and with those that must be there. */
function samplesOf (schema: TSchema, field: string, owner: string): readonly unknown[] {
  const meant = MEANT[`${owner}.${field}`] ?? MEANT[field]
  if (meant !== undefined) return meant
  if (schema['$ref'] !== undefined) {
    return REFERRED[schema['$ref'] as string] ?? t.fail(`samples of ${schema['$ref']}`) as never
  }
  if (schema['const'] !== undefined) return [schema['const']]
  if (schema['anyOf'] !== undefined) {
    return (schema['anyOf'] as TSchema[]).flatMap(each => samplesOf(each, field, owner))
  }
  if ('xpath' in (schema['properties'] as object | undefined ?? {})) return EXPRESSIONS
  switch (schema['type']) {
    case 'string': return [TEXT]
    case 'boolean': return [true, false]
    case 'integer': return schema['maximum'] === 599 ? [100, 599] : [1, 60000]
    case 'number': return [1, 1.5]
    case 'array': return [samplesOf(schema['items'] as TSchema, field, owner)]
    case 'object': return schema['patternProperties']
      ? [{ a: TEXT }]
      : objectsOf(schema['properties'] as Record<string, TSchema>, schema['required'] as string[] | undefined, owner)
    default: throw new Error(`no samples of ${owner}.${field}: ${JSON.stringify(schema)}`)
  }
}

function objectsOf (
  fields: Readonly<Record<string, TSchema>>, required: readonly string[] = [], owner: string
): object[] {
  const least = Object.fromEntries(required.map(field => [field, samplesOf(fields[field]!, field, owner)[0]]))
  const more =
    Object.entries(fields).flatMap(([field, schema]) =>
      samplesOf(schema, field, owner).map(value => ({ ...least, [field]: value })))
  return [least, ...more]
}

const WITHIN: Readonly<Record<Family, (config: object) => object>> = {
  mediators: config => config,
  endpoints: endpoint => ({ kind: 'send', endpoint }),
  sessions: session => ({ kind: 'send', endpoint: { ...LOADBALANCE, session } }),
  algorithms: algorithm => ({ kind: 'send', endpoint: { ...LOADBALANCE, algorithm } })
}

const isRequired = (schema: TSchema): boolean =>
  !Object.getOwnPropertySymbols(schema).some(symbol => symbol.description === 'TypeBox.Optional')

t.test('reading what is written gives the same model: every field of every kind', async t => {
  for (const family of Object.keys(BUILT_IN_KINDS) as Family[]) {
    for (const { name, fields, write } of kindsOf(family)) {
      if (!t.ok(write !== undefined || Object.keys(fields).length === 0,
        `${name} (${family}) has fields, so it says in 'write' how they stand in XML`)) {
        continue
      }
      for (const config of objectsOf(fields, Object.keys(fields).filter(field => isRequired(fields[field]!)),
        `${family}.${name}`)) {
        const definitions = { sequences: { s: [WITHIN[family]({ kind: name, ...config })] } } as Definitions
        const xml = writeXml(definitions)
        t.strictSame(parse(xml).definitions, definitions, `${name} ${JSON.stringify(config)}\n${xml}`)
      }
    }
  }
})

t.test('reading what is written gives the same model: proxies, sequences, endpoints, local entries', async t => {
  const named = (key: string): MediatorDefinition[] => [{ kind: 'sequence', key }]
  const definitions: Definitions = {
    localEntries: {
      text: { text: TEXT },
      markup: { text: '<a>1</a>' },
      'not quite markup': { text: "<a b='1'/>" },
      broken: { text: '<a>' },
      empty: { text: '' },
      file: { src: 'file:a b.xml' }
    },
    endpoints: {
      here: { kind: 'address', uri: 'http://localhost/', onError: 'handler' }, 'a "name" <of> it\'s own': LOADBALANCE
    },
    sequences: {
      handler: [{ kind: 'drop' }],
      described: { description: TEXT, mediators: [] },
      all: { onError: 'handler', description: 'what for', mediators: [{ kind: 'respond' }] }
    },
    proxies: {
      named: { in: named('a'), out: named('b'), fault: named('c'), endpoint: { kind: 'reference', key: 'here' } },
      inline: {
        description: TEXT,
        transports: ['http'],
        startOnLoad: false,
        in: [{ kind: 'drop' }],
        out: [],
        fault: { onError: 'handler', mediators: [...named('a')] },
        endpoint: ADDRESS
      },
      parameters: {
        endpoint: ADDRESS,
        parameters: { text: TEXT, markup: '<a xmlns="urn:a"/>' },
        wsdl: { uri: 'file:a.wsdl', resources: [{ location: 'a.xsd', key: 'a' }] }
      },
      entry: { endpoint: ADDRESS, wsdl: { key: 'file' } },
      document: { endpoint: ADDRESS, wsdl: { inline: '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>' } }
    }
  }
  const xml = writeXml(definitions)
  t.strictSame(parse(xml).problems, [])
  t.strictSame(parse(xml).definitions, definitions)
  t.equal(writeXml(parse(xml).definitions), xml)
})

t.test('kinds and markup that cannot be written are reported', async t => {
  const unknownKind = (kind: string) => ({ kind }) as MediatorDefinition
  t.throws(() => writeXml({ sequences: { s: [unknownKind('unheard')] } }), /unknown kind "unheard"/)
  t.throws(() => writeXml({ sequences: { s: [{ kind: 'property', name: 'a', xml: '<a>' }] } }), /"<a>" is not XML/)
  const kinds = { ...BUILT_IN_KINDS, mediators: [{ name: 'mine', fields: { a: {} } }] }
  t.throws(() => writeXml({ sequences: { s: [unknownKind('mine')] } }, kinds as never), /"mine" cannot be written as XML/)
})
