/** The rules of session stores: the table of one gateway, a Map in a closure, and a real Redis or Valkey. */
import t, { type Test } from 'tap'
import { createSessionTable } from '../../lib/state/session-table.js'
import { redisSessions, type SessionStore, type StoredSession } from '../../plugins/index.js'
import { MemorySessions } from '../../plugins/session-stores/memory-sessions.js'
import { missing, redisServer } from '../support/sessions/redis.js'

interface Subject {
  readonly store: Pick<SessionStore, 'bind' | 'lookup'>
  /** So much time passes, in milliseconds, for this session. */
  readonly elapse: (session: StoredSession, milliseconds: number) => Promise<void>
}

const session = (key: string, more: Partial<StoredSession> = {}): StoredSession => ({
  key,
  timeout: 60_000,
  expiry: 'sliding',
  ...more
})

/** One table for each kind of session; its members have numbers. */
async function table (): Promise<Subject> {
  let now = 1_000_000
  const tables = new Map<string, ReturnType<typeof createSessionTable>>()
  const members = ['A', 'B', 'C']
  const of = ({ timeout, expiry }: StoredSession): ReturnType<typeof createSessionTable> => {
    const kind = `${timeout} ${expiry}`
    if (!tables.has(kind)) {
      tables.set(
        kind,
        createSessionTable({ timeout, expiry, maxSessions: 1000 }, () => now)
      )
    }
    return tables.get(kind)!
  }
  const nameOf = (number: number | undefined): string | null => members[number ?? -1] ?? null
  const numberOf = (member: string | null): number => (member === null ? -1 : members.indexOf(member))
  return {
    store: {
      lookup: async session => nameOf(of(session).get(session.key)),
      bind: async (session, member, from) =>
        nameOf(of(session).set(session.key, numberOf(member), from === undefined ? undefined : numberOf(from)))
    },
    elapse: async (_session, milliseconds) => {
      now += milliseconds
    }
  }
}

/** What the documentation shows. */
async function closure (): Promise<Subject> {
  let now = 1_000_000
  const sessions = new Map<string, { member: string; since: number }>()
  const alive = ({ key, timeout }: StoredSession): { member: string; since: number } | undefined => {
    const found = sessions.get(key)
    return found !== undefined && now - found.since <= timeout ? found : undefined
  }
  return {
    store: {
      async lookup (session) {
        return alive(session)?.member ?? null
      },
      async bind (session, member, from) {
        const found = alive(session)
        if (from !== undefined && found !== undefined && found.member !== from) return found.member
        if (member === null) sessions.delete(session.key)
        else sessions.set(session.key, { member, since: now })
        return member
      }
    },
    elapse: async (_session, milliseconds) => {
      now += milliseconds
    }
  }
}

/** What a primary keeps for its workers. */
async function memory (): Promise<Subject> {
  let now = 1_000_000
  return {
    store: new MemorySessions({ now: () => now }),
    elapse: async (_session, milliseconds) => {
      now += milliseconds
    }
  }
}

/** Time passes by shortening what is left of a key. */
async function redis (t: Test): Promise<Subject> {
  const server = await redisServer(t)
  const store = redisSessions({ url: server.url, prefix: 'rules:' })
  await store.open!()
  t.teardown(() => store.close!())
  return {
    store,
    async elapse ({ key }, milliseconds) {
      const left = Number(await server.call('PTTL', `rules:${key}`))
      if (left > 0) await server.call('PEXPIRE', `rules:${key}`, String(left - milliseconds))
    }
  }
}

