/** A member that is back, or new, in a group with `slowStart`. Chance is a list of numbers. */
import t from 'tap'
import { Registry } from '../../lib/state/registry.js'
import { answered, BY_HEADER, codeOf, failed, from, group, leaf, request, stage, type Stage } from './stage.js'

/** A stage on which chance is `luck.now`. */
function slow (more: object = {}, members: (string | object)[] = ['A', 'B']): { scene: Stage; luck: { now: number } } {
  const luck = { now: 0.5 }
  return {
    luck,
    scene: stage(group('loadbalance', members, { slowStart: 1000, ...more }), { random: () => luck.now })
  }
}
const ask = (scene: Stage, message = request()): string => scene.play(message, answered()).calls.join()
/** A fails, and is tried again when its suspension is over, at 30,000. */
function back (scene: Stage): void {
  scene.play(request(), failed(), answered())
  scene.clock.now = 30_000
  while (scene.state('A') !== 'active') ask(scene)
}

t.test('a member that is back gets ever more of its share', async t => {
  const { scene, luck } = slow()
  back(scene)
  t.equal(scene.registry.endpoints.get('A')!.readySince, 30_000)
  const shares = [0, 250, 500, 999, 1000].map(age => {
    scene.clock.now = 30_000 + age
    let taken = 0
    for (let message = 0; message < 1000; message++) {
      luck.now = (message % 100) / 100
      if (ask(scene) === 'A') taken++
    }
    return taken
  })
  t.equal(shares[0], 0, 'none at first')
  t.ok(
    shares.every((share, at) => at === 0 || share > shares[at - 1]! - 5),
    shares.join(' ')
  )
  t.equal(shares[4], 500, 'all of it in the end')
})

t.test('slow start does not apply to a member from the start, after a counted failure, or after a switch', async t => {
  const { scene } = slow({}, [leaf('A', { markForSuspension: { retriesBeforeSuspension: 1 } }), 'B'])
  t.same([ask(scene), ask(scene), ask(scene)], ['A', 'B', 'A'])
  scene.play(request(), answered())
  scene.play(request(), failed('CONNECTION_TIMEOUT'), answered())
  t.equal(scene.state('A'), 'timeout')
  while (scene.state('A') !== 'active') ask(scene)
  t.equal(scene.registry.endpoints.get('A')!.readySince, -Infinity)
  scene.clock.now = 5
  scene.registry.switchOff('A')
  scene.registry.switchOn('A')
  t.equal(scene.registry.endpoints.get('A')!.readySince, 5, 'who was switched off is as good as new')
})

t.test('a member that is alone gets everything at once', async t => {
  const { scene } = slow()
  back(scene)
  scene.registry.switchOff('B')
  t.equal(ask(scene), 'A')
})

t.test('slow start does not delay bound sessions', async t => {
  const { scene } = slow({ session: BY_HEADER })
  t.equal(ask(scene, from('1')), 'A')
  t.equal(ask(scene, from('2')), 'B')
  t.equal(codeOf(scene.play(from('1'), failed()).end), 'CONNECTION_FAILED')
  scene.clock.now = 30_000
  t.equal(ask(scene, from('1')), 'A', 'who was bound there tries it')
  t.equal(ask(scene, from('1')), 'A')
  t.same(
    ['3', '4', '5'].map(id => ask(scene, from(id))),
    ['B', 'B', 'B'],
    'new ones go elsewhere'
  )
})

t.test('a member that is new in a group that was there before', async t => {
  const clock = { now: 7 }
  const registry = new Registry(() => clock.now)
  const load = (...members: string[]): Stage =>
    stage(group('loadbalance', members, { slowStart: 1000 }), { registry, clock, random: () => 0.5 })
  load('A', 'B').program.lease.commit()
  const scene = load('A', 'B', 'C')
  t.same(
    ['A', 'B', 'C'].map(name => registry.endpoints.get(name)!.readySince),
    [-Infinity, -Infinity, 7]
  )
  t.same([1, 2, 3, 4, 5, 6].map(() => ask(scene)).includes('C'), false)
  clock.now = 1007
  t.same([1, 2, 3].map(() => ask(scene)).includes('C'), true)
})
