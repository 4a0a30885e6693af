import type { EndpointDefaults } from '../contracts/build-context.js'
import type { WatchMembers } from '../contracts/discovery.js'

/** What a configuration gets from its environment: time, randomness, environment variables, discovery. */
export interface Runtime {
  /** Milliseconds. */
  readonly now: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  readonly uuid: () => string
  readonly environment: (name: string) => string | undefined
  /** Reads a certificate or a key beside the configuration. Default: none is read. @throws Error */
  readonly readFile?: ((path: string) => string) | undefined
  /** Settings of endpoints that have none of their own; they precede the defaults of the configuration. */
  readonly endpointDefaults?: EndpointDefaults | undefined
  /** Without it, dynamic groups have no members. */
  readonly watchMembers?: WatchMembers | undefined
}
