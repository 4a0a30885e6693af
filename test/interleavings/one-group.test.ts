/**
 * Every story of a group without sessions: what the network may do to three messages in a row, and what must hold
 * whatever it does.
 */
import assert from 'node:assert/strict'
import t from 'tap'
import type { Outcome } from '../../lib/contracts/flow.js'
import { chaptersOf, GONE, lawful, SEEN, suspendedBy } from './chapters.js'
import { answered, codeOf, failed, faultOf, group, leaf, request, stage, type Stage } from './stage.js'

const three = [request(), request(), request()]
const two = [request(), request()]

t.test('round robin takes the members in turn', async t => {
  const build = (): Stage => stage(group('loadbalance', ['A', 'B', 'C']))
  const all = chaptersOf(build, three)
  t.comment(`${all.length} stories`)
  t.ok(all.length > 4_000)
  t.test('the laws', async t => {
    for (const each of all) lawful(each)
    t.pass()
  })

  t.test('the pointer moves as in the original', async t => {
    for (const { chapters } of all) {
      let pointer = 0
      const suspended = new Set<string>()
      for (const { asked, outcomes } of chapters) {
        const expected: string[] = []
        const looked = new Set<string>()
        // RoundRobin of Apache Synapse, for one message after the other: at most one full turn for each pick.
        for (
          let call = 0;
          call === 0 ||
          (call <= outcomes.length && outcomes[call - 1]!.kind !== 'answered' && outcomes[call - 1] !== GONE);
          call++
        ) {
          let picked: string | undefined
          while (looked.size < 3 && picked === undefined) {
            const name = 'ABC'[pointer]!
            pointer = (pointer + 1) % 3
            if (looked.has(name)) continue
            looked.add(name)
            if (!suspended.has(name)) picked = name
          }
          if (picked === undefined) {
            pointer = (pointer + 1) % 3
            break
          }
          expected.push(picked)
        }
        for (const name of suspendedBy({ asked, outcomes })) suspended.add(name)
        assert.deepEqual(asked, expected)
      }
    }
    t.pass()
  })

  t.test('a fault reports the last failure, or that no member was ready', async t => {
    for (const { chapters } of all) {
      for (const { outcomes, end } of chapters) {
        if (end.kind === 'answered') continue
        const last = outcomes.findLast(({ kind }) => kind === 'failed')
        assert.equal(codeOf(end), last === undefined ? 'NONE_READY' : codeOf(last))
        assert.equal(end.kind, last === undefined ? 'refused' : 'failed')
        if (end.kind === 'failed') {
          assert.equal(
            end.fault.requestSent,
            outcomes.some(each => faultOf(each)?.requestSent),
            'a message that a member may have seen counts as sent'
          )
        }
      }
    }
    t.pass()
  })
})

t.test('failover="false": one failure ends the message, and the outer group does not try another member', async t => {
  for (const each of chaptersOf(() => stage(group('loadbalance', ['A', 'B', 'C'], { failover: false })), three)) {
    lawful(each)
    for (const { outcomes, end } of each.chapters) {
      assert.ok(outcomes.filter(({ kind }) => kind === 'failed').length <= 1)
      if (end.kind === 'failed') assert.equal(end.retry, 'none')
    }
  }
  const scene = stage(group('loadbalance', ['A', 'B'], { failover: false }))
  scene.play(request(), failed())
  t.equal(scene.state('A'), 'suspended', 'and yet it is suspended')
  t.same(scene.play(request(), answered()).calls, ['B'])
  t.same(scene.play(request(), answered()).calls, ['B'], 'which is passed over')
})

t.test('retry="unsent": no member gets what another member may have seen', async t => {
  for (const each of chaptersOf(() => stage(group('loadbalance', ['A', 'B', 'C'], { retry: 'unsent' })), two)) {
    lawful(each)
    for (const { outcomes, end } of each.chapters) {
      assert.ok(!outcomes.slice(0, -1).includes(SEEN))
      if (outcomes.at(-1) === SEEN) assert.equal(end.kind === 'failed' && end.retry, 'none')
    }
  }
  t.pass()
})

