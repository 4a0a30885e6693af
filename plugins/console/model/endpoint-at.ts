import type { LiveEndpoint } from '../../admin/contract/live-protocol.js'
import { isUnhealthy } from './attention.js'

type Retried = Pick<LiveEndpoint, 'state' | 'ready' | 'retryAt' | 'healthCheck'>

/**
 * An endpoint at an instant. The gateway reports nothing when the time of a failure is over: a suspended endpoint is
 * half-open from then on, and one in the state timeout is ready.
 */
export function endpointAt<E extends Retried> (endpoint: E, now: number): E {
  if (endpoint.retryAt === null || now < endpoint.retryAt) return endpoint
  if (endpoint.state === 'suspended') return { ...endpoint, state: 'half-open' }
  const isReady = endpoint.state === 'timeout' && !isUnhealthy(endpoint)
  return isReady && !endpoint.ready ? { ...endpoint, ready: true } : endpoint
}

/** When the next endpoint is retried after an instant; Infinity: none is. */
export const nextRetry = (endpoints: readonly Pick<LiveEndpoint, 'retryAt'>[], after: number): number =>
  endpoints.reduce(
    (next, { retryAt }) => (retryAt !== null && retryAt > after && retryAt < next ? retryAt : next),
    Infinity
  )
