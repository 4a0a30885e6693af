import type { Forward } from '../../../lib/contracts/flow.js'
import type { Fault } from '../../../lib/message/fault.js'
import type { Limits } from '../message/limits.js'
import type { UpstreamTransport } from './upstream-transport.js'

/** Called where a failed request cannot be sent again, since its body was streamed. */
export type OnRetryImpossible = (forward: Forward, reason: Fault) => void

/** The connections to one origin. */
export interface OriginPool {
  readonly transport: UpstreamTransport
  readonly limits: Limits
  readonly onRetryImpossible: OnRetryImpossible
  /** A reused connection had ended: the request goes out again, on a fresh one. */
  readonly onStale: (forward: Forward) => void
  /** The gateway lacks a socket or a name server; no endpoint is suspended for it. */
  readonly onShortage: (forward: Forward, reason: Fault) => void
  /** When it was last used, counted in requests. */
  lastUsed: number
}
