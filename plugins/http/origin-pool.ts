import type { Limits } from './limits.js'
import type { OnRetryImpossible } from './upstream-request.js'
import type { UpstreamTransport } from './upstream-transport.js'

/** The connections to one origin. */
export interface OriginPool {
  readonly transport: UpstreamTransport
  readonly limits: Limits
  readonly onRetryImpossible: OnRetryImpossible
  /** When it was last used, counted in requests. */
  lastUsed: number
}
