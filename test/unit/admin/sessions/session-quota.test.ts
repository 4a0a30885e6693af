import t from 'tap'
import { MAX_SESSIONS_PER_SECOND, SessionQuota } from '../../../../plugins/admin/sessions/session-quota.js'

t.test('ten look-ups of one address within any second are accepted, and the next one a second after the first', async t => {
  let now = 0
  const quota = new SessionQuota(() => now)
  const uses = (count: number): number[] => Array.from({ length: count }, () => quota.use('10.0.0.1'))
  t.same(uses(4), [0, 0, 0, 0])
  now = 600
  t.same(uses(8), [0, 0, 0, 0, 0, 0, 1, 1])
  t.equal(quota.use('10.0.0.2'), 0, 'another address')
  now = 999
  t.same(uses(1), [1])
  now = 1_000
  t.same(uses(6), [0, 0, 0, 0, 1, 1], 'those that are refused do not count')
  now = 1_600
  t.same(uses(7), [0, 0, 0, 0, 0, 0, 1])
})

t.test('many addresses are forgotten, the oldest first', async t => {
  const quota = new SessionQuota(() => 0)
  for (let count = 0; count < MAX_SESSIONS_PER_SECOND; count++) quota.use('first')
  for (let address = 0; address < 999; address++) quota.use(`${address}`)
  t.equal(quota.use('first'), 1)
  quota.use('another')
  t.equal(quota.use('first'), 0)
})
