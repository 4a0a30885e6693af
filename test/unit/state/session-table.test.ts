/** The rules of a session table, checked with the session table and with a Map that implements them the obvious way. */
import t from 'tap'
import { halfSipHash, type Seed } from '../../../lib/state/half-sip-hash.js'
import { createSessionTable, type SessionPolicy, type SessionTable } from '../../../lib/state/session-table.js'
import { Random } from '../../support/random.js'

/** Keeps the order of use in a Map, the least recently used first, and sweeps all that has expired. */
function model ({ timeout, expiry, maxSessions }: SessionPolicy, now: () => number): SessionTable {
  const sessions = new Map<string, { member: number; since: number }>()
  const isAlive = (id: string) => sessions.has(id) && now() - sessions.get(id)!.since <= timeout
  let evicted = 0
  let moved = 0
  const put = (id: string, member: number) => {
    sessions.delete(id)
    if (sessions.size >= maxSessions) {
      const [oldest] = sessions.keys()
      if (isAlive(oldest!)) evicted++
      sessions.delete(oldest!)
    }
    sessions.set(id, { member, since: now() })
    return member
  }
  return {
    get (id) {
      if (!isAlive(id)) return undefined
      return sessions.get(id)!.member
    },
    set (id, member, from) {
      if (member > 65535) throw new RangeError('member')
      if (from !== undefined && isAlive(id) && sessions.get(id)!.member !== from) return sessions.get(id)!.member
      if (member >= 0 && isAlive(id) && sessions.get(id)!.member !== member) moved++
      if (member >= 0) return put(id, member)
      sessions.delete(id)
      return member
    },
    endsAt: id => (isAlive(id) ? sessions.get(id)!.since + timeout : undefined),
    byMember () {
      const found = new Map<number, { count: number; lastEndsAt: number }>()
      for (const [id, { member, since }] of sessions) {
        if (!isAlive(id)) continue
        const { count = 0, lastEndsAt = 0 } = found.get(member) ?? {}
        found.set(member, { count: count + 1, lastEndsAt: Math.max(lastEndsAt, since + timeout) })
      }
      return found
    },
    countOf: member => [...sessions.values()].filter(each => each.member === member).length,
    release (member) {
      const ids = [...sessions].filter(([, each]) => each.member === member).map(([id]) => id)
      const released = ids.filter(isAlive).length
      for (const id of ids) sessions.delete(id)
      return released
    },
    get size () {
      return sessions.size
    },
    get evicted () {
      return evicted
    },
    get moved () {
      return moved
    },
    sweep () {
      for (const id of sessions.keys()) if (!isAlive(id)) sessions.delete(id)
      return 0
    }
  }
}

const FROM_ONE_WORD_TO_TWO = 2 ** 32 - 150
const SOME_DAY = 1_767_225_600_000
const policy = (changes: Partial<SessionPolicy> = {}): SessionPolicy => ({
  timeout: 300,
  expiry: 'sliding',
  maxSessions: 1000,
  ...changes
})

