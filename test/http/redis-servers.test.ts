/** Sessions in real servers: failover by Sentinel, a cluster that loses a shard, TLS with a private authority, ACL. */
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Registry } from '../../lib/state/registry.js'
import type { SessionGroup } from '../../lib/state/group-state.js'
import { redisSessions, type RedisSessionsOptions, type StoredSession } from '../../plugins/index.js'
import { SharedSessions } from '../../plugins/session-stores/shared-sessions.js'
import { slotOf } from '../../plugins/session-stores/cluster-slot.js'
import { Authority, noOpenssl } from '../support/http/authority.js'
import { missing } from '../support/sessions/redis.js'
import { clusterFleet, redisProcess, securityOf, sentinelFleet } from '../support/sessions/redis-fleet.js'
import { schedulingDelay } from '../support/timing/scheduling-delay.js'
import { until } from '../support/until.js'

t.setTimeout(600_000)

/** The sessions of one gateway. */
class GatewaySessions {
  readonly sessions: SharedSessions
  readonly group: SessionGroup
  readonly log: string[] = []

  constructor (t: Test, options: RedisSessionsOptions) {
    const keep = (_fields: object, text?: string): void => {
      this.log.push(text ?? String(_fields))
    }
    const log = { info: keep, warn: keep }
    this.sessions = new SharedSessions(redisSessions({ cacheTtl: 0, ...options }), {
      log,
      now: Date.now,
      seed: [1, 2]
    })
    t.teardown(async () => {
      await this.sessions.close()
    })
    const sessionPolicy = { timeout: 600_000, expiry: 'sliding', maxSessions: 1_000_000 } as const
    this.group = new Registry(Date.now).lease().group('servers', 'loadbalance', ['A', 'B'], { sessionPolicy })
      .group as SessionGroup
  }

  async bind (id: string, memberNumber: number): Promise<number> {
    return await this.sessions.bind({ kind: 'bindSession', group: this.group, id, memberNumber, expectedOwner: -1 })
  }

  async lookup (id: string): Promise<number | undefined> {
    return await this.sessions.lookup({ kind: 'lookupSession', group: this.group, id, bypassCache: true })
  }

  /** Binds a session in the store: again where the store was late, as on a busy machine. Returns its owner there. */
  async share (id: string, memberNumber: number): Promise<number> {
    return await this.#inStore(async () => await this.bind(id, memberNumber))
  }

  /** Returns the owner of a session in the store. */
  async sharedOwner (id: string): Promise<number | undefined> {
    return await this.#inStore(async () => await this.lookup(id))
  }

  /** Repeats what the gateway has done by its own table, because the store was late. */
  async #inStore<T>(operation: () => Promise<T>): Promise<T> {
    let result!: T
    await until(async () => {
      const { fallbacks } = this.sessions
      result = await operation()
      return fallbacks === this.sessions.fallbacks
    })
    return result
  }
}

async function gateways (t: Test, options: RedisSessionsOptions): Promise<[GatewaySessions, GatewaySessions]> {
  const both = [new GatewaySessions(t, options), new GatewaySessions(t, options)] as const
  for (const { sessions } of both) await sessions.open()
  return [...both]
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `s${at}`)

t.test(
  'Sentinel: after the failover both gateways have the earlier sessions, with one line for each change',
  { skip: missing },
  async t => {
    const { url, primary, replicated } = await sentinelFleet(t)
    const both = await gateways(t, { url, timeout: 2_000 })
    const [one, two] = both
    t.equal(one.sessions.up, true)
    for (const id of ids(100)) await one.share(id, 1)
    await replicated()
    await primary.kill()
    // Messages go on meanwhile.
    await until(async () => {
      await one.lookup('s1')
      await two.lookup('s1')
      return !one.sessions.up && !two.sessions.up
    })
    t.equal(await one.lookup('s5'), 1, 'sessions that a gateway has seen stay where they are')
    await until(() => one.sessions.up && two.sessions.up)
    for (const id of ids(100)) t.equal(await two.sharedOwner(id), 1, id)
    t.equal(await two.share('new', 0), 0)
    t.equal(await one.sharedOwner('new'), 0, 'the new primary is written')
    for (const { log } of both) {
      t.match(log, [/^sessions are shared/, /^sessions are not shared/, /^sessions are shared/])
    }
    t.same(
      both.map(({ log }) => log.length),
      [3, 3]
    )
  }
)

