import t from 'tap'
import type { FastifyBaseLogger } from 'fastify'
import { Registry } from '../../../lib/state/registry.js'
import type { SessionGroup } from '../../../lib/state/group-state.js'
import { IpcChannel } from '../../../plugins/ipc/ipc-channel.js'
import { clusterSessions, serveSessions } from '../../../plugins/session-stores/cluster-sessions.js'
import { MemorySessions } from '../../../plugins/session-stores/memory-sessions.js'
import { SharedSessions } from '../../../plugins/session-stores/shared-sessions.js'
import { StoredGroup } from '../../../plugins/session-stores/stored-group.js'
import type { SessionTable } from '../../../lib/state/session-table.js'
import { ipcEnds } from '../../support/workers/ipc-ends.js'

const TIMEOUT = 120_000
/** A tenth of the timeout, which is less than what a worker may use otherwise. */
const CACHE_TTL = TIMEOUT / 10
const POLICY = { timeout: TIMEOUT, expiry: 'sliding', maxSessions: 1000 } as const

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

interface Worker {
  lookup(id: string, bypassCache?: boolean): number | undefined | Promise<number | undefined>
  bind(id: string, member: number, expectedOwner: number): Promise<number>
  /** The member of a session has responded. */
  respond(id: string, member: number, takesBack?: boolean): void
  /** Resolves when the primary knows what this worker had to report. */
  reported(): Promise<void>
  /** How many messages of this kind the worker has sent. */
  sent(topic: string): number
}

class Fleet {
  now = 1_000_000
  readonly store = new MemorySessions({ now: () => this.now })
  /** The sessions as an operator sees them. */
  readonly view: SessionTable = this.store.view(
    new StoredGroup({ name: 'servers', memberIds: ['A', 'B'] }, POLICY, CACHE_TTL)
  )

  async worker (): Promise<Worker> {
    const sent: string[] = []
    const [primary, end] = ipcEnds(text => {
      sent.push(text)
    })
    serveSessions(this.store, new IpcChannel(primary))
    const store = clusterSessions({}, new IpcChannel(end))
    const sessions = new SharedSessions(store, {
      log: { info () {}, warn () {} } as unknown as FastifyBaseLogger,
      now: () => this.now,
      seed: [1, 2]
    })
    await sessions.open()
    const lease = new Registry(() => this.now).lease()
    const group = lease.group('servers', 'loadbalance', ['A', 'B'], { sessionPolicy: POLICY }).group as SessionGroup
    return {
      lookup: (id, bypassCache = false) => sessions.lookup({ kind: 'lookupSession', group, id, bypassCache }),
      bind: async (id, memberNumber, expectedOwner) =>
        await sessions.bind({ kind: 'bindSession', group, id, memberNumber, expectedOwner }),
      respond: (id, memberNumber, takesBack = false) =>
        sessions.prolong({ kind: 'prolongSession', group, id, memberNumber, takesBack }),
      async reported () {
        await store.close!()
        for (let turns = 0; turns < 5; turns++) await turn()
      },
      sent: topic => sent.join('').split(`"${topic}"`).length - 1
    }
  }
}

/** A session that begins at this worker. */
async function begin (worker: Worker, id: string, member = 0): Promise<void> {
  await worker.lookup(id)
  await worker.bind(id, member, -1)
  worker.respond(id, member)
  await worker.reported()
}

t.test(
  'cluster-sessions: a session in use is looked up once, and reported every tenth of its timeout',
  async t => {
    const fleet = new Fleet()
    const worker = await fleet.worker()
    await begin(worker, 's')
    const uses = 200
    for (let use = 0; use < uses; use++) {
      fleet.now += 3_000
      t.equal(worker.lookup('s'), 0, 'it is known without a look-up')
      worker.respond('s', 0)
      await worker.reported()
    }
    t.equal(worker.sent('session lookup'), 1)
    t.ok(worker.sent('sessions used') <= (uses * 3_000) / CACHE_TTL + 1, `${worker.sent('sessions used')} reports`)
  }
)

t.test('cluster-sessions: a session lasts as long as any worker uses it, and not longer', async t => {
  const fleet = new Fleet()
  const [one, two] = [await fleet.worker(), await fleet.worker()]
  await begin(one, 's', 1)
  for (let use = 0; use < 50; use++) {
    fleet.now += TIMEOUT - 1
    t.equal(await one.lookup('s'), 1)
    one.respond('s', 1)
    await one.reported()
  }
  t.equal(await two.lookup('s'), 1, 'another worker finds it')
  fleet.now += TIMEOUT + CACHE_TTL + 1
  t.equal(await one.lookup('s'), undefined)
  t.equal(await two.lookup('s'), undefined)
})

t.test('cluster-sessions: a session that one message has moved returns to the member that responds to another one', async t => {
  const fleet = new Fleet()
  const [one, two] = [await fleet.worker(), await fleet.worker()]
  await begin(one, 's', 0)
  t.equal(await two.lookup('s'), 0)
  t.equal(await one.bind('s', 1, 0), 1)
  one.respond('s', 0)
  await one.reported()
  t.equal(await two.lookup('s'), 1)
  one.respond('s', 0, true)
  await one.reported()
  t.equal(await two.lookup('s'), 0)
  t.equal(await one.lookup('s'), 0)
})