const SUBJECTS: Record<string, { begin: (t: Test) => Promise<Subject>; skip?: string | false }> = {
  'the table of a gateway': { begin: table },
  'the memory of a primary': { begin: memory },
  'a Map': { begin: closure },
  Redis: { begin: redis, skip: missing }
}
for (const [name, { begin, skip = false }] of Object.entries(SUBJECTS)) {
  t.test(`session store rules: ${name}`, { skip }, async t => {
    const { store, elapse } = await begin(t)

    t.test('a session is bound once', async t => {
      const s = session('binding')
      t.equal(await store.lookup(s), null, 'a session that was never bound has no owner')
      t.equal(await store.bind(s, 'A', null), 'A', 'the first to bind owns the session')
      t.equal(await store.lookup(s), 'A')
      t.equal(await store.bind(s, 'B', null), 'A', 'the second to bind learns the owner')
      t.equal(await store.bind(s, 'A', null), 'A', 'also if that is the same')
      t.equal(await store.lookup(session('another')), null, 'sessions do not know each other')
    })

    t.test('a session moves only from its owner', async t => {
      const s = session('moving')
      t.equal(await store.bind(s, 'B', 'A'), 'B', 'a session without an owner may be bound')
      t.equal(await store.bind(s, 'C', 'A'), 'B', 'the call returns the owner')
      t.equal(await store.lookup(s), 'B', 'and has changed nothing')
      t.equal(await store.bind(s, 'C', 'B'), 'C')
      t.equal(await store.bind(s, 'A'), 'A', 'the owner stays')
      t.equal(await store.lookup(s), 'A')
    })

    t.test('a session is released only by its owner', async t => {
      const s = session('letting go')
      await store.bind(s, 'A', null)
      t.equal(await store.bind(s, null, 'B'), 'A', 'a release by another member changes nothing')
      t.equal(await store.lookup(s), 'A')
      t.equal(await store.bind(s, null, 'A'), null)
      t.equal(await store.lookup(s), null)
      t.equal(await store.bind(s, null, 'A'), null, 'of nothing: nothing happens')
      await store.bind(s, 'A', null)
      t.equal(await store.bind(s, null), null)
      t.equal(await store.lookup(s), null)
      t.equal(await store.bind(s, 'B', null), 'B', 'and it may be bound again')
    })

    t.test('twenty calls that bind a session at once agree on one owner', async t => {
      for (const from of [null, 'C'] as const) {
        const s = session(`race from ${from}`)
        if (from !== null) await store.bind(s, from)
        const holders = await Promise.all(
          Array.from({ length: 20 }, (_, number) => store.bind(s, number % 2 === 0 ? 'A' : 'B', from))
        )
        t.equal(new Set(holders).size, 1)
        t.equal(await store.lookup(s), holders[0])
      }
    })

    t.test('sliding: a session ends its timeout after its last use', async t => {
      const s = session('sliding')
      await store.bind(s, 'A', null)
      for (let use = 0; use < 5; use++) {
        await elapse(s, 50_000)
        t.equal(await store.bind(s, 'A', 'A'), 'A', 'a bind to its owner prolongs it')
      }
      await elapse(s, 50_000)
      t.equal(await store.lookup(s), 'A')
      await elapse(s, 10_100)
      t.equal(await store.lookup(s), null, 'a look-up prolongs nothing')
      t.equal(await store.bind(s, 'B', null), 'B', 'and it may be bound again')
    })

    t.test('absolute: a session ends its timeout after it was bound', async t => {
      const s = session('absolute', { expiry: 'absolute' })
      await store.bind(s, 'A', null)
      await elapse(s, 50_000)
      t.equal(await store.lookup(s), 'A')
      t.equal(await store.bind(s, 'B', null), 'A', 'who comes second does not let it live on either')
      await elapse(s, 10_100)
      t.equal(await store.lookup(s), null, 'no use lets it live on')
      await store.bind(s, 'A', null)
      await elapse(s, 50_000)
      await store.bind(s, 'B', 'A')
      await elapse(s, 50_000)
      t.equal(await store.lookup(s), 'B', 'moving does')
    })

    t.test('a session without end is kept, and one with a timeout of 0 is over at once', async t => {
      const forever = session('for ever', { timeout: Number.MAX_SAFE_INTEGER })
      await store.bind(forever, 'A', null)
      await store.bind(forever, 'B', 'A')
      await elapse(forever, 1e12)
      t.equal(await store.lookup(forever), 'B')
      const moment = session('a moment', { timeout: 0 })
      t.equal(await store.bind(moment, 'A', null), 'A')
    })
  })
}
