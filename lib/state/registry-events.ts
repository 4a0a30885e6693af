import type { EndpointState } from './endpoint-state.js'
import type { Health } from './suspension.js'

/** An endpoint changed its state. */
export interface StateChange {
  readonly endpoint: EndpointState
  readonly from: Health
  readonly to: Health
}

/** A group that was there before has other members. */
export interface MembersChange {
  readonly group: string
  /** Names. */
  readonly joined: readonly string[]
  readonly left: readonly string[]
}

/** What a registry reports. */
export interface RegistryEvents {
  stateChange: [StateChange]
  /** The share of ready members of a group fell below its `minReady`, or reached it again. */
  minReady: [{ readonly group: string; readonly ready: number; readonly members: number; readonly isBelow: boolean }]
  /** Health checks have taken an endpoint out of service, or back. */
  healthCheckChange: [EndpointState]
  membersChange: [MembersChange]
  /** The trial of a half-open endpoint has ended, with or without a result. */
  trialEnd: [EndpointState]
  /** An endpoint with a limit of requests in flight has one less. */
  placeFree: [EndpointState]
  /** A message could not be sent again, since its body was no longer buffered. */
  retryImpossible: [{ readonly endpoint: EndpointState; readonly reason: string }]
}
