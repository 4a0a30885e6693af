import type { Pool } from 'undici'
import type { Fault } from '../../lib/message/fault.js'
import type { Forward } from '../../lib/contracts/flow.js'
import type { Limits } from './limits.js'

/** The connections to one origin. */
export interface OriginPool {
  readonly pool: Pool
  readonly limits: Limits
  readonly unrepeatable: (call: Forward, reason: Fault) => void
  inFlight: number
  /** When it was last used, counted in calls. */
  used: number
}