for (const [kind, create] of Object.entries({ 'session table': createSessionTable, model })) {
  t.test(`session table rules: ${kind}`, t => {
    for (const begin of [0, FROM_ONE_WORD_TO_TWO, 3 * 2 ** 32 - 150, SOME_DAY]) {
      let time = begin
      const make = (changes?: Partial<SessionPolicy>) => {
        time = begin
        return create(policy(changes), () => time)
      }

      t.test(`${kind}: from ${begin} ms on, a session has the owner that was set last`, t => {
        const table = make()
        t.equal(table.get('a'), undefined, 'a session that was never bound has no owner')
        t.equal(table.set('a', 7), 7, 'set returns the member')
        t.equal(table.get('a'), 7)
        t.equal(table.set('a', 8), 8)
        t.equal(table.get('a'), 8, 'binding again replaces')
        t.strictSame([table.countOf(7), table.countOf(8), table.countOf(9)], [0, 1, 0], 'the member that it has counts it')
        t.equal(table.size, 1)
        t.equal(table.set('a', -1), -1, 'set returns the negative member')
        t.equal(table.get('a'), undefined, 'a negative member forgets')
        t.equal(table.set('b', -1), -1, 'forgetting the unknown is nothing')
        t.equal(table.moved, 1, 'from 7 to 8; neither the first member nor the end of a session is a move')
        t.equal(table.size, 0)

        t.equal(table.get(table.set('0', 0) + ''), 0)
        t.equal(table.set('most', 65535), 65535)
        t.equal(table.get('most'), 65535)
        t.throws(() => table.set('more', 65536), RangeError)
        t.end()
      })

      t.test(`${kind}: from ${begin} ms on, expired is strictly later than the timeout`, t => {
        const sliding = make()
        sliding.set('a', 1)
        for (let n = 0; n < 5; n++) {
          time += 300
          t.equal(sliding.set('a', 1, 1), 1, 'every response prolongs it')
        }
        t.equal(sliding.endsAt('a'), time + 300)
        time += 300
        t.equal(sliding.get('a'), 1, 'a look-up prolongs nothing')
        t.equal(sliding.endsAt('a'), time, 'nor does the question when it ends')
        time += 1
        t.equal(sliding.get('a'), undefined)
        t.equal(sliding.endsAt('a'), undefined)
        t.equal(sliding.get('a'), undefined, 'a look-up that finds nothing prolongs no session')
        t.equal(sliding.set('a', 2), 2)
        t.equal(sliding.get('a'), 2, 'the same id may be bound again')

        const absolute = make({ expiry: 'absolute' })
        absolute.set('a', 1)
        time += 300
        t.equal(absolute.get('a'), 1)
        time += 1
        t.equal(absolute.get('a'), undefined, 'use did not let it live on')
        absolute.set('a', 1)
        time += 200
        absolute.set('a', 1)
        time += 200
        t.equal(absolute.get('a'), 1, 'binding again did')

        const momentary = make({ timeout: 0 })
        momentary.set('a', 1)
        t.equal(momentary.get('a'), 1, 'a timeout of 0 ends with the millisecond')
        time += 1
        t.equal(momentary.get('a'), undefined)

        const never = make({ timeout: Infinity })
        never.set('a', 1)
        time += 1e12
        never.sweep()
        t.equal(never.get('a'), 1)
        t.end()
      })

      t.test(`${kind}: from ${begin} ms on, without room the least recently used session is evicted`, t => {
        const table = make({ maxSessions: 3 })
        for (const id of ['a', 'b', 'c', 'a', 'd']) {
          time++
          table.set(id, 1)
        }
        t.strictSame(
          ['a', 'b', 'c', 'd'].map(id => table.get(id)),
          [1, undefined, 1, 1]
        )
        t.strictSame([table.size, table.evicted], [3, 1])
        table.set('d', 2)
        t.equal(table.evicted, 1, 'who is bound already needs no room')
        time += 301
        table.set('e', 1)
        t.equal(table.evicted, 1, 'the expired that make room are not counted')
        t.end()
      })

      t.test(`${kind}: from ${begin} ms on, a sweep evicts expired sessions only`, t => {
        const table = make()
        for (let n = 0; n < 500; n++) table.set(`old ${n}`, n)
        time += 200
        for (let n = 0; n < 300; n++) table.set(`new ${n}`, n)
        table.sweep()
        t.equal(table.size, 800)
        time += 101
        table.sweep()
        t.equal(table.size, 300)
        t.strictSame([table.countOf(299), table.countOf(300)], [1, 0], 'members without sessions count none')
        for (let n = 0; n < 300; n++) if (table.get(`new ${n}`) !== n) t.fail(`new ${n} was lost`)
        time += 301
        table.sweep()
        t.equal(table.size, 0)
        t.end()
      })
    }
    t.end()
  })
}

