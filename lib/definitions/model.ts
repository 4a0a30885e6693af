import { Type, type Static, type TLiteral, type TObject, type TProperties } from '@sinclair/typebox'
import { algorithms } from '../algorithms/index.js'
import { endpoints } from '../endpoints/index.js'
import { mediators } from '../mediators/index.js'
import type { Defaults } from '../kind.js'
import { sessions } from '../sessions/index.js'

type Kinds = readonly { readonly name: string, readonly fields: TProperties }[]
type Variants<K extends Kinds> = { -readonly [I in keyof K]: TObject<{ kind: TLiteral<K[I]['name']> } & K[I]['fields']> }

/** A list of kinds is a closed union, told apart by `kind`. */
const unionOf = <const K extends Kinds>(kinds: K) =>
  Type.Union(kinds.map(({ name, fields }) =>
    Type.Object({ kind: Type.Literal(name), ...fields }, { additionalProperties: false })
  ) as unknown as [...Variants<K>])

const closed = { additionalProperties: false }

/** Where the WSDL of a proxy comes from: an address, a local entry, or the configuration itself. */
const Wsdl = Type.Object({
  uri: Type.Optional(Type.String()),
  key: Type.Optional(Type.String()),
  inline: Type.Optional(Type.String()),
  resources: Type.Optional(Type.Array(Type.Object({ location: Type.String(), key: Type.String() }, closed)))
}, closed)

/** What holds for endpoints that say nothing themselves. */
const DefaultsField = Type.Object({
  suspendDuration: Type.Optional(Type.Integer({ minimum: 0 })),
  progressionFactor: Type.Optional(Type.Number()),
  timeout: Type.Optional(Type.Integer({ minimum: 0 }))
}, closed)

/** An endpoint with `$name` where the value of a parameter stands. It is checked as an endpoint where it is used. */
const TemplateField = Type.Object({
  parameters: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  endpoint: Type.Object({ kind: Type.String() }, { additionalProperties: true })
}, closed)

const Name = Type.String({ minLength: 1, maxLength: 255 })

/** The schemas by name: these kinds, and those that a user brings. */
export const modelOf = (kinds: { algorithms: Kinds, sessions: Kinds, endpoints: Kinds, mediators: Kinds }) => Type.Module({
  Algorithm: unionOf(kinds.algorithms),
  Session: unionOf(kinds.sessions),
  Endpoint: unionOf(kinds.endpoints),
  Mediator: unionOf(kinds.mediators),
  Sequence: Type.Union([
    Type.Array(Type.Ref('Mediator')),
    Type.Object({ onError: Type.Optional(Type.String({ minLength: 1 })), description: Type.Optional(Type.String()), mediators: Type.Array(Type.Ref('Mediator')) }, closed)
  ]),
  Proxy: Type.Object({
    description: Type.Optional(Type.String()),
    transports: Type.Optional(Type.Array(Type.String())),
    startOnLoad: Type.Optional(Type.Boolean()),
    in: Type.Optional(Type.Ref('Sequence')),
    endpoint: Type.Optional(Type.Ref('Endpoint')),
    out: Type.Optional(Type.Ref('Sequence')),
    fault: Type.Optional(Type.Ref('Sequence')),
    wsdl: Type.Optional(Wsdl),
    parameters: Type.Optional(Type.Record(Type.String(), Type.String()))
  }, closed),
  Definitions: Type.Object({
    $schema: Type.Optional(Type.String()),
    defaults: Type.Optional(DefaultsField),
    templates: Type.Optional(Type.Record(Name, TemplateField)),
    proxies: Type.Optional(Type.Record(Name, Type.Ref('Proxy'))),
    sequences: Type.Optional(Type.Record(Name, Type.Ref('Sequence'))),
    endpoints: Type.Optional(Type.Record(Name, Type.Ref('Endpoint'))),
    localEntries: Type.Optional(Type.Record(Name, Type.Union([
      Type.Object({ text: Type.String() }, closed),
      Type.Object({ src: Type.String() }, closed)
    ])))
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
  readonly defaults?: Defaults
  readonly templates?: Readonly<Record<string, Template>>
  readonly proxies?: Readonly<Record<string, Proxy>>
  readonly sequences?: Readonly<Record<string, Sequence>>
  readonly endpoints?: Readonly<Record<string, object>>
  readonly localEntries?: Readonly<Record<string, { text: string } | { src: string }>>
}

export type AnyStatic = Static<typeof Definitions>
