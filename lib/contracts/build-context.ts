import type { Expression } from '../expression/compiled-expression.js'
import type { ExpressionConfig } from '../expression/expression.js'
import type { Registry } from '../state/registry.js'
import type { StateLease } from '../state/state-lease.js'
import type { Algorithm } from './algorithm.js'
import type { WatchMembers } from './discovery.js'
import type { Endpoint } from './endpoint.js'
import type { Mediator } from './mediator.js'
import type { ProblemCode } from './problem-code.js'
import type { SessionAffinity } from './session-affinity.js'

/** Certificates for https addresses: files, relative to the folder of the configuration, or the PEM itself. */
export interface EndpointCertificates {
  /** Authorities in place of those of Node.js. */
  readonly ca?: string | undefined
  /** The certificate of the gateway, and its private key. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/**
 * Settings for endpoints that do not set their own. Durations in milliseconds.
 * @see Apache Synapse, synapse.properties: synapse.global_endpoint_suspend_duration,
 * synapse.global_endpoint_suspend_progression_factor, synapse.global_timeout_interval
 */
export interface EndpointDefaults {
  /** The first suspension. */
  readonly suspendDuration?: number | undefined
  /** The factor of each further suspension. */
  readonly progressionFactor?: number | undefined
  /** Until the head of the response is complete. */
  readonly timeout?: number | undefined
  /** Requests in flight to one endpoint. Default: no limit */
  readonly maxRequests?: number | undefined
  /** Messages that wait for a place beyond `maxRequests`. Default: 0 */
  readonly maxQueued?: number | undefined
  /** How long they wait; 0: no limit. Default: 5 s */
  readonly queueTimeout?: number | undefined
  /** Also of their health checks and WSDLs. */
  readonly tls?: EndpointCertificates | undefined
}

/** What a kind may use while it is built: its children by name or inline, the registry, time and chance. */
export interface BuildContext {
  readonly mediators: (configs: unknown) => Mediator
  readonly sequence: (key: string) => Mediator
  readonly endpoint: (config: unknown) => Endpoint
  /** Undefined: no endpoint has that name. */
  readonly endpointByKey: (key: string) => Endpoint | undefined
  readonly algorithm: (config: unknown) => Algorithm
  readonly session: (config: unknown) => SessionAffinity
  readonly expression: (config: ExpressionConfig) => Expression
  readonly localEntry: (key: string) => string | undefined
  /** A name for a part without one: the name of its owner, and a number. */
  readonly generatedName: (what: string) => string
  readonly registry: Registry
  /** Names the state that the configuration needs. */
  readonly lease: StateLease
  readonly now: () => number
  readonly random: () => number
  readonly uuid: () => string
  readonly environment: (name: string) => string | undefined
  /** Reads a small text file beside the configuration. Undefined: files are not read. @throws Error */
  readonly readFile?: ((path: string) => string) | undefined
  readonly endpointDefaults: EndpointDefaults
  readonly watchMembers: WatchMembers
  /** Reports a part that is built although its messages will fail. */
  readonly warn: (message: string, hint?: string, code?: ProblemCode) => void
  /** Reports a part without effect. */
  readonly hint: (message: string, hint?: string) => void
}
