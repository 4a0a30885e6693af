/**
 * What the engines' own tests of endpoints expect (Apache Synapse: BasicEndpointTest, the dispatchers' tests; WSO2:
 * SALSessionsTest, EndpointViewTest), and the sequences that follow from their state machine. Single faults are in
 * test/unit/endpoints/flow.test.ts, algorithms in test/unit/algorithms/algorithms.test.ts.
 */
import t from 'tap'
import type { CodeName } from '../../lib/message/fault.js'
import type { Outcome } from '../../lib/contracts/flow.js'
import { groupView } from '../../plugins/admin/endpoints/endpoint-views.js'
import * as by from '../support/flows/endpoint-harness.js'
import {
  answered,
  codeOf,
  failed,
  from,
  group,
  address,
  request,
  simulate,
  type Simulation
} from '../support/flows/flow-run.js'

const MEMBERS = ['A', 'B', 'C']
/** A failure with a code that only the test knows. */
const broken = (code: number): Outcome => ({
  kind: 'failed',
  fault: { code, reason: `supposed: ${code}` },
  retry: 'any'
})
const retryAt = (gateway: Simulation, name: string): number | undefined =>
  (gateway.registry.endpoints.get(name)!.health as { retryAt?: number }).retryAt

t.test('any error code suspends where nothing is configured', async t => {
  for (const code of [101504, 911911, 101505, 101503, 504, 0]) {
    const gateway = simulate(address('A'))
    gateway.play(request(), broken(code))
    t.equal(gateway.state('A'), 'suspended', String(code))
    t.equal(retryAt(gateway, 'A'), 30_000)
  }
})

t.test('retryConfig decides which error codes are retried', async t => {
  const tries = (code: number, retryConfig?: object): readonly string[] => {
    const run = simulate(group('failover', [address('A', retryConfig && { retryConfig }), 'B']))
      .send(request())
      .next(broken(code))
    return run.calls
  }
  for (const code of [101504, 911911]) t.same(tries(code), ['A', 'B'], `${code} is retried by default`)
  t.same(tries(101504, { disabledErrorCodes: [911911] }), ['A', 'B'], 'a code that is not disabled is retried')
  t.same(tries(911911, { disabledErrorCodes: [911911] }), ['A'], 'a disabled code is not retried')
})

t.test('the error handler of an endpoint gets its code and its text', async t => {
  const fault =
    '<faultSequence><property name="X-Said" expression="concat(get-property(\'ERROR_CODE\'), \' \', get-property(\'ERROR_MESSAGE\'))" scope="transport"/><respond/></faultSequence>'
  const program = by.program(
    `<definitions xmlns="${by.NS}"><proxy name="P"><target><inSequence><send><endpoint name="a"><address uri="http://a:1/"/></endpoint></send></inSequence>${fault}</target></proxy></definitions>`
  )
  const said = (): string | undefined => {
    const { headers } = by.play(program, by.request(), () => ({
      kind: 'failed',
      retry: 'any',
      fault: { code: 911911, reason: 'Custom Error' }
    })).response
    return headers[headers.indexOf('X-Said') + 1]
  }
  t.equal(said(), '911911 Custom Error')
  t.equal(
    said(),
    '303001 Currently , Address endpoint : [ Name : a ] [ State : SUSPENDED ]',
    'also where no endpoint is tried'
  )
})

t.test('a failure is reported to the endpoint in flight first', async t => {
  const gateway = simulate(group('loadbalance', ['A']))
  const run = gateway.send(request())
  t.same([run.waitsAt, gateway.registry.endpoints.get('A')!.inFlight], ['A', 1])
  run.next(failed())
  t.same(
    [gateway.state('A'), gateway.registry.endpoints.get('A')!.inFlight, codeOf(run.end)],
    ['suspended', 0, 'CONNECTION_FAILED']
  )
})

t.test('three members, one of which refuses: A and then B; C; and B again', async t => {
  const gateway = simulate(group('loadbalance', MEMBERS))
  t.same(gateway.play(request(), failed(), answered()).calls, ['A', 'B'])
  t.equal(retryAt(gateway, 'A'), 30_000)
  t.same(gateway.play(request(), answered()).calls, ['C'])
  t.same(gateway.play(request(), answered()).calls, ['B'])
})

