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
  t.match(live.all(), [{ index: 0, name: 'a', address: 'http://a/' }, { index: 1, name: 'b' }])
  const known = live.version
  live.endFrame(known)
  registry.switchOff('b')
  registry.switchOn('b')
  registry.drain('b')
  const { changed, added, removed } = live.since(known)
  t.match(changed, [{ index: 1, state: 'draining', ready: false }])
  t.notOk('name' in changed[0]!, 'its name and its address are known')
  t.strictSame([added, removed], [[], []])
  live.endFrame(known)
  t.strictSame(live.since(live.version), { now: 0, changed: [], added: [], removed: [] })
  t.match(live.since(known).changed, [{ index: 1, state: 'draining' }], 'a page that reads slowly gets it later')
})

t.test('an endpoint that comes is sent whole to pages that do not know it, and one that goes by its index', async t => {
  const { registry, live } = followed()
  add(registry.lease(), 'a')
  live.all()
  const known = live.version
  const lease = registry.lease()
  add(lease, 'c')
  t.strictSame(live.compare(), [])
  t.match(live.since(known), { changed: [], added: [{ index: 1, name: 'c', kind: 'address', state: 'active' }] })
  const both = live.version
  registry.release(lease)
  t.strictSame(live.compare(), ['c'])
  t.strictSame(live.since(both), { now: 0, changed: [], added: [], removed: [1] })
  live.endFrame(both)
  t.strictSame(live.since(both).removed, [1], 'until every page has had it')
  live.endFrame(live.version)
  t.strictSame(live.since(both).removed, [])
  add(registry.lease(), 'c')
  t.strictSame(live.all().map(({ index }) => index), [0, 2], 'an index is never used again')
})
