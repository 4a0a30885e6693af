import t from 'tap'
import { fault } from '../../../lib/message/fault.js'
import { DEFAULT_POLICY } from '../../../lib/state/suspension.js'
import { Registry, type StateChange } from '../../../lib/state/registry.js'
import type { StateLease } from '../../../lib/state/state-lease.js'

const SESSIONS = { timeout: 1000, expiry: 'sliding', maxSessions: 10 } as const
const begun = (registry: Registry, use: (lease: StateLease) => void): StateLease => {
  const lease = registry.lease()
  use(lease)
  lease.commit()
  return lease
}
const broken = { kind: 'fault', fault: fault('CONNECTION_FAILED', 'it broke') } as const

t.test('a reload keeps the state of endpoints that stay', async t => {
  t.test('an endpoint that keeps name and address keeps its state, and takes the new policy', async t => {
    const registry = new Registry(() => 0)
    const old = begun(registry, lease => {
      lease.endpoint('A', 'http://a', DEFAULT_POLICY)
    })
    registry.signal(registry.endpoints.get('A')!, broken)
    const endpoint = registry.endpoints.get('A')!
    const policy = { ...DEFAULT_POLICY, initialDuration: 5 }
    begun(registry, lease => {
      lease.endpoint('A', 'http://a', policy)
    })
    registry.release(old)
    t.equal(registry.endpoints.get('A'), endpoint)
    t.match(endpoint, { health: { state: 'suspended' }, policy })
  })
  t.test('a lease: an endpoint of the same name at another address is another endpoint', async t => {
    const registry = new Registry(() => 0)
    const old = begun(registry, lease => {
      lease.endpoint('A', 'http://a', DEFAULT_POLICY)
    })
    registry.switchOff('A')
    begun(registry, lease => {
      lease.endpoint('A', 'http://elsewhere', DEFAULT_POLICY)
    })
    registry.release(old)
    t.match(registry.endpoints.get('A'), { address: 'http://elsewhere', health: { state: 'active' } })
  })
  t.test('an endpoint without a reference is removed', async t => {
    const registry = new Registry(() => 0)
    const old = begun(registry, lease => {
      lease.endpoint('A', 'http://a', DEFAULT_POLICY)
      lease.endpoint('B', 'http://b', DEFAULT_POLICY)
      lease.group('g', 'loadbalance', ['A', 'B'])
    })
    begun(registry, lease => {
      lease.endpoint('B', 'http://b', DEFAULT_POLICY)
    })
    t.same([...registry.endpoints.keys()], ['A', 'B'], 'as long as the old one serves, its parts are there')
    registry.release(old)
    t.same([[...registry.endpoints.keys()], [...registry.groups.keys()]], [['B'], []])
  })
  t.test('a configuration that turns out to be invalid leaves no trace', async t => {
    const registry = new Registry(() => 0)
    begun(registry, lease => {
      lease.endpoint('A', 'http://a', DEFAULT_POLICY)
      lease.group('g', 'loadbalance', ['A'], { sessionPolicy: SESSIONS })
    })
    const before = {
      endpoint: registry.endpoints.get('A')!,
      policy: registry.endpoints.get('A')!.policy,
      group: registry.groups.get('g')!
    }
    const attempt = registry.lease()
    attempt.endpoint('A', 'http://a', { ...DEFAULT_POLICY, initialDuration: 5 })
    attempt.endpoint('N', 'http://n', DEFAULT_POLICY)
    attempt.group('g', 'loadbalance', ['N'], { sessionPolicy: { ...SESSIONS, timeout: 5 } })
    registry.release(attempt)
    t.same(before.group.memberIds, ['A'], 'no number is taken')
    t.same([...registry.endpoints.keys()], ['A'])
    t.equal(registry.endpoints.get('A'), before.endpoint)
    t.equal(before.endpoint.policy, before.policy)
    t.equal(registry.groups.get('g'), before.group)
  })
})

t.test('the number of a member never changes', async t => {
  const registry = new Registry(() => 0)
  const number = (members: string[]): readonly number[] => {
    const lease = registry.lease()
    const { numbers } = lease.group('g', 'loadbalance', members, { sessionPolicy: SESSIONS })
    lease.commit()
    return numbers
  }
  t.same(number(['A', 'B', 'C']), [0, 1, 2])
  const { sessions } = registry.groups.get('g')!
  t.same(number(['C', 'D', 'A']), [2, 3, 0])
  t.same(number(['B']), [1])
  t.match(registry.groups.get('g'), { members: ['B'], memberIds: ['A', 'B', 'C', 'D'] })
  t.equal(registry.groups.get('g')!.sessions, sessions, 'and its sessions stay')
})