t.test(
  'a cluster that loses a shard: sessions of the others stay shared, and the log has one line',
  { skip: missing },
  async t => {
    const { url, nodes } = await clusterFleet(t)
    const both = await gateways(t, { url, timeout: 500 })
    const [one, two] = both
    for (const id of ids(200)) await one.share(id, 1)
    for (const id of ids(200)) t.equal(await two.sharedOwner(id), 1)
    nodes[2]!.child.kill('SIGSTOP')
    const started = performance.now()
    let shared = 0
    let own = 0
    for (let round = 0; performance.now() - started < 6_000; round++) {
      await delay(20)
      const fresh = ids(60).map(id => `${round} ${id}`)
      await Promise.all(fresh.map(async id => await one.bind(id, 1)))
      for (const found of await Promise.all(fresh.map(async id => await two.lookup(id)))) {
        if (found === 1) shared++
        else own++
      }
    }
    t.ok(shared > own, `most sessions are shared still: ${shared}, and ${own} are not`)
    t.same(
      both.map(({ sessions }) => sessions.up),
      [false, false]
    )
    for (const { log } of both) t.match(log, [/^sessions are shared/, /^sessions are not shared/], log.join('\n'))
    t.same(
      both.map(({ log }) => log.length),
      [2, 2],
      'it does not flap'
    )
    const scheduling = schedulingDelay(t)
    const sentAt = performance.now()
    await Promise.all(ids(200).map(async id => t.equal(await one.lookup(id), 1, id)))
    const took = performance.now() - sentAt
    t.ok(took < 2_000 + 2 * scheduling.take(), 'messages of the lost shard do not wait for it')
    nodes[2]!.child.kill('SIGCONT')
    await until(async () => {
      await Promise.all(both.map(async each => await each.lookup('s1')))
      return one.sessions.up && two.sessions.up
    })
    for (const id of ids(200)) t.equal(await two.sharedOwner(id), 1)
    t.same(
      both.map(({ log }) => log.length),
      [3, 3]
    )
  }
)

t.test('a cluster whose node has closed its connections is used again, also by commands of several slots at once', {
  skip: missing
}, async t => {
  const { url, nodes } = await clusterFleet(t)
  const store = redisSessions({ url, timeout: 5_000 })
  await store.open!()
  t.teardown(async () => { await store.close!() })
  const keys = ids(100).filter(id => slotOf(`proxy-services:session:${id}`) > 10_922).slice(0, 3)
  const session = (key: string): StoredSession => ({ key, timeout: 60_000, expiry: 'sliding', maxSessions: 10 })
  const bind = async (): Promise<readonly (string | null)[]> =>
    await Promise.all(keys.map(async key => await store.bind(session(key), 'A', null)))
  t.same(await bind(), ['A', 'A', 'A'])
  await nodes[2]!.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  const connections = async (): Promise<string> => String(await nodes[2]!.call('CLIENT', 'LIST', 'TYPE', 'normal'))
  await until(async () => !(await connections()).includes('name=proxy-services'), 'its connections are closed')
  await until(async () => await bind().then(owners => owners.join() === 'A,A,A', () => false))
})

t.test('an operator releases the sessions of a member in all shards of a cluster', { skip: missing }, async t => {
  const { url } = await clusterFleet(t)
  const [one, two] = await gateways(t, { url })
  for (const id of ids(100)) await one.share(id, 1)
  t.equal(await one.sessions.releaseMember(one.group, 'B'), 100)
  for (const id of ids(100)) t.equal(await two.sharedOwner(id), undefined)
})

