import { buildConnector, type Client, Pool } from 'undici'
import { httpOriginOf, SOCKET_HOST, socketPathOf } from '../../../lib/message/origin.js'
import { tlsOptionsOf, type EndpointSecurity } from '../../../lib/state/tls-material.js'
import { authenticatesConnection } from '../client/response/connection-authentication.js'
import type { Limits } from '../message/limits.js'
import { releaseWithOwner } from './connection-owner.js'
import { OwnedConnections } from './owned-connections.js'
import { UndiciConnection, type TrackedOptions } from './undici-connection.js'
import { tooManyRequests, UndiciExchange } from './undici-exchange.js'
import type {
  ResponseListener,
  TransportCounters,
  UpstreamCall,
  UpstreamExchange,
  UpstreamTransport
} from './upstream-transport.js'

/** The connections to one origin, by undici. */
export class UndiciTransport implements UpstreamTransport {
  readonly #pool: Pool
  readonly #origin: URL
  /** The Host of requests to a unix socket, of which undici knows no origin. */
  readonly #socketHost: string | undefined
  readonly #options: Client.Options
  readonly #limits: Limits
  /** Connections beside the pool. */
  readonly #outsidePool = new Set<UndiciConnection>()
  readonly #owned = new OwnedConnections(connection => this.#end(connection))
  #inFlight = 0

  /** @throws where the origin is not usable */
  constructor (origin: string, security: EndpointSecurity, limits: Limits) {
    const socketPath = socketPathOf(origin)
    const { protocol, host } = new URL(origin)
    this.#limits = limits
    this.#socketHost = socketPath === undefined ? undefined : host
    this.#origin = socketPath === undefined ? new URL(origin) : new URL(`${httpOriginOf(protocol)}//${SOCKET_HOST}`)
    this.#options = {
      connect: connectorOf(socketPath, security, limits),
      keepAliveTimeout: limits.keepAliveTimeout,
      maxHeaderSize: limits.responseHeadLimit,
      headersTimeout: 0, // each request has its own exact one
      bodyTimeout: limits.responseIdleTimeout,
      ...(limits.connectionMaxRequests > 0 && { maxRequestsPerClient: limits.connectionMaxRequests })
    }
    this.#pool = new Pool(this.#origin, {
      ...this.#options,
      factory: (origin, options) => new UndiciConnection(origin, options as Client.Options, true),
      ...(limits.connectionMaxAge > 0 && { clientTtl: limits.connectionMaxAge })
    })
  }

  /** Connections beside the pool, such as those that authenticate themselves, are not counted. */
  get counters (): TransportCounters {
    const { connected: open, free: idle, queued } = this.#pool.stats
    return { open, idle, queued, connects: undefined, reuses: undefined, connectTimes: undefined }
  }

  send (given: UpstreamCall, listener: ResponseListener): UpstreamExchange {
    const { maxRequestsPerOrigin } = this.#limits
    const call = this.#socketHost === undefined ? given : withHost(given, this.#socketHost)
    const exchange = new UndiciExchange(call, listener, this.#release)
    const isRefused = maxRequestsPerOrigin !== null && this.#inFlight >= maxRequestsPerOrigin
    this.#inFlight++
    if (isRefused) {
      process.nextTick(() => exchange.fail(tooManyRequests(maxRequestsPerOrigin)))
      return exchange
    }
    const options: TrackedOptions = { ...exchange.options, onConnection: exchange.onConnection }
    const { owner, fresh, upgrade, headers } = call
    const owned = owner === undefined || fresh === true ? undefined : this.#owned.idleOf(owner)
    const authenticates = authenticatesConnection(headers)
    // A streamed body cannot be sent again if a reused connection has ended.
    const isFresh = fresh === true || exchange.bodyStream !== undefined || upgrade !== undefined
    if (owned !== undefined) owned.dispatch(options, exchange)
    else if (authenticates) this.#sendSeparately(options, exchange, owner)
    else if (isFresh) this.#sendSeparately(options, exchange)
    else this.#pool.dispatch(options, exchange)
    return exchange
  }

  /**
   * Sends a request on a connection of its own: the pool has no way to refuse its idle ones.
   * @param owner gets the connection, which ends with it. Default: it ends with the request
   */
  #sendSeparately (options: TrackedOptions, exchange: UndiciExchange, owner?: object): void {
    const connection = new UndiciConnection(this.#origin, this.#options, false)
    this.#outsidePool.add(connection)
    connection.dispatch(options, exchange)
    if (owner !== undefined && releaseWithOwner(owner, this.#owned)) this.#owned.add(owner, connection)
    else this.#end(connection)
  }

  /** Ends a connection beside the pool with its requests. */
  #end (connection: UndiciConnection): void {
    connection.close().catch(() => {}).finally(() => this.#outsidePool.delete(connection))
  }

  async close (): Promise<void> {
    await Promise.all([this.#pool, ...this.#outsidePool].map(each => each.close()))
  }

  destroy (): void {
    for (const each of [this.#pool, ...this.#outsidePool]) each.destroy().catch(() => {})
  }

  readonly #release = (): void => {
    this.#inFlight--
  }
}

function connectorOf (
  socketPath: string | undefined, security: EndpointSecurity, { connectTimeout }: Limits
): buildConnector.connector {
  const { verify, ...certificates } = tlsOptionsOf(security)
  const options = { timeout: connectTimeout, rejectUnauthorized: verify, ...certificates }
  if (socketPath === undefined) return buildConnector(options)
  const connect = buildConnector({ ...options, socketPath })
  // Host, from which undici takes the name of the certificate otherwise, is the path of the socket.
  const servername = certificates.servername ?? SOCKET_HOST
  return (target, callback) => connect({ ...target, servername }, callback)
}

/** Adds Host to a call that has none. */
const withHost = (call: UpstreamCall, host: string): UpstreamCall =>
  call.headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
    ? call
    : { ...call, headers: ['Host', host, ...call.headers] }