t.test('retryConfig decides whether the next member is tried', async t => {
  const tried = (retryConfig: object, outcome: Outcome): readonly string[] => {
    const scene = stage(group('loadbalance', [leaf('A', { retryConfig }), 'B']))
    const told = scene.play(request(), outcome)
    if (!told.over) told.next(answered())
    return told.calls
  }
  t.same(tried({ disabledErrorCodes: [101503] }, failed('CONNECTION_FAILED')), ['A'])
  t.same(tried({ disabledErrorCodes: [101503] }, failed('CONNECTION_TIMEOUT')), ['A', 'B'])
  t.same(tried({ enabledErrorCodes: [101503] }, failed('CONNECTION_FAILED')), ['A', 'B'])
  t.same(tried({ enabledErrorCodes: [101503] }, failed('CONNECTION_TIMEOUT')), ['A'])
  t.same(
    tried({ enabledErrorCodes: [101503], disabledErrorCodes: [101503] }, failed('CONNECTION_FAILED')),
    ['A'],
    'disabled stands above enabled (WSO2)'
  )
  t.same(tried({ enabledErrorCodes: [] }, failed()), ['A', 'B'], 'an empty list enables all')

  for (const each of chaptersOf(
    () =>
      stage(
        group(
          'loadbalance',
          ['A', 'B', 'C'].map(name => leaf(name, { retryConfig: { disabledErrorCodes: [101505] } }))
        )
      ),
    two
  )) {
    lawful(each)
    for (const { outcomes } of each.chapters) assert.ok(!outcomes.slice(0, -1).includes(SEEN))
  }
})

t.test('failover group: the first that is ready, each time', async t => {
  for (const each of chaptersOf(() => stage(group('failover', ['A', 'B', 'C'])), three)) {
    lawful(each)
    const suspended = new Set<string>()
    for (const { asked, outcomes } of each.chapters) {
      assert.deepEqual(asked, [...'ABC'].filter(name => !suspended.has(name)).slice(0, asked.length))
      for (const name of suspendedBy({ asked, outcomes })) suspended.add(name)
    }
  }
  t.pass()
})

t.test('static failover group: it stays with the member that it tried last', async t => {
  const scene = stage(group('failover', ['A', 'B', 'C'], { dynamic: false }))
  t.same(scene.play(request(), failed(), answered()).calls, ['A', 'B'])
  scene.clock.now += 30_000
  t.same(scene.play(request(), answered()).calls, ['B'], 'although A is back')
  t.same(scene.play(request(), failed(), answered()).calls, ['B', 'A'], 'then it begins again with the first')
  t.same(scene.play(request(), answered()).calls, ['A'])

  t.test('a late message of the first does not turn it back', async t => {
    const scene = stage(group('failover', ['A', 'B'], { dynamic: false }))
    const late = scene.send(request())
    scene.play(request(), failed(), answered())
    late.next(answered())
    t.equal(scene.state('A'), 'active')
    t.same(scene.play(request(), answered()).calls, ['B'])
  })
  t.test('a message without a ready member changes no order', async t => {
    const scene = stage(group('failover', ['A', 'B', 'C'], { dynamic: false }))
    for (const name of ['A', 'B', 'C']) scene.registry.switchOff(name)
    t.equal(codeOf(scene.play(request()).end), 'NONE_READY')
    scene.registry.switchOn('failover')
    t.same(scene.play(request(), answered()).calls, ['A'])
  })
  t.test('the laws', async t => {
    for (const each of chaptersOf(() => stage(group('failover', ['A', 'B', 'C'], { dynamic: false })), three)) {
      lawful(each)
    }
    t.pass()
  })
})

t.test('a member that cannot send a message at all does not hide why', async t => {
  const broken: Outcome = {
    kind: 'refused',
    fault: { code: 101500, reason: 'supposed: no header', requestSent: false }
  }
  const scene = stage(group('loadbalance', ['A', 'B']))
  const told = scene.play(request(), broken, broken)
  t.same(told.calls, ['A', 'B'])
  t.match(told.end, { kind: 'refused', fault: { reason: 'supposed: no header' } })
  t.match(
    scene.play(request(), { ...broken, fault: { ...broken.fault, requestSent: true } }),
    { calls: ['B'], over: true },
    'a body that broke off on its way is not sent again'
  )
})

t.test('a client that disconnects, at any moment, suspends no endpoint', async t => {
  for (const before of [0, 1, 2]) {
    const scene = stage(group('loadbalance', ['A', 'B', 'C']))
    const told = scene.send(request())
    for (let each = 0; each < before; each++) told.next(failed())
    const name = 'ABC'[before]!
    t.equal(scene.registry.endpoints.get(name)!.inFlight, 1)
    told.leave()
    t.equal(scene.registry.endpoints.get(name)!.inFlight, 0)
    t.equal(scene.state(name), 'active')
  }
})

t.test('one endpoint cannot be a member twice', async t => {
  const key = { kind: 'reference', key: 'x' }
  t.throws(
    () => stage(group('loadbalance', [key, key]), { endpoints: { x: leaf('x') } }),
    /the endpoint x is a member twice/
  )
  t.throws(
    () => stage(group('failover', [key, key]), { endpoints: { x: leaf('x') } }),
    /the endpoint x is a member twice/
  )
})
