/** Every story of groups in groups. */
import assert from 'node:assert/strict'
import t from 'tap'
import { chaptersOf, DOWN, GONE, lawful, SEEN } from './chapters.js'
import { answered, BY_HEADER, codeOf, failed, from, group, leaf, request, stage, type Stage } from './stage.js'

const pair = (name: string, ...members: string[]): object => group('failover', members, { name })
const balanced =
  (more: object = {}) =>
    (): Stage =>
      stage(group('loadbalance', [pair('ab', 'A', 'B'), pair('cd', 'C', 'D')], more))

t.test('a loadbalance group of failover groups tries each inner member once', async t => {
  for (const each of chaptersOf(balanced(), [request(), request()], [answered(), DOWN, SEEN, GONE])) {
    lawful(each)
    const [first] = each.chapters
    assert.deepEqual(
      first!.asked,
      ['A', 'B', 'C', 'D'].slice(0, first!.asked.length),
      'a group fails over inside before it is left'
    )
  }
  t.pass()
})

t.test('with sessions: bound to the group, failing over inside it', async t => {
  for (const each of chaptersOf(
    balanced({ session: BY_HEADER }),
    [from('7'), from('7'), from('7')],
    [answered(), DOWN, GONE]
  )) {
    lawful(each)
    let home: string | undefined
    for (const { asked, outcomes, end } of each.chapters) {
      if (home !== undefined) {
        assert.ok(
          asked.every(name => home!.includes(name)),
          'it never leaves its group'
        )
      } else if (end.kind === 'answered' || outcomes.at(-1) === GONE) {
        home = ['AB', 'CD'].find(group => group.includes(asked.at(-1)!))
      }
    }
  }
  const scene = balanced({ session: BY_HEADER })()
  scene.play(from('7'), answered())
  t.same(scene.play(from('7'), DOWN, answered()).calls, ['A', 'B'])
  t.same(scene.play(from('7'), answered()).calls, ['B'])
  t.equal(codeOf(scene.play(from('7'), DOWN).end), 'CONNECTION_FAILED')
  t.equal(codeOf(scene.play(from('7')).end), 'SESSION_NOT_READY')
  scene.clock.now += 30_000
  t.same(scene.play(from('7'), answered()).calls, ['A'], 'back to the first as soon as it is ready')
})

t.test('a group that does not fail over does not tell the one around it', async t => {
  const quiet = group('loadbalance', ['A', 'B'], { name: 'ab', failover: false })
  const build = (): Stage => stage(group('failover', [quiet, 'C']))
  for (const each of chaptersOf(build, [request(), request()], [answered(), DOWN, SEEN, GONE])) {
    lawful(each)
    for (const { asked, outcomes } of each.chapters) {
      if (outcomes[0]?.kind === 'failed' && asked[0] !== 'C') assert.equal(asked.length, 1)
    }
  }
  const scene = build()
  scene.play(request(), DOWN)
  scene.play(request(), DOWN)
  t.same(scene.play(request(), answered()).calls, ['C'], 'but a group without a ready member is skipped')
})

t.test('retryConfig ends the tries in the innermost group only', async t => {
  const inner = group('failover', [leaf('A', { retryConfig: { disabledErrorCodes: [101503] } }), 'B'], { name: 'ab' })
  for (const each of chaptersOf(
    () => stage(group('loadbalance', [inner, 'C'])),
    [request(), request()],
    [answered(), DOWN, SEEN]
  )) {
    lawful(each)
  }
  const scene = stage(group('loadbalance', [inner, 'C']))
  t.same(scene.play(request(), failed('CONNECTION_FAILED'), answered()).calls, ['A', 'C'])
})

t.test('retry="unsent" of the outer group counts what happened in the inner one', async t => {
  const build = (): Stage => stage(group('failover', [pair('ab', 'A', 'B'), 'C'], { retry: 'unsent' }))
  t.same(build().play(request(), SEEN, DOWN).calls, ['A', 'B'], 'A may have seen it, so C must not')
  t.same(build().play(request(), DOWN, DOWN, answered()).calls, ['A', 'B', 'C'])
  for (const each of chaptersOf(build, [request(), request()], [answered(), DOWN, SEEN])) lawful(each)
})

t.test('retry="unsent" of the inner group holds for the outer one', async t => {
  const inner = group('failover', ['A', 'B'], { name: 'ab', retry: 'unsent' })
  t.match(stage(group('loadbalance', [inner, 'C'])).play(request(), SEEN), { over: true, calls: ['A'] })
})

t.test('two groups with sessions of their own', async t => {
  const sticky = (name: string, ...members: string[]): object =>
    group('loadbalance', members, { name, session: BY_HEADER })
  const build = (): Stage => stage(group('failover', [sticky('ab', 'A', 'B'), sticky('cd', 'C', 'D')]))
  const scene = build()
  t.same(scene.play(from('1'), answered()).calls, ['A'])
  t.same(
    scene.play(from('1'), DOWN, answered()).calls,
    ['A', 'C'],
    'the group around fails over: that is what it is configured for (WSO2)'
  )
  t.same(scene.play(from('1'), answered()).calls, ['C'], 'while the first one waits')
  scene.clock.now += 30_000
  t.same(scene.play(from('1'), answered()).calls, ['A'])
  for (const each of chaptersOf(build, [from('1'), from('1')], [answered(), DOWN, GONE])) lawful(each)
})

t.test('by hand: a group is its members, at any depth', async t => {
  const scene = balanced()()
  scene.registry.switchOff('ab')
  t.same([scene.state('A'), scene.state('B'), scene.state('C')], ['off', 'off', 'active'])
  t.same(scene.play(request(), answered()).calls, ['C'])
  scene.registry.switchOff('loadbalance')
  t.equal(codeOf(scene.play(request()).end), 'NONE_READY')
  scene.registry.switchOn('loadbalance')
  t.same(
    ['C', 'A'].flatMap(() => scene.play(request(), answered()).calls),
    ['C', 'A']
  )
})
