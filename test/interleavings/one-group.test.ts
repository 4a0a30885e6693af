/**
 * Every sequence of outcomes for a group without sessions and three messages in a row, and the rules that hold for all.
 */
import assert from 'node:assert/strict'
import t from 'tap'
import type { Outcome } from '../../lib/contracts/flow.js'
import { historiesOf, GONE, assertRules, SEEN, suspendedBy } from './histories.js'
import {
  answered,
  codeOf,
  failed,
  faultOf,
  group,
  address,
  request,
  simulate,
  type Simulation
} from '../support/flows/flow-run.js'

const three = [request(), request(), request()]
const two = [request(), request()]

t.test('round robin takes the members in turn', async t => {
  const build = (): Simulation => simulate(group('loadbalance', ['A', 'B', 'C']))
  const all = historiesOf(build, three)
  t.comment(`${all.length} sequences`)
  t.ok(all.length > 4_000)
  t.test('round robin: the rules of every group hold', async t => {
    for (const each of all) assertRules(each)
    t.pass()
  })

  t.test('round robin: the pointer moves as in Apache Synapse', async t => {
    for (const { histories } of all) {
      let pointer = 0
      const suspended = new Set<string>()
      for (const { tried, outcomes } of histories) {
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
        for (const name of suspendedBy({ tried, outcomes })) suspended.add(name)
        assert.deepEqual(tried, expected)
      }
    }
    t.pass()
  })

  t.test('a fault reports the last failure, or that no member was ready', async t => {
    for (const { histories } of all) {
      for (const { outcomes, end } of histories) {
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
  for (const each of historiesOf(() => simulate(group('loadbalance', ['A', 'B', 'C'], { failover: false })), three)) {
    assertRules(each)
    for (const { outcomes, end } of each.histories) {
      assert.ok(outcomes.filter(({ kind }) => kind === 'failed').length <= 1)
      if (end.kind === 'failed') assert.equal(end.retry, 'none')
    }
  }
  const gateway = simulate(group('loadbalance', ['A', 'B'], { failover: false }))
  gateway.play(request(), failed())
  t.equal(gateway.state('A'), 'suspended', 'and yet it is suspended')
  t.same(gateway.play(request(), answered()).calls, ['B'])
  t.same(gateway.play(request(), answered()).calls, ['B'], 'which is passed over')
})

t.test('retry="unsent": no member gets what another member may have seen', async t => {
  for (const each of historiesOf(() => simulate(group('loadbalance', ['A', 'B', 'C'], { retry: 'unsent' })), two)) {
    assertRules(each)
    for (const { outcomes, end } of each.histories) {
      assert.ok(!outcomes.slice(0, -1).includes(SEEN))
      if (outcomes.at(-1) === SEEN) assert.equal(end.kind === 'failed' && end.retry, 'none')
    }
  }
  t.pass()
})

t.test('retryConfig decides whether the next member is tried', async t => {
  const tried = (retryConfig: object, outcome: Outcome): readonly string[] => {
    const gateway = simulate(group('loadbalance', [address('A', { retryConfig }), 'B']))
    const run = gateway.play(request(), outcome)
    if (!run.over) run.next(answered())
    return run.calls
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

  for (const each of historiesOf(
    () =>
      simulate(
        group(
          'loadbalance',
          ['A', 'B', 'C'].map(name => address(name, { retryConfig: { disabledErrorCodes: [101505] } }))
        )
      ),
    two
  )) {
    assertRules(each)
    for (const { outcomes } of each.histories) assert.ok(!outcomes.slice(0, -1).includes(SEEN))
  }
})

t.test('failover group: each message goes to the first ready member', async t => {
  for (const each of historiesOf(() => simulate(group('failover', ['A', 'B', 'C'])), three)) {
    assertRules(each)
    const suspended = new Set<string>()
    for (const { tried, outcomes } of each.histories) {
      assert.deepEqual(tried, [...'ABC'].filter(name => !suspended.has(name)).slice(0, tried.length))
      for (const name of suspendedBy({ tried, outcomes })) suspended.add(name)
    }
  }
  t.pass()
})

t.test('static failover group: it stays with the member that it tried last', async t => {
  const gateway = simulate(group('failover', ['A', 'B', 'C'], { dynamic: false }))
  t.same(gateway.play(request(), failed(), answered()).calls, ['A', 'B'])
  gateway.clock.now += 30_000
  t.same(gateway.play(request(), answered()).calls, ['B'], 'although A is back')
  t.same(gateway.play(request(), failed(), answered()).calls, ['B', 'A'], 'then it begins again with the first')
  t.same(gateway.play(request(), answered()).calls, ['A'])

  t.test('static failover group: a late response of the first member changes no order', async t => {
    const gateway = simulate(group('failover', ['A', 'B'], { dynamic: false }))
    const late = gateway.send(request())
    gateway.play(request(), failed(), answered())
    late.next(answered())
    t.equal(gateway.state('A'), 'active')
    t.same(gateway.play(request(), answered()).calls, ['B'])
  })
  t.test('static failover group: a message without a ready member changes no order', async t => {
    const gateway = simulate(group('failover', ['A', 'B', 'C'], { dynamic: false }))
    for (const name of ['A', 'B', 'C']) gateway.registry.switchOff(name)
    t.equal(codeOf(gateway.play(request()).end), 'NONE_READY')
    gateway.registry.switchOn('failover')
    t.same(gateway.play(request(), answered()).calls, ['A'])
  })
  t.test('static failover group: the rules of every group hold', async t => {
    for (const each of historiesOf(() => simulate(group('failover', ['A', 'B', 'C'], { dynamic: false })), three)) {
      assertRules(each)
    }
    t.pass()
  })
})

t.test('the fault names the reason why no member can send the message', async t => {
  const broken: Outcome = {
    kind: 'refused',
    fault: { code: 101500, reason: 'supposed: no header', requestSent: false }
  }
  const gateway = simulate(group('loadbalance', ['A', 'B']))
  const run = gateway.play(request(), broken, broken)
  t.same(run.calls, ['A', 'B'])
  t.match(run.end, { kind: 'refused', fault: { reason: 'supposed: no header' } })
  t.match(
    gateway.play(request(), { ...broken, fault: { ...broken.fault, requestSent: true } }),
    { calls: ['B'], over: true },
    'a body that broke off on its way is not sent again'
  )
})

t.test('a client that disconnects, at any moment, suspends no endpoint', async t => {
  for (const before of [0, 1, 2]) {
    const gateway = simulate(group('loadbalance', ['A', 'B', 'C']))
    const run = gateway.send(request())
    for (let each = 0; each < before; each++) run.next(failed())
    const name = 'ABC'[before]!
    t.equal(gateway.registry.endpoints.get(name)!.inFlight, 1)
    run.leave()
    t.equal(gateway.registry.endpoints.get(name)!.inFlight, 0)
    t.equal(gateway.state(name), 'active')
  }
})

t.test('one endpoint cannot be a member twice', async t => {
  const key = { kind: 'reference', key: 'x' }
  t.throws(
    () => simulate(group('loadbalance', [key, key]), { endpoints: { x: address('x') } }),
    /the endpoint x is a member twice/
  )
  t.throws(
    () => simulate(group('failover', [key, key]), { endpoints: { x: address('x') } }),
    /the endpoint x is a member twice/
  )
})
