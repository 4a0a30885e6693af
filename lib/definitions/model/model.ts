import { Type } from '@sinclair/typebox'
import { describe, Duration } from '../../contracts/fields.js'
import { algorithms } from '../../algorithms/index.js'
import { endpoints } from '../../endpoints/index.js'
import { ConditionField } from '../../mediators/values/condition.js'
import { mediators } from '../../mediators/index.js'
import type { AnyKind, Kinds } from '../../contracts/kind.js'
import type { EndpointDefaults } from '../../contracts/build-context.js'
import { sessions } from '../../sessions/index.js'
import { JsonSettings } from './json-settings.js'
import type { EndpointDefinition, Sequence } from './kind-definitions.js'

/** The closed union of a list of kinds, discriminated by `kind`. */
const unionOf = (kinds: readonly AnyKind[]) =>
  Type.Union(
    kinds.map(({ name, description, fields }) =>
      Type.Object({ kind: Type.Literal(name), ...fields }, { additionalProperties: false, description })
    )
  )

const closed = { additionalProperties: false }

const Resource = Type.Object({ location: Type.String(), key: Type.String() }, closed)

/** Where the WSDL of a proxy comes from: an address, a local entry, or the configuration itself. */
const Wsdl = Type.Object(
  {
    uri: describe(
      Type.Optional(Type.String()),
      'An address; `file:` is relative to the folder of the configuration.'
    ),
    key: describe(Type.Optional(Type.String()), 'Or the key of a local entry.'),
    inline: describe(Type.Optional(Type.String()), 'Or the document itself.'),
    resources: describe(
      Type.Optional(Type.Array(Resource)),
      'Its imports: a location, and the local entry that holds the document.'
    )
  },
  closed
)

/** Settings of endpoints that have none of their own. */
const DefaultsField = Type.Object(
  {
    suspendDuration: describe(Type.Optional(Duration), '`suspendOnFailure.initialDuration`, in milliseconds.'),
    progressionFactor: describe(Type.Optional(Type.Number()), '`suspendOnFailure.progressionFactor`.'),
    timeout: describe(Type.Optional(Duration), '`timeout.duration`, in milliseconds.'),
    maxRequests: describe(Type.Optional(Type.Integer({ minimum: 1 })), '`maxRequests` of each endpoint.'),
    maxQueued: describe(Type.Optional(Type.Integer({ minimum: 0 })), '`maxQueued` of each endpoint.'),
    queueTimeout: describe(Type.Optional(Duration), '`queueTimeout` of each endpoint, in milliseconds.')
  },
  closed
)

/** A registry of files. */
const RegistryField = Type.Object(
  {
    root: describe(
      Type.Optional(Type.String({ minLength: 1 })),
      'The folder whose files are resources; their keys are relative to it.'
    )
  },
  closed
)

/** An endpoint with `$name` in place of the values of parameters. It is validated where it is used. */
const TemplateField = Type.Object(
  {
    parameters: describe(
      Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
      'The names of its parameters, besides `name` and `uri`.'
    ),
    endpoint: Type.Object({ kind: Type.String() }, { additionalProperties: true })
  },
  closed
)

/** A parameter of a sequence template. */
const ParameterField = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    default: describe(Type.Optional(Type.String()), 'The value where a call gives none. Default: empty.'),
    mandatory: describe(Type.Optional(Type.Boolean()), 'Whether each call must give a value.', false)
  },
  closed
)

const Name = Type.String({ minLength: 1, maxLength: 255 })

const LocalEntry = Type.Union([
  Type.Object({ text: Type.String() }, closed),
  Type.Object({ src: Type.String() }, closed)
])

