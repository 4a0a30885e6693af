import type { AlgorithmDefinition, EndpointDefinition, SessionDefinition } from './model/kind-definitions.js'
import type { Proxy } from './model/model.js'

/** One back-end of a proxy. */
export interface Upstream {
  /** An http or https address. */
  readonly url: string
  /** What it is called in logs, in metrics and in the admin API. Default: derived from the proxy. */
  readonly name?: string
  /** Its share, for algorithms that look at it. Default: 1 */
  readonly weight?: number
}

/**
 * How a client stays at one member. `cookie`: the back-end names the session in this cookie. `header`: the client names
 * it in this HTTP header. Or any session kind.
 */
export type Sticky =
  | { readonly cookie: string; readonly timeout?: number }
  | { readonly header: string; readonly timeout?: number }
  | SessionDefinition

export interface DefineProxyOptions {
  /** Addresses, or addresses with name and weight; at least one. */
  readonly upstreams: readonly (string | Upstream)[]
  /** Default: `roundRobin`, or `weightedRoundRobin` where an upstream has a weight */
  readonly algorithm?: AlgorithmDefinition
  /** `timeout` is that of the session, in milliseconds, default: 120 s. Default: every request goes by the algorithm */
  readonly sticky?: Sticky
  /** Milliseconds until the head of a response must be here; later ones count as failures. Default: no limit */
  readonly timeout?: number
  /** Statuses of a response that count as failures of the upstream. Default: none */
  readonly failureStatus?: readonly number[]
  /** Whether clients may upgrade to WebSocket. Default: false */
  readonly websocket?: boolean
}

/**
 * Returns the definition of a proxy before one or more upstreams, for the option `definitions`:
 * `{ proxies: { Orders: defineProxy({ upstreams: ['http://a', 'http://b'], sticky: { cookie: 'sid' } }) } }`.
 * @throws TypeError without an upstream
 */
export function defineProxy (options: DefineProxyOptions): Proxy & { readonly endpoint: EndpointDefinition } {
  const { upstreams, sticky, timeout, failureStatus, websocket } = options
  const proxy = websocket === undefined ? {} : { websocket }
  const settings = {
    ...(timeout !== undefined && { timeout: { duration: timeout } }),
    ...(failureStatus !== undefined && { failureStatus: [...failureStatus] })
  }
  const members = upstreams.map(each => ({ ...memberOf(each), ...settings }))
  const [first] = members
  if (first === undefined) throw new TypeError("defineProxy needs at least one upstream: upstreams: ['http://host']")
  if (members.length === 1) return { ...proxy, endpoint: first }
  const isWeighted = upstreams.some(each => typeof each !== 'string' && each.weight !== undefined)
  const algorithm = options.algorithm ?? (isWeighted ? ({ kind: 'weightedRoundRobin' } as const) : undefined)
  return {
    ...proxy,
    endpoint: {
      kind: 'loadbalance',
      ...(algorithm !== undefined && { algorithm }),
      ...(sticky !== undefined && { session: sessionOf(sticky) }),
      members
    }
  }
}

function memberOf (upstream: string | Upstream) {
  if (typeof upstream === 'string') return { kind: 'address', uri: upstream } as const
  const { url, name, weight } = upstream
  return {
    kind: 'address',
    uri: url,
    ...(name !== undefined && { name }),
    ...(weight !== undefined && { properties: [{ name: 'loadbalance.weight', value: String(weight) }] })
  } as const
}

function sessionOf (sticky: Sticky): SessionDefinition {
  if ('kind' in sticky) return sticky
  const time = sticky.timeout === undefined ? {} : { sessionTimeout: sticky.timeout }
  return 'cookie' in sticky
    ? { kind: 'http', cookies: [sticky.cookie], ...time }
    : { kind: 'header', name: sticky.header, ...time }
}