t.test('cluster-sessions: operators see that a session ends its timeout after its last reported use', async t => {
  const fleet = new Fleet()
  const worker = await fleet.worker()
  t.equal(fleet.view.endsAt('s'), undefined)
  await begin(worker, 's')
  t.equal(fleet.view.endsAt('s'), fleet.now + TIMEOUT)
  fleet.now += CACHE_TTL + 1
  worker.respond('s', 0)
  await worker.reported()
  t.equal(fleet.view.endsAt('s'), fleet.now + TIMEOUT)
})

t.test('cluster-sessions: uses of many sessions travel as one message', async t => {
  const fleet = new Fleet()
  const worker = await fleet.worker()
  for (let id = 0; id < 100; id++) await worker.bind(`s${id}`, id % 2, -1)
  fleet.now += CACHE_TTL + 1
  for (let id = 0; id < 100; id++) worker.respond(`s${id}`, id % 2)
  await worker.reported()
  t.equal(worker.sent('sessions used'), 1)
  fleet.now += TIMEOUT
  t.equal(fleet.view.byMember().get(0)?.count, 50, 'each of them has restarted its time')
  t.equal(fleet.view.byMember().get(1)?.count, 50)
})

t.test('cluster-sessions: a session that moves at one worker has moved for all', async t => {
  const fleet = new Fleet()
  const [one, two] = [await fleet.worker(), await fleet.worker()]
  await begin(one, 's')
  t.equal(await two.lookup('s'), 0)
  two.respond('s', 0)
  t.equal(one.lookup('s'), 0)
  t.equal(await two.bind('s', 1, 0), 1)
  await one.reported()
  t.equal(await one.lookup('s'), 1)
  t.equal(await two.lookup('s'), 1)
})

t.test('cluster-sessions: a response that comes after its session has moved does not bring it back', async t => {
  const fleet = new Fleet()
  const [one, two] = [await fleet.worker(), await fleet.worker()]
  await begin(one, 's')
  await two.lookup('s')
  await two.bind('s', 1, 0)
  await one.reported()
  one.respond('s', 0)
  t.not(one.lookup('s'), 0, 'it is not what the worker knows')
  await one.reported()
  t.equal(fleet.view.get('s'), 1)
  t.equal(await one.lookup('s'), 1)
})

t.test(
  'cluster-sessions: a use that was not reported yet does not bind again what an operator has released',
  async t => {
    const fleet = new Fleet()
    const worker = await fleet.worker()
    await begin(worker, 's')
    fleet.now += CACHE_TTL + 1
    worker.respond('s', 0)
    t.equal(fleet.view.release(0), 1)
    for (let turns = 0; turns < 5; turns++) await turn()
    await worker.reported()
    t.equal(fleet.view.get('s'), undefined)
    t.equal(await worker.lookup('s'), undefined)
  }
)

t.test(
  'cluster-sessions: a session that its primary has bound elsewhere is looked up again when it is used',
  async t => {
    const fleet = new Fleet()
    const worker = await fleet.worker()
    await begin(worker, 's')
    // As another worker binds it once it was evicted.
    const stored = new StoredGroup({ name: 'servers', memberIds: ['A', 'B'] }, POLICY, CACHE_TTL).session('s')
    const { store } = fleet
    const sessions = store.groupOf(stored)!.sessions
    sessions.set(stored.key, -1)
    store.assign(stored, 'B', null)
    fleet.now += CACHE_TTL + 1
    worker.respond('s', 0)
    await worker.reported()
    t.equal(await worker.lookup('s'), 1)
  }
)

t.test('cluster-sessions: a look-up that no response has followed is used for a tenth of the timeout', async t => {
  const fleet = new Fleet()
  const [one, two] = [await fleet.worker(), await fleet.worker()]
  await begin(one, 's')
  t.equal(await two.lookup('s'), 0)
  fleet.now += CACHE_TTL - 1
  t.equal(two.lookup('s'), 0)
  fleet.now += 2
  t.equal(await two.lookup('s'), 0)
  t.equal(two.sent('session lookup'), 2)
})

t.test('cluster-sessions: a look-up that bypasses the cache reaches the primary', async t => {
  const fleet = new Fleet()
  const worker = await fleet.worker()
  await begin(worker, 's')
  t.equal(await worker.lookup('s', true), 0)
  t.equal(worker.sent('session lookup'), 2)
})

t.test('a store knows the member that has a number now', async t => {
  const memberIds = ['A', 'B']
  const group = new StoredGroup({ name: 'servers', memberIds }, POLICY, CACHE_TTL)
  t.same([group.nameOf(0), group.indexOf('B'), group.indexOf('C')], ['A', 1, undefined])
  memberIds.push('C')
  t.same([group.nameOf(2), group.indexOf('C')], ['C', 2])
  memberIds[0] = 'D'
  t.same([group.indexOf('A'), group.indexOf('D'), group.nameOf(0), group.indexOf('B')], [undefined, 0, 'D', 1])
})