t.test(
  'counted failures: two are tolerated, a second apart; the third suspends, and so does a failed trial',
  async t => {
    const gateway = simulate(
      address('A', { markForSuspension: { errorCodes: [101504], retriesBeforeSuspension: 2, retryDelay: 1000 } })
    )
    const late = (): string => {
      gateway.play(request(), failed('CONNECTION_TIMEOUT'))
      return `${gateway.state('A')} until ${retryAt(gateway, 'A')}`
    }
    t.equal(late(), 'timeout until 1000')
    gateway.clock.now = 999
    t.equal(codeOf(gateway.play(request()).end), 'NOT_READY')
    gateway.clock.now = 1000
    t.equal(late(), 'timeout until 2000')
    gateway.clock.now = 2000
    t.equal(late(), 'suspended until 32000')
    gateway.clock.now = 32_000
    t.equal(late(), 'suspended until 62000', 'no retries are left')
    gateway.clock.now = 62_000
    gateway.play(request(), answered())
    t.equal(gateway.state('A'), 'active')
    t.equal(late(), 'timeout until 63000')
    t.match(gateway.registry.endpoints.get('A')!.health, { retriesLeft: 1 }, 'a success gave both back')
  }
)

/** The member that a session is bound to. */
const owner = (gateway: Simulation, id: string): string | undefined => {
  const { sessions, memberIds } = gateway.registry.groups.get('loadbalance')!
  const member = sessions!.get(id)
  return member === undefined ? undefined : memberIds[member]
}

t.test(
  'a session that the client names is bound when a member is chosen, and unbound when none is left',
  async t => {
    const gateway = simulate(group('loadbalance', ['A'], { session: { kind: 'header', name: 'X-Session' } }))
    const run = gateway.send(from('client0001'))
    t.equal(owner(gateway, 'client0001'), 'A', 'before the response')
    run.next(failed())
    t.equal(owner(gateway, 'client0001'), undefined)
  }
)

t.test(
  'a session that the server names is the cookie without its attributes; a new name is a new one, the same is the same',
  async t => {
    const gateway = simulate(group('loadbalance', MEMBERS, { session: { kind: 'http' } }))
    const set = (id: string, path = '/'): Outcome => answered(['Set-Cookie', `JSESSIONID=${id}; Path=${path}`])
    const size = (): number => gateway.registry.groups.get('loadbalance')!.sessions!.size
    const id = '760764CB72E96A7221506823748CF2AE'
    const run = gateway.send(request(['Host', '127.0.0.1']))
    t.equal(size(), 0, 'not before the response')
    run.next(set(id))
    t.same([owner(gateway, `JSESSIONID=${id}`), owner(gateway, id), size()], ['A', undefined, 1])
    const having = request(['Host', '127.0.0.1', 'Cookie', `JSESSIONID=${id}`])
    t.same(gateway.play(having, set(id)).calls, ['A'])
    t.equal(size(), 1, 'the same id is the same session')
    t.same(gateway.play(having, set(id, '/samplePath')).calls, ['A'])
    t.equal(size(), 1, 'whatever its path')
    t.same(gateway.play(having, set('renewed')).calls, ['A'])
    t.same(
      [owner(gateway, 'JSESSIONID=renewed'), size()],
      ['A', 2],
      'messages in flight still carry the old id'
    )
    t.same(gateway.play(request(['Cookie', 'JSESSIONID=renewed']), set('elsewhere', '/other')).calls, ['A'])
    t.equal(owner(gateway, 'JSESSIONID=elsewhere'), 'A')
  }
)

t.test('a group is ready as long as any member is; a switch of the group is a switch of all of its members', async t => {
  const names = [...'ABCDE']
  const gateway = simulate(group('loadbalance', names))
  const view = () => groupView(gateway.registry.groups.get('loadbalance')!, gateway.registry)
  const states = (): string =>
    view()
      .members.map(({ state }) => state)
      .join(' ')
  t.equal(view().ready, 5)
  for (const code of ['CONNECTION_FAILED', 'CONNECTION_TIMEOUT'] satisfies CodeName[]) {
    gateway.play(request(), failed(code), answered())
  }
  t.same([view().ready, states()], [3, 'suspended active suspended active active'])
  gateway.clock.now = 30_000
  t.same(
    [view().ready, states()],
    [3, 'half-open active half-open active active'],
    'a half-open endpoint accepts a trial, and is not ready'
  )
  gateway.registry.switchOff('loadbalance')
  t.same([view().ready, states()], [0, 'off off off off off'])
  t.equal(codeOf(gateway.play(request()).end), 'NONE_READY')
  gateway.registry.switchOn('loadbalance')
  t.same([view().ready, states()], [5, 'active active active active active'])
})
