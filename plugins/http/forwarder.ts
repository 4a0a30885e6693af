import { Pool } from 'undici'
import { fault, type Fault } from '../../lib/message/fault.js'
import type { Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import type { ReadDepth } from '../../lib/message/message.js'
import { UpstreamRequest } from './upstream-request.js'
import type { BufferBudget } from './buffer-budget.js'
import type { ExchangeScope } from './exchange-scope.js'
import { CLIENT_DISCONNECTED, classifyError } from './classify-error.js'
import type { OriginPool } from './origin-pool.js'
import type { Limits } from './limits.js'

export interface ForwarderOptions {
  readonly limits: Limits
  readonly budget: BufferBudget
  /** A call failed that could have been tried elsewhere, had its body not been streamed away. */
  readonly onUnrepeatable?: ((call: Forward, reason: Fault) => void) | undefined
}

export interface Forwarder {
  /** Delivers a message, and reads as much of its answer as `need` says. Never rejects; settles at once when the client leaves. */
  forward (call: Forward, exchange: ExchangeScope, need: ReadDepth): Promise<ForwardOutcome>
  /** Ends idle connections now, and the others when they are done, or after `grace` milliseconds (10,000). */
  close (grace?: number): Promise<void>
}

export function createForwarder ({ limits, budget, onUnrepeatable }: ForwarderOptions): Forwarder {
  /** By origin: connections that verify certificates, and those that do not, are never shared. */
  const verified = new Map<string, OriginPool>()
  const unverified = new Map<string, OriginPool>()
  const leaving = new Set<Pool>()
  let calls = 0

  const unrepeatable = (call: Forward, reason: Fault): void => {
    budget.retriesImpossible++
    onUnrepeatable?.(call, reason)
  }

  const open = (origin: string, verify: boolean): OriginPool => {
    if (verified.size + unverified.size >= limits.maxOrigins) retire()
    const pool = new Pool(origin, {
      connect: { timeout: limits.connectTimeout, rejectUnauthorized: verify },
      keepAliveTimeout: limits.keepAliveTimeout,
      headersTimeout: 0, // each call has its own, exact one
      bodyTimeout: limits.responseIdleTimeout
    })
    const lane: OriginPool = { pool, limits, unrepeatable, inFlight: 0, used: 0 }
    ;(verify ? verified : unverified).set(origin, lane)
    return lane
  }

  /** The lane unused for longest takes no more calls, and ends with those that it has. */
  const retire = (): void => {
    let oldest: OriginPool | undefined
    let from: Map<string, OriginPool> | undefined
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
      if (exchange.disconnected) return Promise.resolve({ kind: 'failed', fault: classifyError(CLIENT_DISCONNECTED, false), retry: 'none' })
      const { origin, options: { verify } } = call
      let lane = (verify ? verified : unverified).get(origin)
      if (lane === undefined) {
        try {
          lane = open(origin, verify)
        } catch {
          return Promise.resolve({ kind: 'refused', fault: fault('SENDING', 'The endpoint has no usable address', { requestSent: false }) })
        }
      }
      lane.used = ++calls
      if (limits.maxRequestsPerOrigin !== null && lane.inFlight >= limits.maxRequestsPerOrigin) {
        return Promise.resolve({ kind: 'refused', fault: fault('NOT_READY', `The endpoint has ${lane.inFlight} requests in flight, which is its limit`, { requestSent: false }) })
      }
      return new UpstreamRequest(call, exchange, need, lane).begin()
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
