import t from 'tap'
import type { GatewayStatus, LiveGroup } from '../../../../plugins/admin/contract/live-protocol.js'
import {
  attentionOf,
  headline,
  endpointsOf,
  outageOf,
  subline,
  type Watched
} from '../../../../plugins/console/model/attention.js'

const endpoint = (name: string, state: Watched['state'] = 'active', since: number | null = null): Watched => ({
  name,
  state,
  ready: state === 'active',
  since,
  cause: null,
  retryAt: null,
  duration: null,
  trialInFlight: false,
  suspensionsInRow: 0,
  retriesLeft: null,
  healthCheck: null
})

const group = (name: string, ...members: string[]): LiveGroup => ({
  name,
  kind: 'loadbalance',
  members,
  proxies: [],
  algorithmKind: null,
  sessionKind: null,
  onLost: null,
  sessions: null
})

const kinds = (endpoints: readonly Watched[], groups: readonly LiveGroup[]): string[] =>
  attentionOf(endpoints, groups).map(
    each => `${each.kind} ${'endpoint' in each ? each.endpoint.name : 'group' in each ? each.group.name : ''}`
  )

t.test('a group without a ready member comes first, and stands for its members', async t => {
  const endpoints = [
    endpoint('a', 'suspended', 5),
    endpoint('b', 'timeout', 6),
    endpoint('c', 'suspended', 1),
    endpoint('d')
  ]
  t.strictSame(kinds(endpoints, [group('G', 'a', 'b'), group('H', 'c', 'd')]), ['noMember G', 'suspended c'])
})

t.test('an endpoint that fails its health checks is out, for their cause, whatever its state is', async t => {
  const failing = (state: Watched['state']): Watched => ({
    ...endpoint('a', state, 3), ready: false, cause: 'it was refused', healthCheck: { passing: false, since: 7, cause: '503' }
  })
  for (const state of ['active', 'suspended', 'draining'] as const) {
    t.strictSame(kinds([failing(state), endpoint('b')], []), ['unhealthy a'])
    t.match(outageOf(failing(state)), { since: 7, cause: 'Health check: 503' })
  }
  t.strictSame(kinds([failing('off')], []), [])
  t.match(outageOf({ ...failing('suspended'), healthCheck: { passing: true, since: 7, cause: null } }), { since: 3 })
  t.strictSame(kinds([failing('active')], [group('G', 'a')]), ['noMember G'])
  t.equal(headline([failing('active'), endpoint('b')]), '1 of 2 endpoints is out')
})

t.test('the worst state comes first, then the oldest', async t => {
  const endpoints = [
    endpoint('draining', 'draining', 1),
    endpoint('late', 'timeout', 2),
    endpoint('new', 'suspended', 9),
    endpoint('old', 'suspended', 3)
  ]
  t.strictSame(kinds(endpoints, []), ['suspended old', 'suspended new', 'timeout late', 'draining draining'])
})

t.test('a half-open endpoint is not out, and the headline and the attention name it', async t => {
  const [halfOpen, suspended] = [endpoint('a', 'half-open', 3), endpoint('b', 'suspended', 4)]
  t.equal(headline([halfOpen]), '1 of 1 endpoint is half-open')
  t.equal(headline([halfOpen, endpoint('b', 'half-open')]), '2 of 2 endpoints are half-open')
  t.equal(subline([halfOpen], []), '')
  t.strictSame(kinds([halfOpen], []), ['half-open a'])
  t.equal(headline([halfOpen, suspended]), '1 of 2 endpoints is out')
  t.equal(subline([halfOpen, suspended], []), '1 half-open.')
  t.strictSame(kinds([halfOpen, suspended], []), ['suspended b', 'half-open a'])
})

t.test('a group with a half-open member has one available: the next message tries it', async t => {
  const [halfOpen, suspended] = [endpoint('a', 'half-open', 3), endpoint('b', 'suspended', 4)]
  t.strictSame(kinds([halfOpen, suspended], [group('G', 'a', 'b')]), ['suspended b', 'half-open a'])
  const failing: Watched = { ...halfOpen, healthCheck: { passing: false, since: 7, cause: '503' } }
  t.strictSame(kinds([failing, suspended], [group('G', 'a', 'b')]), ['noMember G'], 'not by its health checks')
})

t.test('messages that are recorded need attention last, while the recording runs', async t => {
  const recording = { isRunning: true, endsAt: 9, by: 'ops' }
  t.strictSame(attentionOf([endpoint('a', 'draining')], [], { recording }).map(({ kind }) => kind), ['draining', 'recording'])
  t.strictSame(attentionOf([], [], { recording: { ...recording, isRunning: false } }), [])
})

t.test('a refused reload, and what concerns the whole gateway, come after endpoints that are out', async t => {
  const kindsOf = (gateway: Partial<GatewayStatus>): string[] =>
    attentionOf([endpoint('a', 'suspended'), endpoint('b', 'draining')], [], {
      reload: { at: 5, reason: 'saved', problems: 2, runsSince: 1 },
      gateway: { store: null, evicted: 0, denied: 0, busy: 0, ...gateway }
    }).map(each => (each.kind === 'gateway' ? each.what : each.kind))
  t.strictSame(kindsOf({}), ['suspended', 'reload', 'draining'])
  t.strictSame(kindsOf({ store: { isUp: true, since: 1, cause: null, fallbacks: 3 }, busy: 0.7 }), ['suspended', 'reload', 'draining'])
  t.strictSame(kindsOf({ store: { isUp: false, since: 1, cause: 'away', fallbacks: 3 }, evicted: 1, denied: 1, busy: 0.9 }), [
    'suspended', 'reload', 'store', 'evicted', 'denied', 'busy', 'draining'
  ])
})

t.test('what an operator switched off needs no attention', async t => {
  t.strictSame(kinds([endpoint('a', 'off'), endpoint('b', 'off')], [group('G', 'a', 'b')]), [])
})

t.test('nested groups count with their endpoints, also where they contain each other', async t => {
  const groups = [group('outer', 'inner', 'a'), group('inner', 'b', 'outer')]
  const names = endpointsOf(
    groups[0]!,
    new Map([endpoint('a'), endpoint('b')].map(each => [each.name, each])),
    new Map(groups.map(each => [each.name, each]))
  ).map(({ name }) => name)
  t.strictSame(names, ['b', 'a'])
})

t.test('the headline counts endpoints that are out, the line below counts the rest', async t => {
  const endpoints = [
    endpoint('a', 'suspended'),
    endpoint('b', 'timeout'),
    endpoint('c', 'off'),
    endpoint('d', 'draining')
  ]
  t.equal(headline(endpoints), '2 of 4 endpoints are out')
  t.equal(
    subline(endpoints, attentionOf(endpoints, [group('G', 'a', 'b')])),
    'G: no member available. 1 draining. 1 off.'
  )
  t.equal(headline([endpoint('a')]), 'The endpoint is available')
  t.equal(headline([endpoint('a'), endpoint('b')]), 'All 2 endpoints are available')
  t.equal(headline([]), 'No endpoints')
})
