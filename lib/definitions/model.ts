import { Type, type Static } from '@sinclair/typebox'
import { describe } from '../contracts/fields.js'
import { algorithms } from '../algorithms/index.js'
import { endpoints } from '../endpoints/index.js'
import { mediators } from '../mediators/index.js'
import type { AnyKind, EndpointDefaults, Kinds } from '../contracts/kind.js'
import { sessions } from '../sessions/index.js'

/** A list of kinds is a closed union, told apart by `kind`. */
const unionOf = (kinds: readonly AnyKind[]) => Type.Union(kinds.map(({ name, description, fields }) =>
  Type.Object({ kind: Type.Literal(name), ...fields }, { additionalProperties: false, ...description !== undefined && { description } })))

const closed = { additionalProperties: false }

/** Where the WSDL of a proxy comes from: an address, a local entry, or the configuration itself. */
const Wsdl = Type.Object({
  uri: describe(Type.Optional(Type.String()), 'An address; `file:` counts from the folder of the configuration.'),
  key: describe(Type.Optional(Type.String()), 'Or a local entry.'),
  inline: describe(Type.Optional(Type.String()), 'Or the document itself.'),
  resources: describe(Type.Optional(Type.Array(Type.Object({ location: Type.String(), key: Type.String() }, closed))), 'What it imports: a location, and the local entry that stands there.')
}, closed)

/** What holds for endpoints that say nothing themselves. */
const DefaultsField = Type.Object({
  suspendDuration: describe(Type.Optional(Type.Integer({ minimum: 0 })), '`suspendOnFailure.initialDuration`, in milliseconds.'),
  progressionFactor: describe(Type.Optional(Type.Number()), '`suspendOnFailure.progressionFactor`.'),
  timeout: describe(Type.Optional(Type.Integer({ minimum: 0 })), '`timeout.duration`, in milliseconds.')
}, closed)

/** An endpoint with `$name` where the value of a parameter stands. It is checked as an endpoint where it is used. */
const TemplateField = Type.Object({
  parameters: describe(Type.Optional(Type.Array(Type.String({ minLength: 1 }))), 'Their names, besides name and uri.'),
  endpoint: Type.Object({ kind: Type.String() }, { additionalProperties: true })
}, closed)

const Name = Type.String({ minLength: 1, maxLength: 255 })

/** The schemas by name: these kinds, and those that a user brings. */
export const modelOf = (kinds: Kinds) => Type.Module({
  Algorithm: unionOf(kinds.algorithms),
  Session: unionOf(kinds.sessions),
  Endpoint: unionOf(kinds.endpoints),
  Mediator: unionOf(kinds.mediators),
  Sequence: Type.Union([
    Type.Array(Type.Ref('Mediator')),
    Type.Object({
      onError: describe(Type.Optional(Type.String({ minLength: 1 })), 'The sequence that runs when something in this one goes wrong.'),
      description: describe(Type.Optional(Type.String()), 'For people.'),
      mediators: Type.Array(Type.Ref('Mediator'))
    }, closed)
  ]),
  Proxy: Type.Object({
    description: Type.Optional(Type.String()),
    transports: describe(Type.Optional(Type.Array(Type.Union([Type.Literal('http'), Type.Literal('https')]))), '`http`, `https`; unset: both.'),
    startOnLoad: describe(Type.Optional(Type.Boolean()), 'Whether it takes messages at once.', true),
    in: describe(Type.Optional(Type.Ref('Sequence')), 'What happens to requests.'),
    endpoint: describe(Type.Optional(Type.Ref('Endpoint')), 'Who is asked after that.'),
    out: describe(Type.Optional(Type.Ref('Sequence')), 'What happens to answers.'),
    fault: describe(Type.Optional(Type.Ref('Sequence')), 'What happens when something goes wrong.'),
    wsdl: describe(Type.Optional(Wsdl), 'What it publishes at `?wsdl`.'),
    parameters: describe(Type.Optional(Type.Record(Type.String(), Type.String())), 'Kept, without effect.')
  }, closed),
  Definitions: Type.Object({
    $schema: describe(Type.Optional(Type.String()), 'Names the JSON Schema, for editors.'),
    defaults: describe(Type.Optional(DefaultsField), 'What holds for endpoints that say nothing themselves.'),
    templates: describe(Type.Optional(Type.Record(Name, TemplateField)), 'Endpoints with `$name` where the value of a parameter stands.'),
    proxies: describe(Type.Optional(Type.Record(Name, Type.Ref('Proxy'))), 'Proxy services.'),
    sequences: describe(Type.Optional(Type.Record(Name, Type.Ref('Sequence'))), 'Sequences that others refer to. `main` takes what no proxy claims, `fault` what goes wrong in a proxy without a fault sequence.'),
    endpoints: describe(Type.Optional(Type.Record(Name, Type.Ref('Endpoint'))), 'Endpoints that others refer to.'),
    localEntries: describe(Type.Optional(Type.Record(Name, Type.Union([
      Type.Object({ text: Type.String() }, closed),
      Type.Object({ src: Type.String() }, closed)
    ]))), 'Texts, or the addresses of some (`src`), that WSDLs and expressions refer to.')
  }, closed)
})

/** Everything that a configuration can say. XML is read into this; JSON is this. */
export const Definitions = modelOf({ algorithms, sessions, endpoints, mediators }).Import('Definitions')

export interface Wsdl { uri?: string, key?: string, inline?: string, resources?: { location: string, key: string }[] }
export type Sequence = readonly unknown[] | { readonly onError?: string, readonly description?: string, readonly mediators: readonly unknown[] }

/** One proxy service. Mediators and endpoints in it are of the kinds that the lists name. */
export interface Proxy {
  readonly description?: string
  /** `http`, `https`; both unless told. */
  readonly transports?: readonly string[]
  readonly startOnLoad?: boolean
  readonly in?: Sequence
  readonly endpoint?: object
  readonly out?: Sequence
  readonly fault?: Sequence
  readonly wsdl?: Wsdl
  readonly parameters?: Readonly<Record<string, string>>
}

/** An endpoint with `$name` where the value of a parameter stands. `name` and `uri` are parameters of every template. */
export interface Template { readonly parameters?: readonly string[], readonly endpoint: object }

export interface Definitions {
  readonly $schema?: string
  readonly defaults?: EndpointDefaults
  readonly templates?: Readonly<Record<string, Template>>
  readonly proxies?: Readonly<Record<string, Proxy>>
  readonly sequences?: Readonly<Record<string, Sequence>>
  readonly endpoints?: Readonly<Record<string, object>>
  readonly localEntries?: Readonly<Record<string, { text: string } | { src: string }>>
}

export type AnyStatic = Static<typeof Definitions>
