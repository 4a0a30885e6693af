import type { Redis } from 'ioredis'
import { InvalidSessionStore, NoRedisClient } from '../errors.js'
import type { SessionStore, StoredSession } from './session-store.js'

/** As much of a client as is needed. That of `ioredis` is one, also for a cluster; so is `{ call: (...words) => client.sendCommand(words) }` around one of `redis`. */
export interface RedisClient { call (command: string, ...words: string[]): Promise<unknown> }

export interface RedisSessionsOptions {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS. The package `ioredis` must be installed. */
  url?: string
  /** Or a client of your own, for a cluster or sentinels. It stays open when the app closes. */
  client?: RedisClient
  /** What all keys begin with. Default: `proxy-services:session:` */
  prefix?: string
  /** How long a message waits, in milliseconds. Default: 50 */
  timeout?: number
  /** For how long a gateway believes what it knows of a session without asking, in milliseconds; 0: it always asks. Default: 5000 */
  cacheTtl?: number
}

/** How long the app waits for a connection before it starts without one, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 2_000
/** A connection on which nothing was heard for so long, although something was asked, is given up, in milliseconds. */
const SILENCE = 1_000

/** The most that a key may live: more than a clock has, and less than what Redis refuses. */
const LONGEST = 2 ** 52

/** Binds the session, or lets go of it, if nobody but the one expected has it. */
const COMPARE_AND_SET = `local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) return false end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return ARGV[2]`

/**
 * Sessions in Redis (7.0 or later) or Valkey. One command for each question: GETEX or GET, SET NX GET, and a script where a session moves.
 * @throws TypeError if it is told neither a url nor a client, or a url that is none
 */
export function redisSessions ({ url, client: own, prefix = 'proxy-services:session:', timeout, cacheTtl: nearCache }: RedisSessionsOptions): SessionStore {
  if ((own === undefined) === (url === undefined)) throw new InvalidSessionStore('it needs either a url or a client')
  if (url !== undefined && !(/^(redis|valkey)s?:\/\//.test(url) && URL.canParse(url))) throw new InvalidSessionStore('its url begins with redis:// or rediss://')
  const connection = url === undefined ? undefined : new Connection(url)
  const client = own ?? connection!
  const call = (command: string, ...words: string[]): Promise<string | null> => client.call(command, ...words).then(textOf, explained)
  const explained = (error: unknown): never => { throw connection?.explained(error) ?? error }
  const lifetime = ({ timeout }: StoredSession): string => String(Math.min(Math.floor(timeout) + 1, LONGEST))
  return {
    lookup (session) {
      const key = prefix + session.key
      return session.expiry === 'sliding' ? call('GETEX', key, 'PX', lifetime(session)) : call('GET', key)
    },
    async bind (session, member, from) {
      const key = prefix + session.key
      if (from === undefined) {
        await (member === null ? call('DEL', key) : call('SET', key, member, 'PX', lifetime(session)))
        return member
      }
      if (member === null && from === null) return await call('GET', key)
      return from === null
        ? await call('SET', key, member!, 'NX', 'GET', 'PX', lifetime(session)) ?? member
        : await call('EVAL', COMPARE_AND_SET, '1', key, from, member ?? '', lifetime(session))
    },
    ...connection && { open: async () => await connection.open(), close: () => { connection.close() } },
    ...timeout !== undefined && { timeout },
    ...nearCache !== undefined && { cacheTtl: nearCache }
  }
}

function textOf (answer: unknown): string | null {
  if (answer === null || typeof answer === 'string') return answer
  if (typeof answer === 'number') return String(answer)
  throw new Error('an answer of another kind than expected')
}

/** A connection of our own, that comes back by itself and never keeps a question for later. */
class Connection implements RedisClient {
  readonly #url: string
  #redis: Redis | undefined
  /** Why there is none at the moment: its own errors say more than those of the questions. */
  #cause: string | undefined

  constructor (url: string) {
    this.#url = url.replace(/^valkey/, 'redis')
  }

  async open (): Promise<void> {
    const { Redis } = await import('ioredis').catch((cause: unknown) => { throw new NoRedisClient({ cause }) })
    const redis = this.#redis = new Redis(this.#url, {
      connectionName: 'proxy-services',
      connectTimeout: DEFAULT_TIMEOUT_MS,
      socketTimeout: SILENCE,
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: times => Math.min(50 * 2 ** Math.min(times, 6), 2_000),
      // What was the primary is none any more: connect anew, there may be another one behind the name.
      reconnectOnError: ({ message }) => message.startsWith('READONLY')
    })
    redis.on('ready', () => { this.#cause = undefined })
    redis.on('error', (error: Error) => { this.#cause = error.message })
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, DEFAULT_TIMEOUT_MS)
      for (const event of ['ready', 'error', 'close']) redis.once(event, () => { clearTimeout(timer); resolve() })
    })
  }

  call (command: string, ...words: string[]): Promise<unknown> {
    return this.#redis?.status === 'ready' ? this.#redis.call(command, ...words) : Promise.reject(new Error(this.#cause ?? 'not connected'))
  }

  /** Where the connection broke, the client speaks of retries; there are none. */
  explained (error: unknown): unknown {
    return (error as Error).name === 'MaxRetriesPerRequestError' ? new Error(this.#cause ?? 'the connection was closed') : error
  }

  close (): void {
    this.#redis?.disconnect()
  }
}