t.test('whatever happens, the table and the model return the same', t => {
  const seeds: Seed[] = [
    [1, 2],
    [-1, 0x7fffffff],
    [0, 0]
  ]
  for (const expiry of ['sliding', 'absolute'] as const) {
    for (const [maxSessions, ids] of [
      [1, 3],
      [20, 30],
      [448, 1500],
      [100_000, 3000],
      [100_000, 20_000]
    ] as const) {
      for (const [n, seed] of seeds.entries()) {
        const { below: roll } = new Random(n + 1)
        let time = n === 0 ? 0 : FROM_ONE_WORD_TO_TWO
        // So long that many are alive and many are not. No two steps have the same time, so no two are equally old.
        const rules = policy({ expiry, maxSessions, timeout: 3 * ids })
        const table = createSessionTable(rules, () => time, seed)
        const expected = model(rules, () => time)
        const both = (act: (table: SessionTable) => unknown) => [act(table), act(expected)]
        for (let step = 0; step < 5 * ids + 2000; step++) {
          time += 1 + roll(2)
          const id = `session ${roll(ids)}`
          const what = roll(1000)
          // Few members, so that often the one expected is the one that has it.
          const member = roll(2) === 0 ? roll(3) : roll(65536)
          const from = [undefined, -1, roll(3)][roll(3)]
          const [response, right] =
            what < 500
              ? both(table => table.get(id))
              : what < 950
                ? both(table => table.set(id, member, from))
                : what < 998
                  ? both(table => table.set(id, -1))
                  : both(table => {
                    for (let n = 0; n < 4; n++) table.sweep()
                    return table.size
                  })
          if (response !== right) {
            throw new Error(`${expiry}, ${maxSessions}, seed ${n}, step ${step}: ${response}, not ${right}`)
          }
        }
        for (let n = 0; n < ids; n++) {
          const [response, right] = both(table => table.get(`session ${n}`))
          if (response !== right) {
            throw new Error(`${expiry}, ${maxSessions}, at last, session ${n}: ${response}, not ${right}`)
          }
        }
        let counted = 0
        for (let member = 0; member < 65_536; member++) counted += table.countOf(member)
        if (counted !== table.size) t.fail(`${counted} sessions by member, ${table.size} in all`)
        for (const [member, { count }] of table.byMember()) {
          if (table.countOf(member) < count) t.fail(`member ${member}: ${table.countOf(member)}, at least ${count} are bound`)
        }
        if (table.evicted !== expected.evicted) t.fail(`${table.evicted} evicted, not ${expected.evicted}`)
        if (maxSessions < 1000 && expected.evicted === 0) t.fail('no session was evicted: the test shows nothing')
      }
    }
  }
  t.pass('all results were the same')
  t.end()
})

t.test('a million similar ids are a million sessions, through growing, expiring and growing again', t => {
  const N = 1_000_000
  let time = SOME_DAY
  const table = createSessionTable(policy({ timeout: 10_000, maxSessions: 2 * N }), () => time)
  // Counted up; one letter apart at either end; anagrams; beyond Latin; lone halves of pairs; of every length.
  const shapes: Array<(n: number) => string> = [
    n => String(n),
    n => `urn:uuid:6ba7b810-9dad-11d1-80b4-${n.toString(16).padStart(12, '0')}`,
    n => `${n.toString(2)}-same-tail-of-forty-characters-in-every-one`,
    n => n.toString(2).padStart(20, '0').replaceAll('0', 'a').replaceAll('1', 'А'),
    n => String.fromCharCode(n & 0xffff, 0xd800 + (n >>> 16)),
    n => `${'\0'.repeat(n % 50)}\0${n.toString(36)}`,
    n => `сессия №${n} 会话`,
    n => `${n} `
  ]
  const id = (n: number) => shapes[n % shapes.length]!(n)
  const misbound = (from: number) => {
    let count = 0
    for (let n = from; n < N; n++) if (table.get(id(n)) !== n % 65536) count++
    return count
  }
  t.equal(new Set(Array.from({ length: N }, (_, n) => id(n))).size, N, 'the ids are all different')
  for (let n = 0; n < N; n++) {
    if (table.get(id(n)) !== undefined) t.fail(`${n} was bound before it was`)
    table.set(id(n), n % 65536)
  }
  t.equal(table.size, N)
  t.equal(misbound(0), 0, 'growth kept all')

  time += 6000
  for (let n = N - 1000; n < N; n++) table.set(id(n), n % 65536, n % 65536) // prolongs the last thousand
  time += 6000
  let calls = 0
  for (; table.size > 1000; calls++) {
    const before = table.size
    table.sweep()
    if (before - table.size > 65_536) t.fail(`${before - table.size} in one call`)
    if (calls > 1000) break
  }
  t.equal(table.size, 1000, `the others went, in ${calls} calls`)
  for (let n = 0; n < 2000; n++) table.sweep()
  t.equal(misbound(N - 1000), 0, 'shrinking kept the rest')
  for (let n = 0; n < N; n++) table.set(id(n), n % 65536)
  t.equal(misbound(0), 0, 'it grows again')
  t.equal(table.evicted, 0)
  t.end()
})