t.test(
  'TLS with a private authority and a certificate of the gateway, and a user that may do no more than is needed',
  { skip: missing || noOpenssl },
  async t => {
    const others = new Authority(t, 'Others')
    const security = securityOf(t)
    const { tls } = security
    const { port } = await redisProcess(t, [], [], security)
    const url = `rediss://gateway:pass%2Fword@localhost:${port}`
    const [one, two] = await gateways(t, { url, tls, timeout: 1_000 })
    t.equal(one.sessions.up, true, one.log.join('\n'))
    t.equal(await one.share('s1', 1), 1)
    t.equal(await two.sharedOwner('s1'), 1)
    t.equal(await one.sessions.release(one.group, 's1', 'B'), undefined)
    await one.share('s2', 1)
    t.equal(await one.sessions.releaseMember(one.group, 'B'), 1)
    const refused: [what: string, RedisSessionsOptions, cause: RegExp][] = [
      ['an unknown authority', { url, tls: { ...tls, ca: others.file } }, /self-signed|unable to (get|verify)/],
      ['no certificate of the gateway', { url, tls: { ca: tls.ca } }, /certificate|closed|ECONNRESET|EPROTO/i],
      ['a wrong password', { url: url.replace('pass', 'pa'), tls }, /WRONGPASS/]
    ]
    for (const [what, options, cause] of refused) {
      const gateway = new GatewaySessions(t, { ...options, timeout: 1_000 })
      await gateway.sessions.open()
      t.equal(gateway.sessions.up, false, what)
      t.match(gateway.log, [cause], what)
      t.notMatch(gateway.log.join(), /s(\/|%2F)word/, 'without the password')
    }
    t.rejects(
      async () => {
        await new GatewaySessions(t, { url, tls: { ca: `${tls.ca}.none` } }).sessions.open()
      },
      { code: 'ENOENT' },
      'a file that is missing is an error of the start'
    )
  }
)

t.test(
  'Sentinel over TLS with a private authority and users: sessions are there after the failover',
  { skip: missing || noOpenssl },
  async t => {
    const security = securityOf(t)
    const { url, primary, replicated } = await sentinelFleet(t, security)
    const [one, two] = await gateways(t, { url, tls: security.tls, timeout: 2_000 })
    t.equal(one.sessions.up, true, one.log.join('\n'))
    for (const id of ids(20)) t.equal(await one.share(id, 1), 1)
    t.equal(await two.sharedOwner('s1'), 1)
    await replicated()
    await primary.kill()
    await until(async () => {
      await Promise.all([one, two].map(async each => await each.lookup('s1')))
      return !one.sessions.up && !two.sessions.up
    })
    await until(() => one.sessions.up && two.sessions.up)
    for (const id of ids(20)) t.equal(await two.sharedOwner(id), 1, id)
    t.equal(await two.share('new', 0), 0)
    t.equal(await one.sharedOwner('new'), 0, 'the new primary is written')
  }
)

t.test(
  'a cluster over TLS with a private authority and users: sessions are shared, and released in all shards',
  { skip: missing || noOpenssl },
  async t => {
    const security = securityOf(t, '+cluster')
    const { url } = await clusterFleet(t, security)
    const [one, two] = await gateways(t, { url, tls: security.tls, timeout: 2_000 })
    t.equal(one.sessions.up, true, one.log.join('\n'))
    for (const id of ids(60)) t.equal(await one.share(id, 1), 1)
    for (const id of ids(60)) t.equal(await two.sharedOwner(id), 1, id)
    t.equal(await one.sessions.releaseMember(one.group, 'B'), 60)
    t.equal(await two.sharedOwner('s1'), undefined)
  }
)

t.test('Redis cluster: the slot of a key is that of the specification', async t => {
  t.same(['123456789', 'foo', '{user1000}.following', 'x{}y', 'trial:{foo}'].map(slotOf), [
    12739,
    12182,
    3443,
    slotOf('x{}y'),
    12182
  ])
})