t.test('a group may have any number of members one after the other, and binds sessions to each', async t => {
  let now = 0
  const registry = new Registry(() => now)
  let before = begun(registry, () => {})
  for (let change = 0; change < 700; change++) {
    now += 2000
    registry.evictExpired()
    const lease = registry.lease()
    const members = Array.from({ length: 100 }, (_, at) => `${change} ${at}`)
    const { group, numbers } = lease.group('g', 'loadbalance', members, { sessionPolicy: SESSIONS })
    lease.commit()
    registry.release(before)
    before = lease
    group.sessions!.set('session', numbers[99]!)
    if (registry.sessionOwner('g', 'session') !== members[99]) t.fail(`after ${change * 100} members`)
  }
  t.ok(registry.groups.get('g')!.memberIds.length < 1500)
  t.throws(
    () => registry.lease().group('h', 'loadbalance', Array<string>(65_537).fill('x'), { sessionPolicy: SESSIONS }),
    { message: 'a group with sessions has at most 65536 members' }
  )
})

t.test('each of two endpoints with one name has a state of its own', async t => {
  const registry = new Registry(() => 0)
  const lease = registry.lease()
  const [one, two] = [
    lease.endpoint('A', 'http://a', DEFAULT_POLICY),
    lease.endpoint('A', 'http://a', DEFAULT_POLICY)
  ]
  t.same([one.name, two.name], ['A', 'A #2'])
  t.not(one, two, 'has a state of its own each time')
  const groups = [
    lease.group('g', 'loadbalance', ['A'], { sessionPolicy: SESSIONS }),
    lease.group('g', 'loadbalance', ['A #2'], { sessionPolicy: SESSIONS })
  ]
  t.same(
    groups.map(({ group }) => group.name),
    ['g', 'g #2']
  )
  t.not(groups[0]!.group.sessions, groups[1]!.group.sessions, 'and sessions of its own')
})

t.test('the seed of the hash decides which sessions collide', async t => {
  const kept = (seed?: readonly [number, number]): string[] => {
    const registry = new Registry(() => 0, seed)
    const { group } = registry
      .lease()
      .group('g', 'loadbalance', ['A'], { sessionPolicy: { ...SESSIONS, maxSessions: 1000 } })
    const ids = Array.from({ length: 3000 }, (_, number) => `session ${number}`)
    for (const id of ids) group.sessions!.set(id, 0)
    return ids.filter(id => group.sessions!.get(id) !== undefined)
  }
  t.same(kept([1, 2]), kept([1, 2]))
  t.strictNotSame(kept([1, 2]), kept([3, 4]), 'who does not know it cannot aim')
})

t.test('an operator switches, drains and resets endpoints', async t => {
  const registry = new Registry(() => 7)
  begun(registry, lease => {
    for (const name of ['A', 'B', 'C']) lease.endpoint(name, `http://${name}`, DEFAULT_POLICY)
    lease.group('inner', 'failover', ['B', 'C'])
    lease.group('outer', 'loadbalance', ['A', 'inner', 'outer'])
  })
  const states = (): string[] => [...registry.endpoints.values()].map(({ health }) => health.state)
  const changes: StateChange[] = []
  registry.on('stateChange', transition => changes.push(transition))
  registry.switchOff('inner')
  t.same(states(), ['active', 'off', 'off'])
  registry.drain('A')
  t.same(states(), ['draining', 'off', 'off'])
  registry.switchOn('outer')
  t.same(
    states(),
    ['active', 'active', 'active'],
    'a group is its members, at any depth, also one that is a member of itself'
  )
  registry.switchOn('outer')
  t.same(
    changes.map(({ endpoint, from, to }) => `${endpoint.name} ${from.state} ${to.state}`),
    ['B active off', 'C active off', 'A active draining', 'A draining active', 'B off active', 'C off active'],
    'each change is reported once'
  )
  t.same(
    registry.endpointsOf('outer').map(({ name }) => name),
    ['A', 'B', 'C']
  )
  for (const call of ['switchOn', 'switchOff', 'drain'] as const) {
    t.throws(() => registry[call]('missing'), new RangeError('no endpoint is called missing'))
  }
})

