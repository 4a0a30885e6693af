import { fault, type Fault } from '../../../lib/message/fault.js'
import type { Forward, ForwardOutcome } from '../../../lib/contracts/flow.js'
import type { ReadDepth } from '../../../lib/message/message.js'
import type { BufferBudget } from '../message/buffer-budget.js'
import type { EndpointSecurity } from '../../../lib/state/tls-material.js'
import type { ExchangeScope } from '../message/exchange-scope.js'
import type { Limits } from '../message/limits.js'
import type { OnRetryImpossible, OriginPool } from './origin-pool.js'
import { faultOf } from './failure-outcome.js'
import { observedTransport, type UpstreamObserver } from './upstream-observer.js'
import { UpstreamRequest } from './upstream-request.js'
import type { OpenTransport, TransportCounters, UpstreamTransport } from './upstream-transport.js'

export interface ForwarderOptions {
  readonly limits: Limits
  readonly budget: BufferBudget
  readonly openTransport: OpenTransport
  readonly onRetryImpossible?: OnRetryImpossible | undefined
  /** A reused connection had ended before the response began; the request is sent again on a fresh one. */
  readonly onStale?: ((forward: Forward) => void) | undefined
  /** The gateway lacks a socket or a name server; no endpoint is suspended for it. */
  readonly onShortage?: ((forward: Forward, reason: Fault) => void) | undefined
}

export interface Forwarder {
  /**
   * Delivers a message and reads as much of its response as `readDepth` needs. Never rejects; settles at once when the
   * client disconnects.
   * @param observer sees what is sent and received. Default: none
   */
  forward(
    forward: Forward, scope: ExchangeScope, readDepth: ReadDepth, observer?: UpstreamObserver
  ): Promise<ForwardOutcome>
  /** The connections of each origin; one with and one without verified certificates may have the same name. */
  origins(): Iterable<readonly [origin: string, counters: TransportCounters]>
  /**
   * Closes idle connections now, and the others with their requests or after `grace` milliseconds.
   * Default: 10 s
   */
  close(grace?: number): Promise<void>
}

export function createForwarder (options: ForwarderOptions): Forwarder {
  const { limits, budget, openTransport, onRetryImpossible, onStale = ignore, onShortage = ignore } = options
  /** By origin. Connections that verify certificates are never shared with those that do not. */
  const verified = new Map<string, OriginPool>()
  const unverified = new Map<string, OriginPool>()
  /** Those with certificates of their own: by origin and the certificates. */
  const certified = new Map<string, OriginPool>()
  const all = [verified, unverified, certified]
  const closing = new Set<UpstreamTransport>()
  let requests = 0

  const countRetryImpossible: OnRetryImpossible = (forward, reason) => {
    budget.retriesImpossible++
    onRetryImpossible?.(forward, reason)
  }

  const open = (origin: string, security: EndpointSecurity): OriginPool => {
    if (all.reduce((sum, { size }) => sum + size, 0) >= limits.maxOrigins) evictLeastRecentlyUsed()
    const transport = openTransport(origin, security, limits)
    const callbacks = { onRetryImpossible: countRetryImpossible, onStale, onShortage }
    const pool: OriginPool = { transport, limits, ...callbacks, lastUsed: 0 }
    poolsOf(security).set(keyOf(origin, security), pool)
    return pool
  }

  const poolsOf = ({ verify, tls }: EndpointSecurity): Map<string, OriginPool> =>
    tls !== undefined ? certified : verify ? verified : unverified

  /** Its connections take no more requests and are closed with those that they have. */
  const evictLeastRecentlyUsed = (): void => {
    const candidates = all.flatMap(pools => [...pools].map(([key, pool]) => ({ pools, key, pool })))
    if (candidates.length === 0) return
    const {
      pools,
      key,
      pool: { transport }
    } = candidates.reduce((a, b) => (a.pool.lastUsed <= b.pool.lastUsed ? a : b))
    pools.delete(key)
    closing.add(transport)
    void transport.close().finally(() => closing.delete(transport))
  }

  return {
    forward (forward, scope, readDepth, observer) {
      const unsendable = whyUnsendable(forward, scope)
      if (unsendable !== undefined) return Promise.resolve(unsendable)
      const { origin, options } = forward
      let pool = poolsOf(options).get(keyOf(origin, options))
      if (pool === undefined) {
        try {
          pool = open(origin, options)
        } catch {
          const unusable = fault('SENDING', 'The endpoint has no usable address', { requestSent: false })
          return Promise.resolve(refused(unusable))
        }
      }
      pool.lastUsed = ++requests
      const used =
        observer === undefined ? pool : { ...pool, transport: observedTransport(pool.transport, observer) }
      return new UpstreamRequest(forward, scope, readDepth, used).begin()
    },

    origins: () =>
      all.flatMap(pools => [...pools]).map(([key, { transport }]) => [originIn(key), transport.counters]),

    async close (grace = 10_000) {
      const transports = all.flatMap(pools => [...pools.values()]).map(({ transport }) => transport)
      transports.push(...closing)
      for (const pools of all) pools.clear()
      const timer = setTimeout(() => {
        for (const transport of transports) transport.destroy()
      }, grace)
      await Promise.allSettled(transports.map(transport => transport.close()))
      clearTimeout(timer)
    }
  }
}

const refused = (reason: Fault): ForwardOutcome => ({ kind: 'refused', fault: reason })

/** Returns the outcome of a message that is not sent to any endpoint; undefined: it may be sent. */
function whyUnsendable ({ message: { method, body } }: Forward, scope: ExchangeScope): ForwardOutcome | undefined {
  if (scope.disconnected) {
    return { kind: 'failed', fault: faultOf({ name: 'clientDisconnected', requestSent: false }), retry: 'none' }
  }
  if (scope.expired) return refused(faultOf({ name: 'exchangeTimeout' }))
  if (method === 'CONNECT') {
    return refused(faultOf({ name: 'invalidRequest', reason: 'The method CONNECT is not sent to endpoints' }))
  }
  if (scope.upgrade !== undefined && (method !== 'GET' || body.kind !== 'none')) {
    return refused(faultOf({ name: 'invalidRequest', reason: 'An upgrade is sent as GET without a body only' }))
  }
  return undefined
}

const keyOf = (origin: string, { verify, tls }: EndpointSecurity): string =>
  tls === undefined ? origin : `${origin} ${verify} ${tls.id}`

const originIn = (key: string): string => key.split(' ', 1)[0]!

const ignore = (): void => {}
