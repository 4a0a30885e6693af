/** Every story of a group whose messages belong to sessions. */
import assert from 'node:assert/strict'
import t from 'tap'
import type { Registry } from '../../lib/state/registry.js'
import { headerOf } from '../../lib/message/headers.js'
import { chaptersOf, DOWN, EVERYTHING, GONE, lawful, SEEN, suspendedBy } from './chapters.js'
import {
  answered,
  BY_HEADER,
  codeOf,
  failed,
  faultOf,
  from,
  group,
  leaf,
  request,
  stage,
  type Stage
} from './stage.js'

const MEMBERS = ['A', 'B', 'C']
const byHeader =
  (more: object = {}, members: (string | object)[] = MEMBERS) =>
    (): Stage =>
      stage(group('loadbalance', members, { session: { ...BY_HEADER, ...more } }))

t.test('a session of three messages, whatever the network does', async t => {
  for (const each of chaptersOf(byHeader(), [from('7'), from('7'), from('7')], EVERYTHING)) {
    lawful(each)
    let home: string | undefined
    const suspended = new Set<string>()
    for (const { asked, outcomes, end } of each.chapters) {
      if (home !== undefined) {
        assert.deepEqual(
          asked,
          suspended.has(home) ? [] : [home],
          'a session stays where it is, and is never silently moved'
        )
        if (suspended.has(home)) assert.equal(codeOf(end), 'SESSION_NOT_READY')
        else if (end.kind === 'refused') assert.equal(codeOf(end), 'SESSION_NOT_READY')
        else if (end.kind === 'failed') {
          assert.equal(end.fault.code, faultOf(outcomes[0])!.code, 'the fault says what the network said')
        }
      } else {
        const last = outcomes.at(-1)
        // The member that answered owns the session; so does one that may have taken a message that cannot be sent
        // again.
        if (end.kind === 'answered' || last === GONE) home = asked.at(-1)
      }
      for (const name of suspendedBy({ asked, outcomes })) suspended.add(name)
    }
    const bound = each.scene.registry.groups.get('loadbalance')!.sessions!.get('7')
    assert.equal(bound === undefined ? undefined : MEMBERS[bound], home)
  }
  t.pass()
})

t.test('messages of two sessions and of none', async t => {
  const messages = [from('1'), from('2'), request(), from('1')]
  for (const each of chaptersOf(byHeader({}, ['A', 'B']), messages, [answered(), DOWN, SEEN])) {
    lawful(each)
    const [first, second, , again] = each.chapters
    if (first!.end.kind === 'answered') assert.ok(again!.asked.every(name => name === first!.asked.at(-1)))
    if ([first, second].every(each => each!.outcomes.length === 1 && each!.end.kind === 'answered')) {
      assert.deepEqual([first!.asked, second!.asked], [['A'], ['B']])
    }
    assert.ok(
      each.scene.registry.groups.get('loadbalance')!.sessions!.size <= 2,
      'a message without an id binds nothing'
    )
  }
  t.pass()
})

t.test('onLost="redispatch": the session moves, and no member is tried twice for one message', async t => {
  for (const each of chaptersOf(byHeader({ onLost: 'redispatch' }), [from('7'), from('7'), from('7')])) {
    lawful(each)
    let home: string | undefined
    const suspended = new Set<string>()
    for (const { asked, outcomes, end } of each.chapters) {
      if (home !== undefined && !suspended.has(home)) assert.equal(asked[0], home)
      const last = outcomes.at(-1)
      if (end.kind === 'answered' || last === GONE) home = asked.at(-1)
      else if (asked.length > 0 || suspended.size === 3) home = undefined
      for (const name of suspendedBy({ asked, outcomes })) suspended.add(name)
    }
  }
  const scene = byHeader({ onLost: 'redispatch' })()
  scene.play(from('7'), answered())
  t.same(scene.play(from('7'), DOWN, answered()).calls, ['A', 'B'])
  scene.clock.now += 30_000
  t.same(scene.play(from('7'), answered()).calls, ['B'], 'and stays where it went')

  t.test('also when the lost one is still ready', async t => {
    const unsuspended = ['A', 'B'].map(name => leaf(name, { suspendOnFailure: { errorCodes: [1] } }))
    const scene = byHeader({ onLost: 'redispatch' }, unsuspended)()
    scene.play(from('7'), answered())
    t.same(scene.play(from('7'), DOWN, DOWN).calls, ['A', 'B'])
  })
  t.test('retry="unsent" holds for a session that moves', async t => {
    const scene = stage(
      group('loadbalance', MEMBERS, { session: { ...BY_HEADER, onLost: 'redispatch' }, retry: 'unsent' })
    )
    scene.play(from('7'), answered())
    t.match(scene.play(from('7'), SEEN), { calls: ['A'], over: true, end: { kind: 'failed', retry: 'none' } })
    scene.clock.now += 30_000
    t.same(scene.play(from('7'), DOWN, answered()).calls, ['A', 'B'])
  })
})

