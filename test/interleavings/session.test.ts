/** Every sequence of outcomes for a group whose messages belong to sessions. */
import assert from 'node:assert/strict'
import t from 'tap'
import type { Registry } from '../../lib/state/registry.js'
import { headerOf } from '../../lib/message/headers.js'
import { historiesOf, DOWN, EVERYTHING, GONE, assertRules, SEEN, suspendedBy } from './histories.js'
import {
  answered,
  BY_HEADER,
  codeOf,
  failed,
  faultOf,
  from,
  group,
  address,
  request,
  simulate,
  type Simulation
} from '../support/flows/flow-run.js'

const MEMBERS = ['A', 'B', 'C']
const byHeader =
  (more: object = {}, members: (string | object)[] = MEMBERS) =>
    (): Simulation =>
      simulate(group('loadbalance', members, { session: { ...BY_HEADER, ...more } }))

/** The number of the member that owns session 7. */
const ownerIn = ({ registry }: Simulation): number | undefined =>
  registry.groups.get('loadbalance')!.sessions!.get('7')

t.test('a session of three messages stays at its member, whatever the network does', async t => {
  for (const each of historiesOf(byHeader(), [from('7'), from('7'), from('7')], EVERYTHING)) {
    assertRules(each)
    let owner: string | undefined
    const suspended = new Set<string>()
    for (const { tried, outcomes, end } of each.histories) {
      if (owner !== undefined) {
        assert.deepEqual(
          tried,
          suspended.has(owner) ? [] : [owner],
          'a session stays where it is, and is never silently moved'
        )
        if (suspended.has(owner)) assert.equal(codeOf(end), 'SESSION_NOT_READY')
        else if (end.kind === 'refused') assert.equal(codeOf(end), 'SESSION_NOT_READY')
        else if (end.kind === 'failed') {
          assert.equal(end.fault.code, faultOf(outcomes[0])!.code, 'the fault is that of the network')
        }
      } else {
        const last = outcomes.at(-1)
        // The member that responded owns the session; so does one that may have received a message that cannot be sent
        // again.
        if (end.kind === 'answered' || last === GONE) owner = tried.at(-1)
      }
      for (const name of suspendedBy({ tried, outcomes })) suspended.add(name)
    }
    const bound = ownerIn(each.gateway)
    assert.equal(bound === undefined ? undefined : MEMBERS[bound], owner)
  }
  t.pass()
})

t.test('messages of two sessions and of none: each session has its member, and messages without one bind nothing', async t => {
  const messages = [from('1'), from('2'), request(), from('1')]
  for (const each of historiesOf(byHeader({}, ['A', 'B']), messages, [answered(), DOWN, SEEN])) {
    assertRules(each)
    const [first, second, , again] = each.histories
    if (first!.end.kind === 'answered') assert.ok(again!.tried.every(name => name === first!.tried.at(-1)))
    if ([first, second].every(each => each!.outcomes.length === 1 && each!.end.kind === 'answered')) {
      assert.deepEqual([first!.tried, second!.tried], [['A'], ['B']])
    }
    assert.ok(
      each.gateway.registry.groups.get('loadbalance')!.sessions!.size <= 2,
      'a message without an id binds nothing'
    )
  }
  t.pass()
})

