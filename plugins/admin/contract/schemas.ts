import { Type, type Static, type TSchema } from '@sinclair/typebox'
import type { FilePosition } from '../../../lib/explain/file-position.js'
import type { Health } from '../../../lib/state/suspension.js'
import { By } from './hand-change.js'

/** Shapes of the admin API. They validate requests, serialise responses, and make the OpenAPI document. */

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const Instant = Type.String({ format: 'date-time', description: 'ISO 8601, UTC.' })
export const State = Type.Unsafe<Health['state']>(
  Type.String({ description: 'State of the endpoint (docs/operations.md).' })
)

/** Refusals of every kind, unknown paths included. */
export const ErrorView = Type.Object({ Error: Type.String({ description: 'What is wrong, and what to do.' }) })

export const EndpointView = Type.Object(
  {
    name: Type.String({ description: 'Passwords and values of queries in addresses are hidden.' }),
    kind: Type.Union([Type.Literal('address'), Type.Literal('dynamic')], {
      description: '`address`: configured. `dynamic`: messages bring the address, and each has a state of its own.'
    }),
    address: Type.String(),
    state: State,
    ready: Type.Boolean({
      description: 'Whether the endpoint accepts new messages and has responded since its last suspension.'
    }),
    trialInFlight: Type.Boolean({
      description: 'Whether the one message that tries a half-open endpoint is in flight.'
    }),
    since: Type.Union([Instant, Type.Null()], { description: 'When the endpoint left the state active.' }),
    cause: Nullable(Type.String({ description: 'The last failure that changed the state.' })),
    nextRetry: Nullable(Instant),
    secondsLeft: Nullable(Type.Integer({ minimum: 0, description: 'Seconds until the next retry.' })),
    healthCheck: Nullable(
      Type.Object(
        { passing: Type.Boolean(), since: Nullable(Instant), cause: Nullable(Type.String()) },
        { description: 'Null: not checked. Not passing: out, whatever the state is.' }
      )
    ),
    inFlight: Type.Integer({ description: 'Requests that wait for a response.' }),
    queued: Type.Integer({ description: 'Messages that wait for a place beyond `maxRequests`.' }),
    maxRequests: Nullable(
      Type.Integer({ description: 'How many may be in flight at one time, in each process. Null: any number.' })
    ),
    oldestRequestSeconds: Nullable(
      Type.Number({ minimum: 0, description: 'Seconds since the oldest request that waits for a response was sent.' })
    ),
    responses: Type.Integer({ description: 'Responses since the start, whatever their HTTP status.' }),
    failures: Type.Integer({ description: 'Failures since the start.' }),
    refused: Type.Integer({ description: 'Messages without a place within `maxRequests`, since the start.' }),
    sessions: Nullable(
      Type.Object(
        { bound: Type.Integer(), lastEnds: Type.Union([Instant, Type.Null()]) },
        { description: 'While it is draining: the sessions that remain, and when the last one ends if it is unused.' }
      )
    )
  },
  { $id: 'Endpoint' }
)
export type EndpointView = Static<typeof EndpointView>

export const SuspensionView = Type.Object(
  {
    markCodes: Type.Optional(Type.Array(Type.Integer())),
    suspendCodes: Type.Optional(Type.Array(Type.Integer())),
    retriesBeforeSuspension: Type.Integer(),
    retryDelay: Type.Number({ description: 'Milliseconds.' }),
    initialDuration: Type.Number({ description: 'Milliseconds.' }),
    progressionFactor: Type.Number(),
    maximumDuration: Type.Optional(Type.Number({ description: 'Milliseconds.' }))
  },
  { additionalProperties: true }
)

export const EndpointDetail = Type.Composite([
  EndpointView,
  Type.Object({
    groups: Type.Array(Type.String(), { description: 'Groups that the endpoint is a member of.' }),
    suspension: SuspensionView,
    recentFailures: Type.Array(
      Type.Object({ at: Instant, code: Type.Integer({ description: 'ERROR_CODE' }), cause: Type.String() }),
      { description: 'The last five failed attempts, the newest first.' }
    ),
    failuresByCode: Type.Array(Type.Object({ code: Type.Integer(), count: Type.Integer() }), {
      description: 'Failures since the start by their error codes, the most frequent first.'
    }),
    faultsByStatus: Type.Array(Type.Object({ status: Type.Integer(), count: Type.Integer() }), {
      description: 'Responses since the start with a status of 500 or more, which are no failures.'
    }),
    at: Nullable(
      Type.Object(
        { file: Type.String(), line: Type.Integer(), column: Type.Integer() },
        { description: 'Where it is configured. Null: in no file.' }
      )
    )
  })
])
export type EndpointDetail = Static<typeof EndpointView> & {
  readonly groups: readonly string[]
  readonly suspension: object
  readonly recentFailures: readonly { readonly at: string, readonly code: number, readonly cause: string }[]
  readonly failuresByCode: readonly { readonly code: number, readonly count: number }[]
  readonly faultsByStatus: readonly { readonly status: number, readonly count: number }[]
  readonly at: FilePosition | null
}

export const GroupView = Type.Object(
  {
    name: Type.String(),
    kind: Type.String({ description: '`loadbalance`, `failover`, `recipientlist` …' }),
    members: Type.Array(
      Type.Object({
        name: Type.String(),
        ready: Type.Boolean({ description: 'A nested group is ready if any of its endpoints is.' }),
        state: Nullable(State)
      })
    ),
    ready: Type.Integer({ description: 'Number of ready members.' }),
    sessions: Nullable(
      Type.Object(
        {
          bound: Type.Integer(),
          evicted: Type.Integer(),
          timeout: Type.Number({ description: 'Milliseconds.' }),
          expiry: Type.String({ description: '`sliding` or `absolute`.' }),
          maxSessions: Type.Integer()
        },
        { description: 'Null: no sessions, or held by clients.' }
      )
    )
  },
  { $id: 'Group' }
)
export type GroupView = Static<typeof GroupView>

export const ProxyView = Type.Object(
  {
    name: Type.String(),
    path: Type.String(),
    transports: Type.Array(Type.String()),
    isRunning: Type.Boolean(),
    wsdlProblem: Nullable(Type.String({ description: 'Why the WSDL cannot be published at the moment.' }))
  },
  { $id: 'Proxy' }
)
export type ProxyView = Static<typeof ProxyView>

export const ListOf = <T extends TSchema>(view: T) => Type.Object({ count: Type.Integer(), list: Type.Array(view) })

const name = Type.String({
  minLength: 1,
  description: 'Name of an endpoint, or of a group: then all of its endpoints.'
})
const switching = {
  status: Type.String({
    description: '`on`, `off`, `draining`; also `active` and `inactive`, as WSO2 Micro Integrator.'
  }),
  if: Type.Optional(
    Type.String({ description: 'The state that the caller saw; 409 if an endpoint has another by now.' })
  ),
  by: By
}
export const SwitchBody = Type.Object(switching)
export const NamedSwitchBody = Type.Object({ name, ...switching })
export const SwitchResultView = Type.Object({ Message: Type.String(), list: Type.Array(EndpointView) })

export const NameParams = Type.Object({ '*': Type.String({ description: 'The name, percent-encoded.' }) })