t.test('a group with sessions and failover="false" fails over in the first message all the same', async t => {
  const scene = stage(group('loadbalance', MEMBERS, { session: BY_HEADER, failover: false }))
  t.same(scene.play(from('7'), DOWN, answered()).calls, ['A', 'B'])
  t.same(scene.play(request(), answered()).calls, ['C'])
  t.same(scene.play(request(), DOWN, answered()).calls, ['B', 'C'])
})

t.test(
  'a fault that may not be retried ends the first message, and the session stays bound (Apache Synapse, SALoadbalanceEndpoint)',
  async t => {
    const scene = byHeader(
      {},
      MEMBERS.map(name => leaf(name, { retryConfig: { disabledErrorCodes: [101503] } }))
    )()
    t.match(scene.play(from('7'), DOWN), { calls: ['A'], over: true, end: { kind: 'failed', retry: 'any' } })
    t.equal(codeOf(scene.play(from('7')).end), 'SESSION_NOT_READY')
    scene.clock.now += 30_000
    t.same(scene.play(from('7'), answered()).calls, ['A'])
  }
)

t.test('the documented story: three clients, one server down for a while', async t => {
  const scene = stage(group('loadbalance', MEMBERS, { session: { ...BY_HEADER, expiry: 'absolute' } }))
  for (const [id, name] of [
    ['1', 'A'],
    ['2', 'B'],
    ['3', 'C'],
    ['1', 'A']
  ] as const) {
    t.same(scene.play(from(id), answered()).calls, [name])
  }
  t.equal(codeOf(scene.play(from('1'), DOWN).end), 'CONNECTION_FAILED')
  t.equal(scene.state('A'), 'suspended')
  scene.clock.now += 29_999
  t.match(scene.play(from('1')), { calls: [] })
  t.equal(codeOf(scene.play(from('1')).end), 'SESSION_NOT_READY')
  t.same(scene.play(from('4'), answered()).calls, ['B'], 'new sessions avoid it')
  scene.clock.now += 1
  t.same(scene.play(from('1'), answered()).calls, ['A'], 'the binding heals by itself')
  scene.clock.now = 120_001
  t.same(scene.play(from('1'), answered()).calls, ['C'], 'and is made anew when its time is over')
})

