import type { SecureContextOptions } from 'node:tls'
import type { NameResolver } from './names/name-resolver.js'

/** How connections to an origin are encrypted and verified. */
export interface TlsOptions {
  /** Whether the certificate must be trusted, and for this host. Default: true */
  readonly verify?: boolean | undefined
  /** Certificates of authorities instead of those of Node. */
  readonly ca?: SecureContextOptions['ca']
  /** The certificate of the client, and its key. */
  readonly cert?: SecureContextOptions['cert']
  readonly key?: SecureContextOptions['key']
  readonly passphrase?: string | undefined
  /** The name to ask for and to verify. Default: the host of the origin, unless that is an address */
  readonly servername?: string | undefined
}

/** All times are in milliseconds, all sizes in bytes. */
export interface OriginPoolOptions {
  readonly tls?: TlsOptions | undefined
  /** The path of a socket to connect to, instead of the origin's host and port. */
  readonly socketPath?: string | undefined
  /** Requests in flight; further ones wait. Default: no limit */
  readonly maxInFlight?: number | undefined
  /** Requests that wait beyond `maxInFlight`; further ones fail. Default: 0 */
  readonly maxQueued?: number | undefined
  /** How long a request waits beyond `maxInFlight`; 0: without end. Default: 5 s */
  readonly queueTimeout?: number | undefined
  /** The greatest age of a connection that takes a request, less up to a tenth by chance. 0: no limit. Default: 60 s */
  readonly maxAge?: number | undefined
  /**
   * How often the host is looked up again while there is traffic: connections to addresses that it no longer has take
   * no more requests. 0: never. Default: 5 s
   */
  readonly lookupInterval?: number | undefined
  /** Requests on one connection. 0: no limit. Default: 0 */
  readonly maxRequests?: number | undefined
  /** How long a connection is kept idle, unless the endpoint asks for less. Default: 60 s */
  readonly idleTimeout?: number | undefined
  /** For TCP, over all addresses. 0: no limit. Default: 5 s */
  readonly connectTimeout?: number | undefined
  /** For the TLS handshake. 0: no limit. Default: 5 s */
  readonly tlsTimeout?: number | undefined
  /** How long an address is tried before the next one is tried beside it. Default: 250 ms */
  readonly attemptDelay?: number | undefined
  /** The greatest head of a response, and the greatest size of all its trailers. Default: 64 KB */
  readonly headLimit?: number | undefined
  /** Finds the addresses of the host. Default: one of the process, by c-ares */
  readonly resolver?: NameResolver | undefined
  /** Called with the time that a connection took to be made, in milliseconds. */
  readonly onConnect?: ((ms: number) => void) | undefined
  /** Called when an owner gets its first connection that authenticates itself: `releaseOwner` is due when it ends. */
  readonly onPinned?: ((owner: object) => void) | undefined
}

/** The same, complete. */
export interface PoolSettings {
  readonly maxInFlight: number
  readonly maxQueued: number
  readonly queueTimeout: number
  readonly maxAge: number
  readonly lookupInterval: number
  readonly maxRequests: number
  readonly idleTimeout: number
  readonly connectTimeout: number
  readonly tlsTimeout: number
  readonly attemptDelay: number
  readonly headLimit: number
}

export const settingsOf = (options: OriginPoolOptions): PoolSettings => ({
  maxInFlight: options.maxInFlight ?? Infinity,
  maxQueued: options.maxQueued ?? 0,
  queueTimeout: options.queueTimeout ?? 5_000,
  maxAge: (options.maxAge ?? 60_000) || Infinity,
  lookupInterval: options.lookupInterval ?? 5_000,
  maxRequests: (options.maxRequests ?? 0) || Infinity,
  idleTimeout: options.idleTimeout ?? 60_000,
  connectTimeout: options.connectTimeout ?? 5_000,
  tlsTimeout: options.tlsTimeout ?? 5_000,
  attemptDelay: options.attemptDelay ?? 250,
  headLimit: options.headLimit ?? 65_536
})