t.test('onLost="redispatch": the session moves, and no member is tried twice for one message', async t => {
  for (const each of historiesOf(byHeader({ onLost: 'redispatch' }), [from('7'), from('7'), from('7')])) {
    assertRules(each)
    let owner: string | undefined
    const suspended = new Set<string>()
    for (const { tried, outcomes, end } of each.histories) {
      if (owner !== undefined && !suspended.has(owner)) assert.equal(tried[0], owner)
      const last = outcomes.at(-1)
      if (end.kind === 'answered' || last === GONE) owner = tried.at(-1)
      else if (tried.length > 0 || suspended.size === 3) owner = undefined
      for (const name of suspendedBy({ tried, outcomes })) suspended.add(name)
    }
  }
  const gateway = byHeader({ onLost: 'redispatch' })()
  gateway.play(from('7'), answered())
  t.same(gateway.play(from('7'), DOWN, answered()).calls, ['A', 'B'])
  gateway.clock.now += 30_000
  t.same(gateway.play(from('7'), answered()).calls, ['B'], 'and stays where it went')

  t.test('onLost="redispatch": the session moves even when the member that failed is still ready', async t => {
    const unsuspended = ['A', 'B'].map(name => address(name, { suspendOnFailure: { errorCodes: [1] } }))
    const gateway = byHeader({ onLost: 'redispatch' }, unsuspended)()
    gateway.play(from('7'), answered())
    t.same(gateway.play(from('7'), DOWN, DOWN).calls, ['A', 'B'])
  })
  t.test('retry="unsent" holds for a session that moves', async t => {
    const gateway = simulate(
      group('loadbalance', MEMBERS, { session: { ...BY_HEADER, onLost: 'redispatch' }, retry: 'unsent' })
    )
    gateway.play(from('7'), answered())
    t.match(gateway.play(from('7'), SEEN), { calls: ['A'], over: true, end: { kind: 'failed', retry: 'none' } })
    gateway.clock.now += 30_000
    t.same(gateway.play(from('7'), DOWN, answered()).calls, ['A', 'B'])
  })
})

t.test('a group with sessions and failover="false" fails over in the first message all the same', async t => {
  const gateway = simulate(group('loadbalance', MEMBERS, { session: BY_HEADER, failover: false }))
  t.same(gateway.play(from('7'), DOWN, answered()).calls, ['A', 'B'])
  t.same(gateway.play(request(), answered()).calls, ['C'])
  t.same(gateway.play(request(), DOWN, answered()).calls, ['B', 'C'])
})

t.test(
  'a fault that may not be retried ends the first message, and the session stays bound (Apache Synapse, SALoadbalanceEndpoint)',
  async t => {
    const gateway = byHeader(
      {},
      MEMBERS.map(name => address(name, { retryConfig: { disabledErrorCodes: [101503] } }))
    )()
    t.match(gateway.play(from('7'), DOWN), { calls: ['A'], over: true, end: { kind: 'failed', retry: 'any' } })
    t.equal(codeOf(gateway.play(from('7')).end), 'SESSION_NOT_READY')
    gateway.clock.now += 30_000
    t.same(gateway.play(from('7'), answered()).calls, ['A'])
  }
)

t.test('strict sessions of three clients, one server down for a while, as the documentation of the engine describes', async t => {
  const gateway = simulate(group('loadbalance', MEMBERS, { session: { ...BY_HEADER, expiry: 'absolute' } }))
  for (const [id, name] of [
    ['1', 'A'],
    ['2', 'B'],
    ['3', 'C'],
    ['1', 'A']
  ] as const) {
    t.same(gateway.play(from(id), answered()).calls, [name])
  }
  t.equal(codeOf(gateway.play(from('1'), DOWN).end), 'CONNECTION_FAILED')
  t.equal(gateway.state('A'), 'suspended')
  gateway.clock.now += 29_999
  t.match(gateway.play(from('1')), { calls: [] })
  t.equal(codeOf(gateway.play(from('1')).end), 'SESSION_NOT_READY')
  t.same(gateway.play(from('4'), answered()).calls, ['B'], 'new sessions avoid it')
  gateway.clock.now += 1
  t.same(gateway.play(from('1'), answered()).calls, ['A'], 'the binding heals by itself')
  gateway.clock.now = 120_001
  t.same(gateway.play(from('1'), answered()).calls, ['C'], 'and is new when its time is over')
})

