import { InvalidSessionStore } from '../errors.js'
import { slotOf } from './cluster-slot.js'
import { parseRedisAddress } from './redis-address.js'
import { RedisConnection, type RedisClient, type RedisTls } from './redis-connection.js'
import type { SessionStore, StoredSession } from './session-store.js'

export type { RedisClient, RedisTls }

export interface RedisSessionsOptions {
  /**
   * `redis://user:password@host:port/database`; `redis+sentinel://user:password@host:port,host:port/PRIMARY/database`;
   * `redis+cluster://user:password@host:port,host:port`; each with `rediss` for TLS. Needs the package `ioredis`.
   */
  url?: string
  /** With a `url` for TLS: files, PEM. Default: the authorities of Node.js, and no certificate */
  tls?: RedisTls
  /** Or a client of your own. It stays open when the app closes. */
  client?: RedisClient
  /** The prefix of all keys. Default: `proxy-services:session:` */
  prefix?: string
  /** How long a message waits, in milliseconds. Default: 1000 */
  timeout?: number
  /** How long a gateway uses what it knows of a session without a look-up, in milliseconds. 0: never. Default: 5000 */
  cacheTtl?: number
}

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
 * @throws InvalidSessionStore without a url or a client, with both, or with an invalid url
 */
export function redisSessions (options: RedisSessionsOptions): SessionStore {
  const { url, tls, client: ownClient, prefix = 'proxy-services:session:', timeout, cacheTtl } = options
  if ((ownClient === undefined) === (url === undefined)) {
    throw new InvalidSessionStore('pass either a url or a client')
  }
  const address = url === undefined ? undefined : parseRedisAddress(url)
  if (tls !== undefined && address?.isSecure !== true) throw new InvalidSessionStore('tls needs a url with rediss')
  const connection = address && new RedisConnection(address, tls, timeout)
  const client = ownClient ?? connection!
  const explain = (error: unknown): never => {
    throw connection?.explain(error) ?? error
  }
  const call = (command: string, ...words: string[]): Promise<string | null> =>
    client.call(command, ...words).then(replyText, explain)
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
        ? ((await call('SET', key, member!, 'NX', 'GET', 'PX', lifetime(session))) ?? member)
        : await call('EVAL', COMPARE_AND_SET, '1', key, expectedOwner, member ?? '', lifetime(session))
    },
    async replaceOwner (start, member, replacement) {
      let count = 0
      for await (const keys of scan(client, `${escapePattern(prefix + start)}*`)) {
        const replaced = await Promise.all(
          keys.map(key => call('EVAL', REPLACE_OWNER, '1', key, member, replacement))
        )
        count += replaced.filter(each => each === '1').length
      }
      return count
    },
    ...((address?.kind === 'cluster' || ownClient?.nodes !== undefined) && { shardOf: shardsOf(prefix) }),
    ...(connection && {
      open: async () => await connection.open(),
      close: () => {
        connection.close()
      }
    }),
    ...(timeout !== undefined && { timeout }),
    ...(cacheTtl !== undefined && { cacheTtl })
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
      if (!Array.isArray(page) || !Array.isArray(page[1])) {
        throw new Error('Redis returned an unexpected page of keys')
      }
      cursor = String(page[0])
      yield page[1].map(String)
    } while (cursor !== '0')
  }
}

/** Ranges of slots that fail and recover apart. A node has a few of them. */
const SLOTS_IN_SHARD = 1_024

/** A key that a trial may write lies beside that of the session, unless all keys are in the slot of the prefix. */
const shardsOf = (prefix: string): NonNullable<SessionStore['shardOf']> => {
  const isOneSlot = prefix.includes('{')
  return ({ key }) => ({
    id: Math.floor(slotOf(prefix + key) / SLOTS_IN_SHARD),
    trialKey: isOneSlot ? 'trial' : `trial:{${prefix}${key}}`
  })
}

const escapePattern = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&')

function replyText (response: unknown): string | null {
  if (response === null || typeof response === 'string') return response
  if (typeof response === 'number') return String(response)
  throw new Error('Redis returned a value of an unexpected type')
}
