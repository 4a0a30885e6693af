import t from 'tap'
import type { LiveEndpoint } from '../../../../plugins/admin/contract/live-protocol.js'
import { endpointAt, nextRetry } from '../../../../plugins/console/model/endpoint-at.js'

const endpoint = (state: LiveEndpoint['state'], retryAt: number | null, more: object = {}) => ({
  state,
  ready: state === 'active',
  retryAt,
  healthCheck: null,
  cause: 'it was refused',
  ...more
})

t.test('a suspended endpoint is half-open from its retry on, with its cause', async t => {
  const suspended = endpoint('suspended', 1_000)
  t.equal(endpointAt(suspended, 999), suspended)
  t.strictSame(endpointAt(suspended, 1_000), { ...suspended, state: 'half-open' })
})

t.test('an endpoint in the state timeout is ready from its retry on, unless health checks fail', async t => {
  const late = endpoint('timeout', 1_000)
  t.equal(endpointAt(late, 999), late)
  t.strictSame(endpointAt(late, 1_000), { ...late, ready: true })
  const failing = endpoint('timeout', 1_000, { healthCheck: { passing: false, since: 1, cause: '503' } })
  t.equal(endpointAt(failing, 1_000), failing)
})

t.test('time changes no endpoint that is active, half-open, off or draining', async t => {
  for (const state of ['active', 'half-open', 'off', 'draining'] as const) {
    for (const retryAt of [null, 1_000]) {
      const same = endpoint(state, retryAt)
      t.equal(endpointAt(same, 2_000), same, `${state} ${retryAt}`)
    }
  }
})

t.test('the next retry is the earliest after an instant', async t => {
  const endpoints = [null, 5, 3, 9].map(retryAt => ({ retryAt }))
  t.equal(nextRetry(endpoints, 0), 3)
  t.equal(nextRetry(endpoints, 3), 5)
  t.equal(nextRetry(endpoints, 9), Infinity)
})