t.test('expiry decides what prolongs a session', async t => {
  const at = (expiry: object, times: readonly number[]): string[] => {
    const gateway = byHeader(expiry)()
    return times.flatMap(time => {
      gateway.clock.now = time
      return gateway.play(from('7'), answered()).calls
    })
  }
  t.same(at({}, [0, 100_000, 220_000, 340_001]), ['A', 'A', 'A', 'B'], 'two minutes from the last use')
  t.same(
    at({ expiry: 'absolute' }, [0, 100_000, 120_000, 120_001]),
    ['A', 'A', 'A', 'B'],
    'two minutes from the binding'
  )
  t.same(at({ sessionTimeout: 10 }, [0, 10, 21]), ['A', 'A', 'B'])
  const small = byHeader({ maxSessions: 2 })()
  for (const id of ['1', '2', '3']) small.play(from(id), answered())
  t.same(small.play(from('3'), answered()).calls, ['C'])
  t.same(
    small.play(from('1'), answered()).calls,
    ['A'],
    'the least recently used session was evicted: this is a new one, and A is next'
  )
  t.equal(small.registry.groups.get('loadbalance')!.sessions!.evicted, 2)
})

t.test('two first messages of one client at the same time', async t => {
  t.test('two first messages of a session end at one member', async t => {
    const gateway = byHeader()()
    const [a, b] = [gateway.send(from('7')), gateway.send(from('7'))]
    t.same([a.waitsAt, b.waitsAt], ['A', 'A'])
    t.equal(gateway.registry.endpoints.get('A')!.inFlight, 2)
  })
  t.test('two first messages of a session whose member fails for both fail over to the same member', async t => {
    const gateway = byHeader()()
    const [a, b] = [gateway.send(from('7')), gateway.send(from('7'))]
    t.equal(a.next(DOWN).waitsAt, 'B')
    t.equal(b.next(DOWN).waitsAt, 'B')
    a.next(answered())
    b.next(answered())
    t.same(gateway.play(from('7'), answered()).calls, ['B'])
  })
  t.test('in every order of events no member is tried twice, and an answered session has one member', async t => {
    const ways = [answered(), DOWN, SEEN]
    let run = 0
    /** At each step one of the two messages gets one of the outcomes. */
    const walk = (steps: readonly (readonly [0 | 1, number])[]): void => {
      const gateway = byHeader()()
      const both = [gateway.send(from('7')), gateway.send(from('7'))] as const
      for (const [index, what] of steps) both[index].next(ways[what]!)
      for (const { calls } of both) assert.equal(new Set(calls).size, calls.length)
      if (both.every(({ over }) => over)) {
        run++
        for (const { inFlight } of gateway.registry.endpoints.values()) assert.equal(inFlight, 0)
        const [one, other] = both.map(({ calls, end }) => (end!.kind === 'answered' ? calls.at(-1) : undefined))
        const bound = ownerIn(gateway)
        if (bound !== undefined && (one ?? other) !== undefined) {
          assert.ok([one, other].includes(MEMBERS[bound]), 'the session is where one of them was answered')
        }
        return
      }
      for (const index of [0, 1] as const) {
        if (!both[index].over) for (const what of ways.keys()) walk([...steps, [index, what]])
      }
    }
    walk([])
    t.ok(run > 100, `${run} sequences`)
  })
  t.test('a first message fails where another one has its response: the session stays, and the first one fails', async t => {
    const gateway = byHeader()()
    const [a, b] = [gateway.send(from('7')), gateway.send(from('7'))]
    b.next(answered())
    t.match(a.next(DOWN), { calls: ['A'], over: true, end: { kind: 'failed' } })
    t.equal(ownerIn(gateway), 0)
  })
  t.test('a first message moves the session, and then its old member responds to another one: the session returns', async t => {
    for (const expiry of ['sliding', 'absolute']) {
      const gateway = byHeader({ expiry })()
      const [a, b] = [gateway.send(from('7')), gateway.send(from('7'))]
      t.equal(a.next(SEEN).waitsAt, 'B')
      b.next(answered())
      t.equal(ownerIn(gateway), 0, expiry)
      t.ok(a.next(answered()).over)
      t.equal(ownerIn(gateway), 0, `${expiry}: the response of the other member does not move it again`)
    }
  })
  t.test('… also when the other member has responded before', async t => {
    const gateway = byHeader()()
    const [a, b] = [gateway.send(from('7')), gateway.send(from('7'))]
    a.next(SEEN).next(answered())
    b.next(answered())
    t.equal(ownerIn(gateway), 0)
  })
  t.test('… but not to a member that was switched off meanwhile, and not with onLost="redispatch"', async t => {
    for (const onLost of ['strict', 'redispatch']) {
      const gateway = byHeader({ onLost })()
      const [a, b] = [gateway.send(from('7')), gateway.send(from('7'))]
      a.next(SEEN)
      if (onLost === 'strict') gateway.registry.switchOff('A')
      b.next(answered())
      t.equal(ownerIn(gateway), 1, onLost)
    }
  })
  t.test('while a first message is in flight, a session whose member is switched off starts over, and fails over', async t => {
    const gateway = byHeader()()
    const [a, b] = [gateway.send(from('7')), gateway.send(from('7'))]
    b.next(answered())
    gateway.registry.switchOff('A')
    const c = gateway.send(from('7'))
    t.equal(c.waitsAt, 'B')
    t.equal(c.next(DOWN).waitsAt, 'C')
    t.ok(c.next(answered()).over)
    t.same(a.next(DOWN).calls, ['A', 'C'], 'the first message follows the session')
    a.next(answered())
    t.same(gateway.play(from('7'), answered()).calls, ['C'])
  })
  t.test('a first message that no member responds to does not release a session that has had a response', async t => {
    for (const onLost of ['strict', 'redispatch']) {
      const gateway = byHeader({ onLost }, ['A', 'B'])()
      const a = gateway.send(from('7')).next(DOWN)
      gateway.play(from('7'), answered())
      t.match(a.next(DOWN), { calls: ['A', 'B'], over: true, end: { kind: 'failed' } })
      t.equal(ownerIn(gateway), 1, onLost)
    }
  })
  t.test('two messages of a session that moves go to the same new member', async t => {
    const gateway = byHeader({ onLost: 'redispatch' })()
    gateway.play(from('7'), answered())
    const [a, b] = [gateway.send(from('7')), gateway.send(from('7'))]
    t.equal(a.next(DOWN).waitsAt, 'B')
    t.equal(b.next(DOWN).waitsAt, 'B')
  })
})

