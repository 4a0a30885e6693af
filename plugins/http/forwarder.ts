import { Pool } from 'undici'
import { fault, type Fault } from '../../lib/message/fault.js'
import type { Call, Outcome } from '../../lib/contracts/flow.js'
import type { Need } from '../../lib/message/message.js'
import { Attempt } from './upstream-request.js'
import type { Budget } from './buffer-budget.js'
import type { Hold } from './exchange-scope.js'
import { CLIENT_LEFT, failure } from './classify-error.js'
import type { Lane } from './origin-pool.js'
import type { Limits } from './limits.js'

export interface ForwarderOptions {
  readonly limits: Limits
  readonly budget: Budget
  /** A call failed that could have been tried elsewhere, had its body not been streamed away. */
  readonly onUnrepeatable?: ((call: Call, reason: Fault) => void) | undefined
}

export interface Forwarder {
  /** Delivers a message, and reads as much of its answer as `need` says. Never rejects; settles at once when the client leaves. */
  forward (call: Call, exchange: Hold, need: Need): Promise<Outcome>
  /** Ends idle connections now, and the others when they are done, or after `grace` milliseconds (10,000). */
  close (grace?: number): Promise<void>
}

export function createForwarder ({ limits, budget, onUnrepeatable }: ForwarderOptions): Forwarder {
  /** By origin: connections that verify certificates, and those that do not, are never shared. */
  const verified = new Map<string, Lane>()
  const unverified = new Map<string, Lane>()
  const leaving = new Set<Pool>()
  let calls = 0

  const unrepeatable = (call: Call, reason: Fault): void => {
    budget.unrepeatable++
    onUnrepeatable?.(call, reason)
  }

  const open = (origin: string, verify: boolean): Lane => {
    if (verified.size + unverified.size >= limits.origins) retire()
    const pool = new Pool(origin, {
      connect: { timeout: limits.connectTimeout, rejectUnauthorized: verify },
      keepAliveTimeout: limits.keepAlive,
      headersTimeout: 0, // each call has its own, exact one
      bodyTimeout: limits.answerTimeout
    })
    const lane: Lane = { pool, limits, unrepeatable, inFlight: 0, used: 0 }
    ;(verify ? verified : unverified).set(origin, lane)
    return lane
  }

  /** The lane unused for longest takes no more calls, and ends with those that it has. */
  const retire = (): void => {
    let oldest: Lane | undefined
    let from: Map<string, Lane> | undefined
    let key = ''
    for (const lanes of [verified, unverified]) {
      for (const [origin, lane] of lanes) {
        if (oldest === undefined || lane.used < oldest.used) [oldest, from, key] = [lane, lanes, origin]
      }
    }
    if (oldest === undefined) return
    const { pool } = oldest
    from!.delete(key)
    leaving.add(pool)
    pool.close().finally(() => leaving.delete(pool))
  }

  return {
    forward (call, exchange, need) {
      if (exchange.gone) return Promise.resolve({ kind: 'failed', fault: failure(CLIENT_LEFT, false), retry: 'nowhere' })
      const { origin, options: { verify } } = call
      let lane = (verify ? verified : unverified).get(origin)
      if (lane === undefined) {
        try {
          lane = open(origin, verify)
        } catch {
          return Promise.resolve({ kind: 'refused', fault: fault('SENDING', 'The endpoint has no usable address', { sent: false }) })
        }
      }
      lane.used = ++calls
      if (limits.connections !== null && lane.inFlight >= limits.connections) {
        return Promise.resolve({ kind: 'refused', fault: fault('NOT_READY', `The endpoint has ${lane.inFlight} requests in flight, which is its limit`, { sent: false }) })
      }
      return new Attempt(call, exchange, need, lane).begin()
    },

    async close (grace = 10_000) {
      const pools = [...verified.values(), ...unverified.values()].map(({ pool }) => pool).concat(...leaving)
      verified.clear()
      unverified.clear()
      const timer = setTimeout(() => { for (const pool of pools) pool.destroy().catch(() => {}) }, grace)
      await Promise.allSettled(pools.map(pool => pool.close()))
      clearTimeout(timer)
    }
  }
}