t.test('a large table that is full evicts a session after maxSessions others, within a fifth', t => {
  const N = 50_000
  let time = 0
  const table = createSessionTable(policy({ timeout: 1e9, maxSessions: N }), () => time)
  const names = Array.from({ length: 2 * N }, (_, n) => `client ${n}`)
  for (const [n, name] of names.entries()) {
    time++
    table.set(name, 1)
    if (n % 100 === 0) {
      for (const regular of names.slice(0, Math.min(n, 500))) table.set(regular, 1, 1)
    }
    if (table.size > N) t.fail(`${table.size} sessions after ${n}`)
  }
  t.strictSame([table.size, table.evicted], [N, N])
  const alive = (from: number, to: number) => names.slice(from, to).filter(name => table.get(name) === 1).length
  t.equal(alive(0, 500), 500, 'who comes regularly is never the oldest')
  t.equal(alive(500, 0.6 * N), 0, 'after 1.4 times as many others all have gone')
  t.ok(alive(0.6 * N, 0.8 * N) < 0.01 * N, 'after 1.2 times as many hardly any is left')
  t.ok(alive(1.2 * N, 1.4 * N) > 0.19 * N, 'after 0.8 times as many hardly any has gone')
  t.equal(alive(1.4 * N, 2 * N), 0.6 * N, 'after 0.6 times as many all are left')
  t.end()
})

t.test('a thousand ids chosen to fall into one of 4096 segments are a thousand sessions', t => {
  const seed: Seed = [1, 2]
  const table = createSessionTable(policy({ timeout: Infinity, maxSessions: 1e9 }), () => 0, seed)
  const key = new Int32Array(2)
  const ids: string[] = []
  for (let n = 0; ids.length < 1000; n++) {
    halfSipHash(`${n}`, seed, key)
    if ((key[0]! & 0xfff) === 0xabc) ids.push(`${n}`)
  }
  for (const [n, id] of ids.entries()) table.set(id, n)
  t.strictSame(
    ids.map(id => table.get(id)),
    [...ids.keys()]
  )
  t.end()
})

t.test('ids that agree in one half of the hash are two sessions', t => {
  const seed: Seed = [1, 2]
  const key = new Int32Array(2)
  for (const half of [0, 1]) {
    const known = new Map<number, string>()
    let pair: [string, string] | undefined
    for (let n = 0; pair === undefined; n++) {
      halfSipHash(`${n}`, seed, key)
      const other = known.get(key[half]!)
      if (other !== undefined) pair = [other, `${n}`]
      known.set(key[half]!, `${n}`)
    }
    const table = createSessionTable(policy(), () => 0, seed)
    pair.forEach((id, member) => table.set(id, member))
    t.strictSame(
      pair.map(id => table.get(id)),
      [0, 1],
      pair.join(' and ')
    )
  }
  t.end()
})

t.test('halfSipHash equals the reference implementation with one and three rounds', t => {
  const known: Array<[Seed, string, string]> = [
    [[0x03020100, 0x07060504], '', '21d0a576 2af72023'],
    [[0x03020100, 0x07060504], 'a', 'de235fbe 65d2e33c'],
    [[0x03020100, 0x07060504], 'ab', '553c3853 3681dfef'],
    [[0x03020100, 0x07060504], 'abc', '608b5e5c c675bb1e'],
    [[0x03020100, 0x07060504], '\0', 'a2f35e12 e1cd918b'],
    [[0x03020100, 0x07060504], '\ud800', '85f981dc ed78973b'],
    [[0xdeadbeef, 0x80000001], 'session-0001', '8bf461b0 1b4b995b'],
    [[0xdeadbeef, 0x80000001], 'Сессия-№1', '87087290 99073b5f'],
    [[0xdeadbeef, 0x80000001], '\u{1f600}', '9a55a7b4 2d505079'],
    [[0xdeadbeef, 0x80000001], 'x'.repeat(200), 'c3de4b93 b1abf425']
  ]
  for (const [seed, id, expected] of known) {
    const into = new Int32Array(2)
    halfSipHash(id, seed, into)
    t.equal(
      [...into].map(word => (word >>> 0).toString(16).padStart(8, '0')).join(' '),
      expected,
      JSON.stringify(id).slice(0, 20)
    )
  }
  t.end()
})