/** The schemas of a configuration by name, for the given kinds. */
export const modelOf = (kinds: Kinds) =>
  Type.Module({
    Algorithm: unionOf(kinds.algorithms),
    Session: unionOf(kinds.sessions),
    Endpoint: unionOf(kinds.endpoints),
    Mediator: unionOf(kinds.mediators),
    Condition: ConditionField,
    Sequence: Type.Union([
      Type.Array(Type.Ref('Mediator')),
      Type.Object(
        {
          onError: describe(
            Type.Optional(Type.String({ minLength: 1 })),
            'The sequence that handles the failures of this one.'
          ),
          description: describe(Type.Optional(Type.String()), 'A comment.'),
          parameters: describe(
            Type.Optional(Type.Array(ParameterField)),
            'It is a template that `call-template` runs: expressions read these parameters as `$func:name`.'
          ),
          mediators: Type.Array(Type.Ref('Mediator'))
        },
        closed
      )
    ]),
    Proxy: Type.Object(
      {
        description: Type.Optional(Type.String()),
        transports: describe(
          Type.Optional(Type.Array(Type.Union([Type.Literal('http'), Type.Literal('https')]))),
          'The schemes that it accepts: `http`, `https`. Default: both.'
        ),
        websocket: describe(
          Type.Optional(Type.Boolean()),
          'Whether clients may upgrade to WebSocket. In XML: `<parameter name="websocket">true</parameter>`.',
          false
        ),
        startOnLoad: describe(Type.Optional(Type.Boolean()), 'Whether it takes messages from the start.', true),
        in: describe(Type.Optional(Type.Ref('Sequence')), 'Handles requests. A proxy needs it, `endpoint`, or both.'),
        endpoint: describe(Type.Optional(Type.Ref('Endpoint')), 'Receives the requests that `in` passes on.'),
        out: describe(Type.Optional(Type.Ref('Sequence')), 'Handles responses.'),
        fault: describe(Type.Optional(Type.Ref('Sequence')), 'Handles failures.'),
        wsdl: describe(Type.Optional(Wsdl), 'The WSDL that it publishes at `?wsdl`.'),
        parameters: describe(Type.Optional(Type.Record(Type.String(), Type.String())), 'Kept, without effect.')
      },
      closed
    ),
    Resource: Type.Object(
      {
        methods: describe(Type.Optional(Type.Array(Type.String({ pattern: '^[A-Z]+$' }))), 'Default: all.'),
        uriTemplate: describe(
          Type.Optional(Type.String({ minLength: 1 })),
          'The path below the context, such as `/orders/{id}?currency={currency}` or `/files/*`. Sets `uri.var.id`.'
        ),
        urlMapping: describe(
          Type.Optional(Type.String({ minLength: 1 })),
          'Or a mapping: `/orders`, `/orders/*` or `*.xml`. Default: what no other resource takes.'
        ),
        transports: describe(
          Type.Optional(Type.Array(Type.Union([Type.Literal('http'), Type.Literal('https')]))),
          'The schemes that it accepts: `http`, `https`. Default: both.'
        ),
        in: describe(Type.Optional(Type.Ref('Sequence')), 'Handles requests.'),
        out: describe(Type.Optional(Type.Ref('Sequence')), 'Handles responses.'),
        fault: describe(Type.Optional(Type.Ref('Sequence')), 'Handles failures.')
      },
      closed
    ),
    Api: Type.Object(
      {
        description: Type.Optional(Type.String()),
        context: describe(
          Type.String({ pattern: '^/[^?#\\s]*$' }),
          'The path that its resources begin with, such as `/shop`.'
        ),
        version: describe(Type.Optional(Type.String({ minLength: 1, pattern: '^[^/?#\\s]+$' })), 'Its version.'),
        versionType: describe(
          Type.Optional(Type.Union([Type.Literal('context'), Type.Literal('url')])),
          '`context`: replaces `{version}` in the context. `url`: follows the context.'
        ),
        hostname: describe(
          Type.Optional(Type.String({ minLength: 1 })),
          'Only requests for this host. Default: any.'
        ),
        port: describe(
          Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
          'Only requests for this port. Default: any.'
        ),
        resources: Type.Array(Type.Ref('Resource'), { minItems: 1 })
      },
      closed
    ),
    Definitions: Type.Object(
      {
        $schema: describe(Type.Optional(Type.String()), 'The address of the JSON Schema, for editors.'),
        defaults: describe(Type.Optional(DefaultsField), 'Settings of endpoints that have none of their own.'),
        json: describe(Type.Optional(JsonSettings), 'How messages are converted between XML and JSON.'),
        registry: describe(Type.Optional(RegistryField), 'Where the resources of a registry are.'),
        templates: describe(
          Type.Optional(Type.Record(Name, TemplateField)),
          'Endpoints with `$name` in place of the values of parameters.'
        ),
        proxies: describe(Type.Optional(Type.Record(Name, Type.Ref('Proxy'))), 'Proxy services.'),
        apis: describe(Type.Optional(Type.Record(Name, Type.Ref('Api'))), 'REST APIs.'),
        sequences: describe(
          Type.Optional(Type.Record(Name, Type.Ref('Sequence'))),
          'Sequences by name. `main` handles requests that belong to no proxy, `fault` failures of proxies without one.'
        ),
        endpoints: describe(Type.Optional(Type.Record(Name, Type.Ref('Endpoint'))), 'Endpoints by name.'),
        localEntries: describe(
          Type.Optional(Type.Record(Name, LocalEntry)),
          'Texts, or their addresses (`src`), for WSDLs and expressions.'
        )
      },
      closed
    )
  })

/** A whole configuration. XML is read into this form; JSON has this form. */
export const Definitions = modelOf({ algorithms, sessions, endpoints, mediators }).Import('Definitions')

export interface Wsdl {
  uri?: string
  key?: string
  inline?: string
  resources?: { location: string; key: string }[]
}

/** One proxy service. */
export interface Proxy {
  readonly description?: string
  /** `http`, `https`. Default: both. */
  readonly transports?: readonly string[]
  /** Whether clients may upgrade to WebSocket. Default: false. */
  readonly websocket?: boolean
  readonly startOnLoad?: boolean
  readonly in?: Sequence
  readonly endpoint?: EndpointDefinition
  readonly out?: Sequence
  readonly fault?: Sequence
  readonly wsdl?: Wsdl
  readonly parameters?: Readonly<Record<string, string>>
}

/** One resource of an API. Without a pattern it takes what no other resource takes. */
export interface ApiResource {
  /** Default: all. */
  readonly methods?: readonly string[]
  readonly uriTemplate?: string
  readonly urlMapping?: string
  /** `http`, `https`. Default: both. */
  readonly transports?: readonly string[]
  readonly in?: Sequence
  readonly out?: Sequence
  readonly fault?: Sequence
}

/** One REST API. */
export interface Api {
  readonly description?: string
  readonly context: string
  readonly version?: string
  readonly versionType?: 'context' | 'url'
  readonly hostname?: string
  readonly port?: number
  readonly resources: readonly ApiResource[]
}

/**
 * An endpoint with `$name` in place of the values of parameters. Every template has the parameters `name` and `uri`.
 */
export interface Template {
  readonly parameters?: readonly string[]
  readonly endpoint: object
}

export interface Definitions {
  readonly $schema?: string
  readonly defaults?: EndpointDefaults
  readonly json?: JsonSettings
  readonly registry?: { readonly root?: string }
  readonly templates?: Readonly<Record<string, Template>>
  readonly proxies?: Readonly<Record<string, Proxy>>
  readonly apis?: Readonly<Record<string, Api>>
  readonly sequences?: Readonly<Record<string, Sequence>>
  readonly endpoints?: Readonly<Record<string, EndpointDefinition>>
  readonly localEntries?: Readonly<Record<string, { text: string } | { src: string }>>
}
