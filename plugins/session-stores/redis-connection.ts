import type { Cluster, Redis, RedisOptions } from 'ioredis'
import { NoRedisClient } from '../errors.js'
import { BackOff } from '../timing/back-off.js'
import { waitAtMost } from '../timing/deadline.js'
import { fileReader } from '../files/read-small-file.js'
import type { RedisAddress } from './redis-address.js'

/**
 * The part of a Redis client that is used. A client of `ioredis` has it, also for a cluster; for one of `redis`, pass
 * `{ call: (...words) => client.sendCommand(words) }`.
 */
export interface RedisClient {
  call(command: string, ...words: string[]): Promise<unknown>
  /** The primaries of a cluster. */
  nodes?: (role: 'master') => readonly Pick<RedisClient, 'call'>[]
}

/** Files, PEM: authorities in place of those of Node.js, and the certificate of the gateway with its key. */
export interface RedisTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** How long the app waits for a connection before it starts without one, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000
/**
 * A connection with unanswered commands is closed after this time without a byte, in milliseconds, or after the time
 * that a message waits for the store, if that is longer.
 */
const SOCKET_TIMEOUT_MS = 1_000
/** Delays between attempts to connect, in milliseconds. */
const FIRST_RECONNECT_MS = 50
const MAX_RECONNECT_MS = 2_000
/** How often sentinels are queried while none of them names a primary, in milliseconds. */
const SENTINEL_RETRY_MS = 500
/**
 * How often the nodes of a cluster and their slots are read again, in milliseconds. Commands of one turn that are
 * redirected from different slots do not make the client read them, and a node whose connection was lost is unknown
 * until then.
 */
const SLOTS_REFRESH_MS = 5_000
/** Redirections of one command that are followed: a node redirects a client if its slot has moved to another one. */
const MAX_REDIRECTIONS = 3

/** A connection that reconnects by itself and never queues a command. */
export class RedisConnection implements RedisClient {
  readonly #address: RedisAddress
  readonly #tls: RedisTls | undefined
  readonly #socketTimeout: number
  #redis: Redis | Cluster | undefined
  /** Why there is no connection: errors of the connection are more specific than those of commands. */
  #cause: string | undefined

  /** @param timeout how long a message waits for the store, in milliseconds */
  constructor (address: RedisAddress, tls: RedisTls | undefined, timeout: number | undefined) {
    this.#address = address
    this.#tls = tls
    this.#socketTimeout = Math.max(SOCKET_TIMEOUT_MS, timeout ?? 0)
  }

  /** The primaries of a cluster; else the server itself. */
  nodes (role: 'master'): readonly Pick<RedisClient, 'call'>[] {
    return this.#redis !== undefined && 'nodes' in this.#redis ? this.#redis.nodes(role) : [this]
  }

  /** @throws NoRedisClient; an error of the file system */
  async open (): Promise<void> {
    const { Redis, Cluster } = await import('./redis-client.js').catch((cause: unknown) => {
      throw new NoRedisClient({ cause })
    })
    const backOff = new BackOff(FIRST_RECONNECT_MS, MAX_RECONNECT_MS)
    const retry = (): number => backOff.next()
    const options = this.#options(retry)
    const { kind, hosts } = this.#address
    const redis = (this.#redis =
      kind === 'cluster'
        ? new Cluster([...hosts], {
          redisOptions: options,
          clusterRetryStrategy: retry,
          enableAutoPipelining: true,
          enableOfflineQueue: false,
          maxRedirections: MAX_REDIRECTIONS,
          slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
          slotsRefreshInterval: SLOTS_REFRESH_MS
        })
        : new Redis({ ...options, ...(kind === 'single' ? hosts[0]! : this.#sentinels()) }))
    redis.on('ready', () => {
      this.#cause = undefined
      backOff.reset()
    })
    redis.on('error', (error: Error) => {
      this.#cause = redisErrorText(error)
    })
    await waitAtMost(
      CONNECT_TIMEOUT_MS,
      new Promise<void>(resolve => {
        for (const event of ['ready', 'error', 'close']) redis.once(event, () => resolve())
      })
    )
  }

  #options (retryStrategy: () => number): Omit<RedisOptions, 'replyMapping'> {
    const { username, password, database } = this.#address
    const tls = this.#secureOptions()
    return {
      connectionName: 'proxy-services',
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: this.#socketTimeout,
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy,
      db: database,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(tls !== undefined && { tls }),
      // The primary has changed: the name may lead to the new one.
      reconnectOnError: ({ message }) => message.startsWith('READONLY')
    }
  }

  #sentinels (): Omit<RedisOptions, 'replyMapping'> {
    const { hosts, primary, sentinelUsername, sentinelPassword } = this.#address
    const tls = this.#secureOptions()
    return {
      sentinels: [...hosts],
      name: primary!,
      role: 'master',
      sentinelRetryStrategy: () => SENTINEL_RETRY_MS,
      ...(sentinelUsername !== undefined && { sentinelUsername }),
      ...(sentinelPassword !== undefined && { sentinelPassword }),
      ...(tls !== undefined && { sentinelTLS: tls, enableTLSForSentinelMode: true })
    }
  }

  /** Reads the files again. Undefined: no TLS. */
  #secureOptions (): Record<string, string> | undefined {
    if (!this.#address.isSecure) return undefined
    const read = fileReader('.')
    return Object.fromEntries(Object.entries(this.#tls ?? {}).map(([name, path]) => [name, read(path as string)]))
  }

  call (command: string, ...words: string[]): Promise<unknown> {
    if (this.#redis?.status === 'ready') return this.#redis.call(command, ...words)
    return Promise.reject(new Error(this.#cause ?? 'not connected'))
  }

  /** Replaces an error about retries, which are off, by the reason of the lost connection. */
  explain (error: unknown): unknown {
    if (!(error instanceof Error)) return error
    if (error.name === 'ClusterAllFailedError') return new Error(redisErrorText(error))
    if (error.name !== 'MaxRetriesPerRequestError') return error
    return new Error(this.#cause ?? 'the connection was closed')
  }

  close (): void {
    this.#redis?.disconnect()
  }
}

/** The error of the last node in an error of a whole cluster, and else its message. */
const redisErrorText = (error: Error): string =>
  'lastNodeError' in error && error.lastNodeError instanceof Error
    ? `no node of the cluster responds: ${error.lastNodeError.message}`
    : error.message