t.test('endpoints that a message names come and go while it runs', async t => {
  const registry = new Registry(() => 0)
  const lease = begun(registry, () => {})
  const other = begun(registry, lease => {
    lease.endpoint('shared', 'http://x', DEFAULT_POLICY)
  })
  lease.endpoint('A', 'http://a', DEFAULT_POLICY)
  lease.endpoint('shared', 'http://x', DEFAULT_POLICY)
  t.same([...registry.endpoints.keys()], ['shared', 'A'])
  lease.forgetEndpoint('A')
  lease.forgetEndpoint('shared')
  t.same([...registry.endpoints.keys()], ['shared'], 'not one that another configuration needs')
  registry.release(other)
  t.same([...registry.endpoints.keys()], [])
})

t.test('sweeping evicts sessions that are over', async t => {
  let now = 0
  const registry = new Registry(() => now)
  begun(registry, lease => {
    lease.group('g', 'loadbalance', ['A'], { sessionPolicy: SESSIONS })
  })
  const sessions = registry.groups.get('g')!.sessions!
  sessions.set('7', 0)
  now = 1001
  registry.evictExpired()
  t.equal(sessions.size, 0)
})

t.test('sweeping reads a bounded number of slots, however many groups there are, and comes to each', async t => {
  let now = 0
  const registry = new Registry(() => now)
  const count = 2000
  begun(registry, lease => {
    for (let at = 0; at < count; at++) lease.group(`g${at}`, 'loadbalance', ['A'], { sessionPolicy: SESSIONS })
  })
  const tables = [...registry.groups.values()].map(({ sessions }) => sessions!)
  for (const sessions of tables) sessions.set('7', 0)
  now = 1001
  registry.evictExpired()
  const left = tables.filter(({ size }) => size > 0).length
  t.ok(left > 0 && left < count, `${left} tables are left`)
  for (let run = 0; run < 10; run++) registry.evictExpired()
  t.equal(tables.filter(({ size }) => size > 0).length, 0)
})

t.test('suspensions in a row are counted until the endpoint responds, or is switched', async t => {
  let now = 0
  const registry = new Registry(() => now)
  begun(registry, lease => {
    lease.endpoint('A', 'http://a', { ...DEFAULT_POLICY, initialDuration: 10, retriesBeforeSuspension: 0 })
  })
  const endpoint = registry.endpoints.get('A')!
  const fail = (startedAt = now): number => {
    registry.signal(endpoint, { ...broken, startedAt })
    return endpoint.suspensionsInRow
  }
  t.equal(fail(), 1)
  t.equal(fail(0), 1, 'a failure of a message that was sent before changes nothing')
  now = 10
  t.not(registry.startTrial(endpoint, 5), undefined)
  t.equal(fail(), 2)
  now = 20
  registry.signal(endpoint, { kind: 'success' })
  t.equal(endpoint.suspensionsInRow, 0)
  t.equal(fail(), 1)
  registry.switchOff('A')
  t.equal(endpoint.suspensionsInRow, 0)
})

t.test('a group that has other members than before is reported once its configuration runs', async t => {
  const registry = new Registry(() => 0)
  const changes: unknown[] = []
  registry.on('membersChange', change => { changes.push(change) })
  begun(registry, lease => { lease.group('g', 'loadbalance', ['A', 'B']) })
  begun(registry, lease => { lease.group('g', 'loadbalance', ['B', 'A']) })
  t.strictSame(changes, [], 'neither a new group nor another order')
  const next = registry.lease()
  next.group('g', 'loadbalance', ['B', 'C'])
  t.strictSame(changes, [])
  next.commit()
  t.strictSame(changes, [{ group: 'g', joined: ['C'], left: ['A'] }])
})

t.test('a trial ends by its own time, however late the clock is read again', async t => {
  let now = 0
  const registry = new Registry(() => now++)
  begun(registry, lease => {
    lease.endpoint('A', 'http://a', { ...DEFAULT_POLICY, initialDuration: 1 })
  })
  const endpoint = registry.endpoints.get('A')!
  registry.signal(endpoint, broken)
  now += 10
  const startedAt = registry.startTrial(endpoint, 1_000)!
  t.match(endpoint.health, { state: 'half-open', trial: { startedAt, endsAt: startedAt + 1_000 } })
  registry.signal(endpoint, { kind: 'trialEnd', startedAt })
  t.match(endpoint.health, { state: 'half-open', trial: undefined })
})
