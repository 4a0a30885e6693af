import type { Redis } from 'ioredis'
import { InvalidSessionStore, NoRedisClient } from '../errors.js'
import { BackOff } from '../timing/back-off.js'
import { waitAtMost } from '../timing/deadline.js'
import type { SessionStore, StoredSession } from './session-store.js'

/**
 * The part of a Redis client that is used. A client of `ioredis` has it, also for a cluster; for one of `redis`, pass
 * `{ call: (...words) => client.sendCommand(words) }`.
 */
export interface RedisClient {
  call (command: string, ...words: string[]): Promise<unknown>
  /** The primaries of a cluster. */
  nodes?: (role: 'master') => readonly Pick<RedisClient, 'call'>[]
}

export interface RedisSessionsOptions {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS. Needs the package `ioredis`. */
  url?: string
  /** Or a client of your own, for a cluster or sentinels. It stays open when the app closes. */
  client?: RedisClient
  /** The prefix of all keys. Default: `proxy-services:session:` */
  prefix?: string
  /** How long a message waits, in milliseconds. Default: 50 */
  timeout?: number
  /** How long a gateway uses what it knows of a session without a look-up, in milliseconds. 0: never. Default: 5000 */
  cacheTtl?: number
}

/** How long the app waits for a connection before it starts without one, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000
/** A connection with unanswered commands is closed after so long without a byte, in milliseconds. */
const SOCKET_TIMEOUT_MS = 1_000
/** Delays between attempts to connect, in milliseconds. */
const FIRST_RECONNECT_MS = 50
const MAX_RECONNECT_MS = 2_000

/** The longest lifetime of a key: Redis refuses more. */
const MAX_LIFETIME_MS = 2 ** 52

/** Binds or releases the session if its owner is the expected one, or it has none. */
const COMPARE_AND_SET = `local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return owner end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) return false end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return ARGV[2]`

/** Replaces the owner, if it is the expected one; the lifetime stays. */
const REPLACE_OWNER = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1`
/** Keys that one step of a scan looks at. */
const SCAN_COUNT = '1000'

/**
 * Keeps sessions in Redis (7.0 or later) or Valkey, with one command for each call: GET, SET NX GET, and a
 * script where a session moves.
 * @throws TypeError without a url or a client, with both, or with an invalid url
 */
export function redisSessions (options: RedisSessionsOptions): SessionStore {
  const { url, client: ownClient, prefix = 'proxy-services:session:', timeout, cacheTtl } = options
  if ((ownClient === undefined) === (url === undefined)) throw new InvalidSessionStore('pass either a url or a client')
  if (url !== undefined && !(/^(redis|valkey)s?:\/\//.test(url) && URL.canParse(url))) {
    throw new InvalidSessionStore('the url must begin with redis:// or rediss://')
  }
  const connection = url === undefined ? undefined : new Connection(url)
  const client = ownClient ?? connection!
  const explain = (error: unknown): never => { throw connection?.explain(error) ?? error }
  const call = (command: string, ...words: string[]): Promise<string | null> =>
    client.call(command, ...words).then(textOf, explain)
  const lifetime = ({ timeout }: StoredSession): string => String(Math.min(Math.floor(timeout) + 1, MAX_LIFETIME_MS))
  return {
    lookup: session => call('GET', prefix + session.key),
    async bind (session, member, expectedOwner) {
      const key = prefix + session.key
      if (expectedOwner === undefined) {
        await (member === null ? call('DEL', key) : call('SET', key, member, 'PX', lifetime(session)))
        return member
      }
      if (member === null && expectedOwner === null) return await call('GET', key)
      return expectedOwner === null
        ? await call('SET', key, member!, 'NX', 'GET', 'PX', lifetime(session)) ?? member
        : await call('EVAL', COMPARE_AND_SET, '1', key, expectedOwner, member ?? '', lifetime(session))
    },
    async replaceOwner (start, member, replacement) {
      let count = 0
      for await (const keys of scan(client, `${escapePattern(prefix + start)}*`)) {
        const replaced = await Promise.all(keys.map(key =>
          call('EVAL', REPLACE_OWNER, '1', key, member, replacement)))
        count += replaced.filter(each => each === '1').length
      }
      return count
    },
    ...connection && { open: async () => await connection.open(), close: () => { connection.close() } },
    ...timeout !== undefined && { timeout },
    ...cacheTtl !== undefined && { cacheTtl }
  }
}

/**
 * Returns the keys of a pattern, in pages. On a cluster, which has a `call` for each node, those of all its primaries.
 * @see Redis, command SCAN
 */
async function * scan (client: RedisClient, pattern: string): AsyncGenerator<string[]> {
  for (const node of client.nodes?.('master') ?? [client]) {
    let cursor = '0'
    do {
      const page = await node.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT)
      if (!Array.isArray(page) || !Array.isArray(page[1])) throw new Error('Redis returned an unexpected page of keys')
      cursor = String(page[0])
      yield page[1].map(String)
    } while (cursor !== '0')
  }
}

const escapePattern = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&')

function textOf (response: unknown): string | null {
  if (response === null || typeof response === 'string') return response
  if (typeof response === 'number') return String(response)
  throw new Error('Redis returned a value of an unexpected type')
}

/** A connection that reconnects by itself and never queues a command. */
class Connection implements RedisClient {
  readonly #url: string
  #redis: Redis | undefined
  /** Why there is no connection: errors of the connection say more than those of commands. */
  #cause: string | undefined

  constructor (url: string) {
    this.#url = url.replace(/^valkey/, 'redis')
  }

  async open (): Promise<void> {
    const { Redis } = await import('ioredis').catch((cause: unknown) => { throw new NoRedisClient({ cause }) })
    const backOff = new BackOff(FIRST_RECONNECT_MS, MAX_RECONNECT_MS)
    const redis = this.#redis = new Redis(this.#url, {
      connectionName: 'proxy-services',
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => backOff.next(),
      // The primary has changed: the name may lead to the new one.
      reconnectOnError: ({ message }) => message.startsWith('READONLY')
    })
    redis.on('ready', () => {
      this.#cause = undefined
      backOff.reset()
    })
    redis.on('error', (error: Error) => { this.#cause = error.message })
    await waitAtMost(CONNECT_TIMEOUT_MS, new Promise<void>(resolve => {
      for (const event of ['ready', 'error', 'close']) redis.once(event, () => resolve())
    }))
  }

  call (command: string, ...words: string[]): Promise<unknown> {
    if (this.#redis?.status === 'ready') return this.#redis.call(command, ...words)
    return Promise.reject(new Error(this.#cause ?? 'not connected'))
  }

  /** Replaces an error about retries, which are off, by the reason of the lost connection. */
  explain (error: unknown): unknown {
    if (!(error instanceof Error) || error.name !== 'MaxRetriesPerRequestError') return error
    return new Error(this.#cause ?? 'the connection was closed')
  }

  close (): void {
    this.#redis?.disconnect()
  }
}