t.test('another gateway binds the session, while this one is at work', async t => {
  const members = ['A', 'B', 'C'].map(name => address(name, { suspendOnFailure: { errorCodes: [1] } }))
  /** The first message of a session is at A; another gateway binds the session to another member, and A fails. */
  const moved = (
    onLost: string,
    to: number
  ): { run: ReturnType<Simulation['send']>; bind: (member: number) => void; bound: () => number | undefined } => {
    const gateway = byHeader({ onLost }, members)()
    const run = gateway.send(from('7'))
    const { sessions } = gateway.registry.groups.get('loadbalance')!
    sessions!.set('7', to)
    return {
      run: run.next(DOWN),
      bind: member => {
        sessions!.set('7', member)
      },
      bound: () => sessions!.get('7')
    }
  }
  t.test('a session bound by another gateway meanwhile: the message goes to its member', async t => {
    for (const onLost of ['strict', 'redispatch']) {
      const { run, bound } = moved(onLost, 2)
      t.same(run.next(answered()).calls, ['A', 'C'])
      t.equal(bound(), 2)
    }
  })
  t.test('a strict session bound by another gateway meanwhile: the message fails with its member', async t => {
    const { run, bound } = moved('strict', 2)
    t.match(run.next(DOWN), { calls: ['A', 'C'], over: true, end: { kind: 'failed' } })
    t.equal(bound(), 2)
  })
  t.test('redispatch after another gateway bound the session: no member is left out', async t => {
    const { run, bound } = moved('redispatch', 2)
    t.same(run.next(DOWN).next(answered()).calls, ['A', 'C', 'B'])
    t.equal(bound(), 1)
  })
  t.test(
    'redispatch to a member that already failed for this message: it is not tried again, and the session moves on',
    async t => {
      const { run, bind, bound } = moved('redispatch', 0)
      bind(0)
      t.same(run.next(DOWN).next(answered()).calls, ['A', 'B', 'C'])
      t.equal(bound(), 2)
    }
  )
  t.test('strict session: a member that already failed is not retried', async t => {
    const { run, bind, bound } = moved('strict', 0)
    bind(0)
    t.match(run.next(DOWN), { calls: ['A', 'B'], over: true, end: { kind: 'failed' } })
    t.equal(bound(), 0)
  })
  t.test('no member responds: what another gateway has bound stays', async t => {
    const { run, bind, bound } = moved('redispatch', 0)
    t.same(run.next(DOWN).calls, ['A', 'B', 'C'])
    bind(1)
    t.ok(run.next(DOWN).over)
    t.equal(bound(), 1)
  })
})

