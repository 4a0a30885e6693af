import t from 'tap'
import { Registry } from '../../../../lib/state/registry.js'
import type { StateLease } from '../../../../lib/state/state-lease.js'
import { DEFAULT_POLICY } from '../../../../lib/state/suspension.js'
import { LiveEndpoints } from '../../../../plugins/admin/live/live-endpoints.js'

const add = (lease: StateLease, ...names: string[]): void => {
  for (const name of names) lease.endpoint(name, `http://${name}/`, DEFAULT_POLICY)
  lease.commit()
}

function followed () {
  const registry = new Registry(() => 0)
  const live = new LiveEndpoints(registry)
  registry.on('stateChange', ({ endpoint: { name } }) => live.change(name))
  return { registry, live }
}

t.test('a page gets what is newer than the version that it has had, of each endpoint the last state', async t => {
  const { registry, live } = followed()
  add(registry.lease(), 'a', 'b')
  t.match(live.all(), [{ i: 0, name: 'a', address: 'http://a/' }, { i: 1, name: 'b' }])
  const known = live.version
  live.endFrame(known)
  registry.switchOff('b')
  registry.switchOn('b')
  registry.drain('b')
  const { of, new: come, gone } = live.since(known)
  t.match(of, [{ i: 1, state: 'draining', ready: false }])
  t.notOk('name' in of[0]!, 'its name and its address are known')
  t.strictSame([come, gone], [[], []])
  live.endFrame(known)
  t.strictSame(live.since(live.version), { now: 0, of: [], new: [], gone: [] })
  t.match(live.since(known).of, [{ i: 1, state: 'draining' }], 'a page that reads slowly gets it later')
})

t.test('an endpoint that comes is sent whole to pages that do not know it, and one that goes by its number', async t => {
  const { registry, live } = followed()
  add(registry.lease(), 'a')
  live.all()
  const known = live.version
  const lease = registry.lease()
  add(lease, 'c')
  t.strictSame(live.compare(), [])
  t.match(live.since(known), { of: [], new: [{ i: 1, name: 'c', kind: 'address', state: 'active' }] })
  const both = live.version
  registry.release(lease)
  t.strictSame(live.compare(), ['c'])
  t.strictSame(live.since(both), { now: 0, of: [], new: [], gone: [1] })
  live.endFrame(both)
  t.strictSame(live.since(both).gone, [1], 'until every page has had it')
  live.endFrame(live.version)
  t.strictSame(live.since(both).gone, [])
  add(registry.lease(), 'c')
  t.strictSame(live.all().map(({ i }) => i), [0, 2], 'a number is never used again')
})
