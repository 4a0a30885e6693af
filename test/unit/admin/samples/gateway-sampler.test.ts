import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { DEFAULT_POLICY } from '../../../../lib/state/suspension.js'
import { Registry } from '../../../../lib/state/registry.js'
import {
  processCondition,
  type ProcessCondition,
  type StoreCondition
} from '../../../../plugins/gateway/process-condition.js'
import { GatewaySampler } from '../../../../plugins/admin/samples/gateway-sampler.js'

t.test('evicted sessions count for a minute, and the process is not called busy before it was looked at for one', async t => {
  // Node counts from the first turn of the event loop on.
  await turn()
  const registry = new Registry(() => 0)
  const lease = registry.lease()
  lease.endpoint('A', 'http://a', DEFAULT_POLICY)
  lease.group('G', 'loadbalance', ['A'], { sessionPolicy: { timeout: 1_000, expiry: 'sliding', maxSessions: 2 } })
  lease.commit()
  const sampler = new GatewaySampler(registry, () => new Map([[1, processCondition(undefined)]]))
  t.match(sampler.sample(0), { store: null, evicted: 0, denied: 0, busy: 0 })
  const sessions = registry.groups.get('G')!.sessions!
  for (const id of ['a', 'b', 'c', 'd', 'e']) sessions.set(id, 0)
  for (let second = 1; second < 50; second++) t.match(sampler.sample(second * 1_000), { evicted: 3, busy: 0 })
  const { busy } = sampler.sample(50_000)
  t.ok(busy > 0 && busy <= 1, `a test that computes is busy: ${busy}`)
  for (let second = 51; second < 80; second++) sampler.sample(second * 1_000)
  t.match(sampler.sample(80_000), { evicted: 0 }, 'no more than that after the minute')
  sampler.clear()
  t.match(sampler.sample(90_000), { evicted: 0, busy: 0 })
})

t.test('of several processes the busiest counts, bodies of all, and a store that one of them cannot reach', async t => {
  const up: StoreCondition = { isUp: true, since: 1, cause: null, fallbacks: 0 }
  const worker = (active: number, denied: number, store = up): ProcessCondition =>
    ({ loop: { idle: 100_000 - active, active, utilization: 0 }, denied, stores: [store] })
  let processes = new Map([[1, worker(0, 5)], [2, worker(0, 7)]])
  const sampler = new GatewaySampler(new Registry(() => 0), () => processes)
  t.match(sampler.sample(0), { denied: 0, store: up })
  const down = { isUp: false, since: 2, cause: 'away', fallbacks: 3 }
  const busy: ProcessCondition = { loop: { idle: 100_006, active: 54, utilization: 0 }, denied: 6, stores: [up] }
  processes = new Map([[1, busy], [2, worker(0, 7, down)], [3, worker(0, 2)]])
  t.match(sampler.sample(60_000), { busy: 0.9, denied: 3, store: { isUp: false, cause: 'away', fallbacks: 3 } })
})