t.test('released: sessions of an endpoint that is switched off, drained or removed', async t => {
  t.test('a session whose endpoint is switched off starts over at another member, and stays there', async t => {
    for (const onLost of ['strict', 'redispatch']) {
      const gateway = byHeader({ onLost })()
      gateway.play(from('7'), answered())
      gateway.registry.switchOff('A')
      t.same(gateway.play(from('7'), answered()).calls, ['B'])
      gateway.registry.switchOn('A')
      t.same(gateway.play(from('7'), answered()).calls, ['B'])
    }
  })
  t.test('a session whose nested group is switched off starts over', async t => {
    const gateway = simulate(
      group('loadbalance', [group('failover', ['A', 'B'], { name: 'first' }), 'C'], { session: BY_HEADER })
    )
    t.same(gateway.play(from('7'), answered()).calls, ['A'])
    gateway.registry.switchOff('A')
    t.same(gateway.play(from('7'), answered()).calls, ['B'], 'part of it is not enough')
    gateway.registry.switchOff('first')
    t.same(gateway.play(from('7'), answered()).calls, ['C'])
  })
  t.test('a drained server keeps its sessions and gets no new ones', async t => {
    const gateway = byHeader()()
    gateway.play(from('7'), answered())
    gateway.registry.drain('A')
    t.same(gateway.play(from('7'), answered()).calls, ['A'])
    t.same(
      ['8', '9', '10'].flatMap(id => gateway.play(from(id), answered()).calls),
      ['B', 'C', 'B']
    )
    t.same(gateway.play(request(), answered()).calls, ['C'], 'nor messages of none')
  })
  t.test('a session whose server is no member any more starts over; the others keep theirs', async t => {
    const before = byHeader()()
    for (const id of ['1', '2', '3']) before.play(from(id), answered())
    const after = simulate(group('loadbalance', ['C', 'A'], { session: BY_HEADER }), { registry: before.registry })
    before.registry.release(before.configuration.lease)
    t.same(after.play(from('1'), answered()).calls, ['A'])
    t.same(after.play(from('3'), answered()).calls, ['C'])
    t.same(after.play(from('2'), answered()).calls, ['C'], 'B is gone')
    t.same(after.play(from('2'), answered()).calls, ['C'])
    t.throws(() => after.registry.switchOff('B'), RangeError)
  })
  t.test('a message whose session expires while it is in flight gets the fault of the network', async t => {
    const gateway = byHeader()()
    gateway.play(from('7'), answered())
    const slow = gateway.send(from('7'))
    gateway.clock.now += 120_001
    t.match(slow.next(DOWN), { over: true, end: { kind: 'failed' } })
  })
})

