/** Every sequence of outcomes for groups in groups. */
import assert from 'node:assert/strict'
import t from 'tap'
import { historiesOf, DOWN, GONE, assertRules, SEEN } from './histories.js'
import {
  answered,
  BY_HEADER,
  codeOf,
  failed,
  from,
  group,
  address,
  request,
  simulate,
  type Simulation
} from '../support/flows/flow-run.js'

const pair = (name: string, ...members: string[]): object => group('failover', members, { name })
const balanced =
  (more: object = {}) =>
    (): Simulation =>
      simulate(group('loadbalance', [pair('ab', 'A', 'B'), pair('cd', 'C', 'D')], more))

t.test('a loadbalance group of failover groups tries each inner member once', async t => {
  for (const each of historiesOf(balanced(), [request(), request()], [answered(), DOWN, SEEN, GONE])) {
    assertRules(each)
    const [first] = each.histories
    assert.deepEqual(
      first!.tried,
      ['A', 'B', 'C', 'D'].slice(0, first!.tried.length),
      'a group fails over inside before it is left'
    )
  }
  t.pass()
})

t.test('nested groups with sessions: a session is bound to the inner group, which fails over inside', async t => {
  for (const each of historiesOf(
    balanced({ session: BY_HEADER }),
    [from('7'), from('7'), from('7')],
    [answered(), DOWN, GONE]
  )) {
    assertRules(each)
    let owner: string | undefined
    for (const { tried, outcomes, end } of each.histories) {
      if (owner !== undefined) {
        assert.ok(
          tried.every(name => owner!.includes(name)),
          'it never leaves its group'
        )
      } else if (end.kind === 'answered' || outcomes.at(-1) === GONE) {
        owner = ['AB', 'CD'].find(group => group.includes(tried.at(-1)!))
      }
    }
  }
  const gateway = balanced({ session: BY_HEADER })()
  gateway.play(from('7'), answered())
  t.same(gateway.play(from('7'), DOWN, answered()).calls, ['A', 'B'])
  t.same(gateway.play(from('7'), answered()).calls, ['B'])
  t.equal(codeOf(gateway.play(from('7'), DOWN).end), 'CONNECTION_FAILED')
  t.equal(codeOf(gateway.play(from('7')).end), 'SESSION_NOT_READY')
  gateway.clock.now += 30_000
  t.same(gateway.play(from('7'), answered()).calls, ['A'], 'back to the first as soon as it is ready')
})

t.test('a group with failover="false" does not make the outer group fail over', async t => {
  const quiet = group('loadbalance', ['A', 'B'], { name: 'ab', failover: false })
  const build = (): Simulation => simulate(group('failover', [quiet, 'C']))
  for (const each of historiesOf(build, [request(), request()], [answered(), DOWN, SEEN, GONE])) {
    assertRules(each)
    for (const { tried, outcomes } of each.histories) {
      if (outcomes[0]?.kind === 'failed' && tried[0] !== 'C') assert.equal(tried.length, 1)
    }
  }
  const gateway = build()
  gateway.play(request(), DOWN)
  gateway.play(request(), DOWN)
  t.same(gateway.play(request(), answered()).calls, ['C'], 'but a group without a ready member is skipped')
})

t.test('retryConfig ends the attempts in the innermost group only', async t => {
  const retryConfig = { disabledErrorCodes: [101503] }
  const inner = group('failover', [address('A', { retryConfig }), 'B'], { name: 'ab' })
  for (const each of historiesOf(
    () => simulate(group('loadbalance', [inner, 'C'])),
    [request(), request()],
    [answered(), DOWN, SEEN]
  )) {
    assertRules(each)
  }
  const gateway = simulate(group('loadbalance', [inner, 'C']))
  t.same(gateway.play(request(), failed('CONNECTION_FAILED'), answered()).calls, ['A', 'C'])
})

t.test('retry="unsent" of the outer group counts what happened in the inner one', async t => {
  const build = (): Simulation => simulate(group('failover', [pair('ab', 'A', 'B'), 'C'], { retry: 'unsent' }))
  t.same(build().play(request(), SEEN, DOWN).calls, ['A', 'B'], 'A may have seen it, so C must not')
  t.same(build().play(request(), DOWN, DOWN, answered()).calls, ['A', 'B', 'C'])
  for (const each of historiesOf(build, [request(), request()], [answered(), DOWN, SEEN])) assertRules(each)
})

t.test('retry="unsent" of the inner group holds for the outer one', async t => {
  const inner = group('failover', ['A', 'B'], { name: 'ab', retry: 'unsent' })
  t.match(simulate(group('loadbalance', [inner, 'C'])).play(request(), SEEN), { over: true, calls: ['A'] })
})

t.test('nested groups with sessions of their own: the outer group fails over', async t => {
  const sticky = (name: string, ...members: string[]): object =>
    group('loadbalance', members, { name, session: BY_HEADER })
  const build = (): Simulation => simulate(group('failover', [sticky('ab', 'A', 'B'), sticky('cd', 'C', 'D')]))
  const gateway = build()
  t.same(gateway.play(from('1'), answered()).calls, ['A'])
  t.same(
    gateway.play(from('1'), DOWN, answered()).calls,
    ['A', 'C'],
    'the group around fails over: that is what it is configured for (WSO2)'
  )
  t.same(gateway.play(from('1'), answered()).calls, ['C'], 'while the first one waits')
  gateway.clock.now += 30_000
  t.same(gateway.play(from('1'), answered()).calls, ['A'])
  for (const each of historiesOf(build, [from('1'), from('1')], [answered(), DOWN, GONE])) assertRules(each)
})

t.test('a switch of a group switches its members, at any depth', async t => {
  const gateway = balanced()()
  gateway.registry.switchOff('ab')
  t.same([gateway.state('A'), gateway.state('B'), gateway.state('C')], ['off', 'off', 'active'])
  t.same(gateway.play(request(), answered()).calls, ['C'])
  gateway.registry.switchOff('loadbalance')
  t.equal(codeOf(gateway.play(request()).end), 'NONE_READY')
  gateway.registry.switchOn('loadbalance')
  t.same(
    ['C', 'A'].flatMap(() => gateway.play(request(), answered()).calls),
    ['C', 'A']
  )
})