t.test('expiry decides what prolongs a session', async t => {
  const at = (expiry: object, times: readonly number[]): string[] => {
    const scene = byHeader(expiry)()
    return times.flatMap(time => {
      scene.clock.now = time
      return scene.play(from('7'), answered()).calls
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
    'the one used the longest ago was forgotten: this is a new session, whose turn is at A'
  )
  t.equal(small.registry.groups.get('loadbalance')!.sessions!.evicted, 2)
})

t.test('two first messages of one client at once', async t => {
  t.test('two first messages of a session end at one member', async t => {
    const scene = byHeader()()
    const [a, b] = [scene.send(from('7')), scene.send(from('7'))]
    t.same([a.asks, b.asks], ['A', 'A'])
    t.equal(scene.registry.endpoints.get('A')!.inFlight, 2)
  })
  t.test('which fails for one and then for the other: they meet at the next one', async t => {
    const scene = byHeader()()
    const [a, b] = [scene.send(from('7')), scene.send(from('7'))]
    t.equal(a.next(DOWN).asks, 'B')
    t.equal(b.next(DOWN).asks, 'B')
    a.next(answered())
    b.next(answered())
    t.same(scene.play(from('7'), answered()).calls, ['B'])
  })
  t.test('in every order of events no member is tried twice, and an answered session has one member', async t => {
    const ways = [answered(), DOWN, SEEN]
    let told = 0
    /** Each step one of the two messages hears one of the outcomes. */
    const walk = (steps: readonly (readonly [0 | 1, number])[]): void => {
      const scene = byHeader()()
      const both = [scene.send(from('7')), scene.send(from('7'))] as const
      for (const [who, what] of steps) both[who].next(ways[what]!)
      for (const { calls } of both) assert.equal(new Set(calls).size, calls.length)
      if (both.every(({ over }) => over)) {
        told++
        for (const { inFlight: inflight } of scene.registry.endpoints.values()) assert.equal(inflight, 0)
        const [one, other] = both.map(({ calls, end }) => (end!.kind === 'answered' ? calls.at(-1) : undefined))
        const bound = scene.registry.groups.get('loadbalance')!.sessions!.get('7')
        if (bound !== undefined && (one ?? other) !== undefined) {
          assert.ok([one, other].includes(MEMBERS[bound]), 'the session is where one of them was answered')
        }
        return
      }
      for (const who of [0, 1] as const) {
        if (!both[who].over) for (const what of ways.keys()) walk([...steps, [who, what]])
      }
    }
    walk([])
    t.ok(told > 100, `${told} stories`)
  })
  t.test('of a session that moves: both end at the same new server', async t => {
    const scene = byHeader({ onLost: 'redispatch' })()
    scene.play(from('7'), answered())
    const [a, b] = [scene.send(from('7')), scene.send(from('7'))]
    t.equal(a.next(DOWN).asks, 'B')
    t.equal(b.next(DOWN).asks, 'B')
  })
})

t.test('another gateway binds the session, while this one is at work', async t => {
  const members = ['A', 'B', 'C'].map(name => leaf(name, { suspendOnFailure: { errorCodes: [1] } }))
  /** The first message of a session is at A; another gateway binds the session to another member, and A fails. */
  const moved = (
    onLost: string,
    to: number
  ): { told: ReturnType<Stage['send']>; bind: (member: number) => void; bound: () => number | undefined } => {
    const scene = byHeader({ onLost }, members)()
    const told = scene.send(from('7'))
    const { sessions } = scene.registry.groups.get('loadbalance')!
    sessions!.set('7', to)
    return {
      told: told.next(DOWN),
      bind: member => {
        sessions!.set('7', member)
      },
      bound: () => sessions!.get('7')
    }
  }
  t.test('the message goes where the session is', async t => {
    for (const onLost of ['strict', 'redispatch']) {
      const { told, bound } = moved(onLost, 2)
      t.same(told.next(answered()).calls, ['A', 'C'])
      t.equal(bound(), 2)
    }
  })
  t.test('and waits for that one, like all messages of a strict session', async t => {
    const { told, bound } = moved('strict', 2)
    t.match(told.next(DOWN), { calls: ['A', 'C'], over: true, end: { kind: 'failed' } })
    t.equal(bound(), 2)
  })
  t.test('or moves on, and no member was left out', async t => {
    const { told, bound } = moved('redispatch', 2)
    t.same(told.next(DOWN).next(answered()).calls, ['A', 'C', 'B'])
    t.equal(bound(), 1)
  })
  t.test(
    'to the member that failed for this message already: it is not tried again, and the session moves on',
    async t => {
      const { told, bind, bound } = moved('redispatch', 0)
      bind(0)
      t.same(told.next(DOWN).next(answered()).calls, ['A', 'B', 'C'])
      t.equal(bound(), 2)
    }
  )
  t.test('of a strict session it waits for that one', async t => {
    const { told, bind, bound } = moved('strict', 0)
    bind(0)
    t.match(told.next(DOWN), { calls: ['A', 'B'], over: true, end: { kind: 'failed' } })
    t.equal(bound(), 0)
  })
  t.test('no member answers: what another gateway has bound stays', async t => {
    const { told, bind, bound } = moved('redispatch', 0)
    t.same(told.next(DOWN).calls, ['A', 'B', 'C'])
    bind(1)
    t.ok(told.next(DOWN).over)
    t.equal(bound(), 1)
  })
})

t.test('released: sessions of an endpoint that is switched off, drained or gone', async t => {
  t.test('a session whose endpoint is switched off begins anew at another member, and stays there', async t => {
    for (const onLost of ['strict', 'redispatch']) {
      const scene = byHeader({ onLost })()
      scene.play(from('7'), answered())
      scene.registry.switchOff('A')
      t.same(scene.play(from('7'), answered()).calls, ['B'])
      scene.registry.switchOn('A')
      t.same(scene.play(from('7'), answered()).calls, ['B'])
    }
  })
  t.test('a session whose nested group is switched off begins anew', async t => {
    const scene = stage(
      group('loadbalance', [group('failover', ['A', 'B'], { name: 'first' }), 'C'], { session: BY_HEADER })
    )
    t.same(scene.play(from('7'), answered()).calls, ['A'])
    scene.registry.switchOff('A')
    t.same(scene.play(from('7'), answered()).calls, ['B'], 'part of it is not enough')
    scene.registry.switchOff('first')
    t.same(scene.play(from('7'), answered()).calls, ['C'])
  })
  t.test('a drained server keeps its sessions and gets no new ones', async t => {
    const scene = byHeader()()
    scene.play(from('7'), answered())
    scene.registry.drain('A')
    t.same(scene.play(from('7'), answered()).calls, ['A'])
    t.same(
      ['8', '9', '10'].flatMap(id => scene.play(from(id), answered()).calls),
      ['B', 'C', 'B']
    )
    t.same(scene.play(request(), answered()).calls, ['C'], 'nor messages of none')
  })
  t.test('a session whose server is no member any more begins anew; the others keep theirs', async t => {
    const before = byHeader()()
    for (const id of ['1', '2', '3']) before.play(from(id), answered())
    const after = stage(group('loadbalance', ['C', 'A'], { session: BY_HEADER }), { registry: before.registry })
    before.registry.release(before.program.lease)
    t.same(after.play(from('1'), answered()).calls, ['A'])
    t.same(after.play(from('3'), answered()).calls, ['C'])
    t.same(after.play(from('2'), answered()).calls, ['C'], 'B is gone')
    t.same(after.play(from('2'), answered()).calls, ['C'])
    t.throws(() => after.registry.switchOff('B'), RangeError)
  })
  t.test('a message whose session expires while it is on its way is told what the network said', async t => {
    const scene = byHeader()()
    scene.play(from('7'), answered())
    const slow = scene.send(from('7'))
    scene.clock.now += 120_001
    t.match(slow.next(DOWN), { over: true, end: { kind: 'failed' } })
  })
})

t.test('a probe: after a suspension one message tries, and those of its sessions may pass as well', async t => {
  const scene = byHeader()()
  scene.play(from('7'), answered())
  scene.play(from('7'), DOWN)
  scene.clock.now += 30_000
  const probe = scene.send(from('8'))
  t.equal(probe.asks, 'B', 'it is the turn of B')
  probe.next(answered())
  const [trying, other, own] = [scene.send(from('9')), scene.send(from('10')), scene.send(from('7'))]
  t.same([trying.asks, other.asks, own.asks], ['C', 'A', 'A'])
  t.match(scene.registry.endpoints.get('A')!.health, { state: 'half-open', trial: { startedAt: 30_000 } })
  t.equal(scene.send(from('11')).asks, 'B', 'A is being tried')
  scene.send(from('12'))
  t.equal(scene.send(from('13')).asks, 'B')
  other.next(answered())
  t.equal(scene.state('A'), 'active')
})

t.test('a session that the back-end names belongs to the member that named it', async t => {
  const http = (more: object = {}): Stage =>
    stage(group('loadbalance', MEMBERS, { session: { kind: 'http', ...more } }))
  const set = (value: string, ...more: string[]): ReturnType<typeof answered> =>
    answered(['Set-Cookie', `JSESSIONID=${value}; Path=/`, ...more])
  const having = (cookie: string): ReturnType<typeof request> => request(['Cookie', cookie])

  t.test('it is bound with the answer that names it', async t => {
    const scene = http()
    t.same(scene.play(request(), set('1')).calls, ['A'])
    t.same(scene.play(request(), set('2')).calls, ['B'])
    t.same(scene.play(having('JSESSIONID=1'), answered()).calls, ['A'])
    t.same(scene.play(having('theme=dark; JSESSIONID="2"'), answered()).calls, ['B'], 'quoted by the client')
    t.same(scene.play(having('JSESSIONID=1; JSESSIONID=2'), answered()).calls, ['A'], 'the first that is known')
    t.same(scene.play(having('JSESSIONID=0; JSESSIONID=2'), answered()).calls, ['B'])
  })
  t.test('which may change it in the middle', async t => {
    const scene = http()
    scene.play(request(), set('1'))
    t.same(scene.play(having('JSESSIONID=1'), set('renewed')).calls, ['A'])
    t.same(scene.play(having('JSESSIONID=renewed'), answered()).calls, ['A'])
    t.same(
      scene.play(having('JSESSIONID=1'), answered()).calls,
      ['A'],
      'messages that were on their way still know the old one'
    )
  })
  t.test('a stale id goes no further, other cookies do', async t => {
    const scene = http()
    const told = scene.play(having('a=b; JSESSIONID=stale; c=d'), set('1'))
    t.equal(headerOf(told.sent[0]!.headers, 'cookie'), 'a=b; c=d')
    t.equal(headerOf(scene.play(having('JSESSIONID=stale'), answered()).sent[0]!.headers, 'cookie'), undefined)
    t.equal(
      headerOf(scene.play(having('a=b; JSESSIONID=1'), answered()).sent[0]!.headers, 'cookie'),
      'a=b; JSESSIONID=1',
      'a known one does'
    )
  })
  t.test('two at once may meet different servers: the client has no name yet', async t => {
    const scene = http()
    t.same([scene.send(request()).asks, scene.send(request()).asks], ['A', 'B'])
  })
  t.test('a redispatched session is a new one for its new server', async t => {
    const scene = http({ onLost: 'redispatch' })
    scene.play(request(), set('1'))
    const told = scene.play(having('JSESSIONID=1; x=y'), DOWN, set('2'))
    t.same(told.calls, ['A', 'B'])
    t.same(
      told.sent.map(({ headers }) => headerOf(headers, 'cookie')),
      ['JSESSIONID=1; x=y', 'x=y']
    )
    t.same(scene.play(having('JSESSIONID=2'), answered()).calls, ['B'])
  })
  t.test('every interleaving of a session keeps the laws', async t => {
    for (const each of chaptersOf(
      () => http(),
      [request(), having('JSESSIONID=1'), having('JSESSIONID=1')],
      [set('1'), DOWN, SEEN, GONE]
    )) {
      lawful(each)
      const answer = each.chapters.findIndex(({ end }) => end.kind === 'answered')
      if (answer >= 0) {
        for (const { asked } of each.chapters.slice(answer + 1)) {
          assert.ok(asked.every(name => name === each.chapters[answer]!.asked.at(-1)))
        }
      }
    }
    t.pass()
  })
})

t.test('no fault contains a session id', async t => {
  const secret = 'sEcReT'
  for (const session of [BY_HEADER, { kind: 'http' }, { kind: 'cookie', keys: ['k'.repeat(32)] }]) {
    const scene = stage(group('loadbalance', MEMBERS, { session }))
    const message = request(['X-Session', secret, 'Cookie', `JSESSIONID=${secret}`])
    scene.play(message, answered(['Set-Cookie', `JSESSIONID=${secret}`]))
    for (const told of [scene.play(message, failed()), scene.send(message)]) {
      t.notMatch(JSON.stringify(faultOf(told.end) ?? {}), secret)
    }
  }
})

t.test('a strict session of a dead member ends after its timeout, however often its client tries', async t => {
  const scene = byHeader({ sessionTimeout: 60_000 })()
  t.same(scene.play(from('7'), answered()).calls, ['A'])
  scene.play(from('7'), DOWN)
  for (let tries = 0; tries < 6; tries++) {
    scene.clock.now += 10_000
    const told = scene.send(from('7'))
    if (!told.over) told.next(DOWN)
    t.not(told.end?.kind, 'answered')
  }
  scene.clock.now += 1
  t.same(scene.play(from('7'), answered()).calls, ['B'], 'it begins anew')
})

t.test('a response prolongs a session, with sliding expiry only', async t => {
  const calls = (expiry: string): readonly string[] => {
    const scene = byHeader({ sessionTimeout: 60_000, expiry })()
    return Array.from({ length: 4 }, () => {
      scene.clock.now += 40_000
      return scene.play(from('7'), answered()).calls[0]!
    })
  }
  t.same(calls('sliding'), ['A', 'A', 'A', 'A'])
  t.same(calls('absolute'), ['A', 'A', 'B', 'B'])
})

t.test('a session whose response takes longer than its timeout goes on', async t => {
  const scene = byHeader({ sessionTimeout: 60_000 })()
  scene.play(from('7'), answered())
  const slow = scene.send(from('7'))
  scene.clock.now += 70_000
  slow.next(answered())
  t.same(scene.play(from('7'), answered()).calls, ['A'])
})

t.test('sessions are looked up, counted and released by their group', async t => {
  const scene = byHeader()()
  for (const id of ['1', '2', '3', '4']) scene.play(from(id), answered())
  const { registry } = scene
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