t.test('trial: after a suspension one new message is sent, and messages of bound sessions too', async t => {
  const gateway = byHeader()()
  gateway.play(from('7'), answered())
  gateway.play(from('7'), DOWN)
  gateway.clock.now += 30_000
  const trial = gateway.send(from('8'))
  t.equal(trial.waitsAt, 'B', 'it is the turn of B')
  trial.next(answered())
  const [trying, other, own] = [gateway.send(from('9')), gateway.send(from('10')), gateway.send(from('7'))]
  t.same([trying.waitsAt, other.waitsAt, own.waitsAt], ['C', 'A', 'A'])
  t.match(gateway.registry.endpoints.get('A')!.health, { state: 'half-open', trial: { startedAt: 30_000 } })
  t.equal(gateway.send(from('11')).waitsAt, 'B', 'A is being tried')
  gateway.send(from('12'))
  t.equal(gateway.send(from('13')).waitsAt, 'B')
  other.next(answered())
  t.equal(gateway.state('A'), 'active')
})

t.test('a session that the back-end names belongs to the member that named it', async t => {
  const http = (more: object = {}): Simulation =>
    simulate(group('loadbalance', MEMBERS, { session: { kind: 'http', ...more } }))
  const set = (value: string, ...more: string[]): ReturnType<typeof answered> =>
    answered(['Set-Cookie', `JSESSIONID=${value}; Path=/`, ...more])
  const having = (cookie: string): ReturnType<typeof request> => request(['Cookie', cookie])

  t.test('a session of the back-end is bound by the response that names it', async t => {
    const gateway = http()
    t.same(gateway.play(request(), set('1')).calls, ['A'])
    t.same(gateway.play(request(), set('2')).calls, ['B'])
    t.same(gateway.play(having('JSESSIONID=1'), answered()).calls, ['A'])
    t.same(gateway.play(having('theme=dark; JSESSIONID="2"'), answered()).calls, ['B'], 'quoted by the client')
    t.same(gateway.play(having('JSESSIONID=1; JSESSIONID=2'), answered()).calls, ['A'], 'the first that is known')
    t.same(gateway.play(having('JSESSIONID=0; JSESSIONID=2'), answered()).calls, ['B'])
  })
  t.test('a session of the back-end may get another id', async t => {
    const gateway = http()
    gateway.play(request(), set('1'))
    t.same(gateway.play(having('JSESSIONID=1'), set('renewed')).calls, ['A'])
    t.same(gateway.play(having('JSESSIONID=renewed'), answered()).calls, ['A'])
    t.same(
      gateway.play(having('JSESSIONID=1'), answered()).calls,
      ['A'],
      'messages that were on their way still know the old one'
    )
  })
  t.test('a stale session id is not forwarded, other cookies are', async t => {
    const gateway = http()
    const run = gateway.play(having('a=b; JSESSIONID=stale; c=d'), set('1'))
    t.equal(headerOf(run.sent[0]!.headers, 'cookie'), 'a=b; c=d')
    t.equal(headerOf(gateway.play(having('JSESSIONID=stale'), answered()).sent[0]!.headers, 'cookie'), undefined)
    t.equal(
      headerOf(gateway.play(having('a=b; JSESSIONID=1'), answered()).sent[0]!.headers, 'cookie'),
      'a=b; JSESSIONID=1',
      'a known one does'
    )
  })
  t.test('two first messages of a client that has no session id yet may go to two servers', async t => {
    const gateway = http()
    t.same([gateway.send(request()).waitsAt, gateway.send(request()).waitsAt], ['A', 'B'])
  })
  t.test('a redispatched session is a new one for its new server', async t => {
    const gateway = http({ onLost: 'redispatch' })
    gateway.play(request(), set('1'))
    const run = gateway.play(having('JSESSIONID=1; x=y'), DOWN, set('2'))
    t.same(run.calls, ['A', 'B'])
    t.same(
      run.sent.map(({ headers }) => headerOf(headers, 'cookie')),
      ['JSESSIONID=1; x=y', 'x=y']
    )
    t.same(gateway.play(having('JSESSIONID=2'), answered()).calls, ['B'])
  })
  t.test('sessions of the back-end: all rules hold, and later messages go to the member that named the session', async t => {
    for (const each of historiesOf(
      () => http(),
      [request(), having('JSESSIONID=1'), having('JSESSIONID=1')],
      [set('1'), DOWN, SEEN, GONE]
    )) {
      assertRules(each)
      const answeredAt = each.histories.findIndex(({ end }) => end.kind === 'answered')
      if (answeredAt >= 0) {
        for (const { tried } of each.histories.slice(answeredAt + 1)) {
          assert.ok(tried.every(name => name === each.histories[answeredAt]!.tried.at(-1)))
        }
      }
    }
    t.pass()
  })
})

t.test('no fault contains a session id', async t => {
  const secret = 'sEcReT'
  for (const session of [BY_HEADER, { kind: 'http' }, { kind: 'cookie', keys: ['k'.repeat(32)] }]) {
    const gateway = simulate(group('loadbalance', MEMBERS, { session }))
    const message = request(['X-Session', secret, 'Cookie', `JSESSIONID=${secret}`])
    gateway.play(message, answered(['Set-Cookie', `JSESSIONID=${secret}`]))
    for (const run of [gateway.play(message, failed()), gateway.send(message)]) {
      t.notMatch(JSON.stringify(faultOf(run.end) ?? {}), secret)
    }
  }
})

t.test('a strict session of a failed member ends after its timeout, however often its client tries', async t => {
  const gateway = byHeader({ sessionTimeout: 60_000 })()
  t.same(gateway.play(from('7'), answered()).calls, ['A'])
  gateway.play(from('7'), DOWN)
  for (let tries = 0; tries < 6; tries++) {
    gateway.clock.now += 10_000
    const run = gateway.send(from('7'))
    if (!run.over) run.next(DOWN)
    t.not(run.end?.kind, 'answered')
  }
  gateway.clock.now += 1
  t.same(gateway.play(from('7'), answered()).calls, ['B'], 'it starts over')
})

t.test('a response prolongs a session, with sliding expiry only', async t => {
  const calls = (expiry: string): readonly string[] => {
    const gateway = byHeader({ sessionTimeout: 60_000, expiry })()
    return Array.from({ length: 4 }, () => {
      gateway.clock.now += 40_000
      return gateway.play(from('7'), answered()).calls[0]!
    })
  }
  t.same(calls('sliding'), ['A', 'A', 'A', 'A'])
  t.same(calls('absolute'), ['A', 'A', 'B', 'B'])
})

t.test('a session whose response takes longer than its timeout continues', async t => {
  const gateway = byHeader({ sessionTimeout: 60_000 })()
  gateway.play(from('7'), answered())
  const slow = gateway.send(from('7'))
  gateway.clock.now += 70_000
  slow.next(answered())
  t.same(gateway.play(from('7'), answered()).calls, ['A'])
})

t.test('sessions are looked up, counted and released by their group', async t => {
  const gateway = byHeader()()
  for (const id of ['1', '2', '3', '4']) gateway.play(from(id), answered())
  const { registry } = gateway
  t.equal(registry.sessionOwner('loadbalance', '2'), 'B')
  t.equal(registry.sessionOwner('loadbalance', '5'), undefined)
  t.same(countsOf(registry), { A: 2, B: 1, C: 1 })
  t.equal(registry.releaseSession('loadbalance', '2'), true)
  t.equal(registry.releaseSession('loadbalance', '2'), false)
  t.equal(registry.releaseSessions('loadbalance', 'A'), 2)
  t.same(countsOf(registry), { C: 1 })
  t.throws(() => registry.sessionOwner('A', '1'), RangeError)
})

const countsOf = (registry: Pick<Registry, 'sessionsByMember'>): Record<string, number> =>
  Object.fromEntries([...registry.sessionsByMember('loadbalance')].map(([name, { count }]) => [name, count]))
