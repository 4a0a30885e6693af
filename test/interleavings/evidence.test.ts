/** Which failures are evidence against an endpoint, for one message and for messages in flight with it. */
import assert from 'node:assert/strict'
import t from 'tap'
import { historiesOf, DOWN, GONE, SEEN } from './histories.js'
import type { Outcome } from '../../lib/contracts/flow.js'
import { fault } from '../../lib/message/fault.js'
import type { Message } from '../../lib/message/message.js'
import {
  answered,
  codeOf,
  failed,
  group,
  address,
  request,
  simulate,
  type FlowRun,
  type Simulation
} from '../support/flows/flow-run.js'

const MEMBERS = ['A', 'B', 'C'].map(name => address(name, { suspendOnFailure: { initialDuration: 10_000 } }))
const out = ({ registry }: Simulation): string[] =>
  [...registry.endpoints.values()].filter(({ health }) => health.state === 'suspended').map(({ name }) => name)

t.test('poison: a message that makes every member close suspends one of them', async t => {
  const gateway = simulate(group('loadbalance', MEMBERS))
  const poison = gateway.play(request(), SEEN, SEEN, SEEN)
  t.same(poison.calls, ['A', 'B', 'C'])
  t.same(out(gateway), ['A'])
  t.same(
    [...gateway.registry.endpoints.values()].map(({ failures }) => failures),
    [1, 1, 1],
    'each of them counts it'
  )
  t.match(gateway.play(request(), answered()).end, { kind: 'answered' }, 'the group serves the next message')
})

t.test('poison: in nested groups and failover groups too', async t => {
  const inner = (name: string): object => ({
    kind: 'failover',
    name,
    members: ['1', '2'].map(each => address(`${name}${each}`))
  })
  const gateway = simulate(group('loadbalance', [inner('F'), inner('G')]))
  t.equal(gateway.play(request(), SEEN, SEEN, SEEN, SEEN).calls.length, 4)
  t.same(out(gateway), ['F1'])
})

t.test('poison: in a recipient list, one of whose members was full before', async t => {
  const full = { maxRequests: 1, maxQueued: 1 }
  for (const rule of [{}, { retry: 'unsent' }, { failureStatus: [503] }]) {
    const recipients = { kind: 'recipientlist', name: 'R', members: [address('A', full), address('B')] }
    const gateway = simulate(group('failover', [recipients], rule))
    const before = gateway.send(request()).recipients[0]!
    const [a, b] = gateway.send(request()).recipients as [FlowRun<Outcome>, FlowRun<Outcome>]
    t.same([a.waitsForPlaceAt, b.waitsAt], [['A'], 'B'])
    before.next(answered())
    t.equal(a.resume(true).waitsAt, 'A')
    b.next(SEEN)
    a.next(SEEN)
    t.same(out(gateway), ['B'], JSON.stringify(rule))
  }
})

t.test('refused connections suspend every member that refuses', async t => {
  const gateway = simulate(group('loadbalance', MEMBERS))
  gateway.play(request(), DOWN, DOWN, DOWN)
  t.same(out(gateway), ['A', 'B', 'C'])
})

t.test(
  'whatever happens to one message, at most one endpoint is suspended by what happened after it was sent',
  async t => {
    for (const kind of ['loadbalance', 'failover'] as const) {
      for (const { histories, gateway } of historiesOf(() => simulate(group(kind, MEMBERS)), [request()])) {
        const refused = histories[0]!.outcomes.filter(outcome => outcome === DOWN).length
        assert.ok(out(gateway).length <= refused + 1)
        if (histories[0]!.outcomes.some(outcome => outcome === SEEN || outcome === GONE)) {
          assert.equal(out(gateway).length, refused + 1)
        }
      }
    }
    t.pass()
  }
)

t.test('a trial in flight: other messages go to other members', async t => {
  const gateway = simulate(group('loadbalance', MEMBERS.slice(0, 2)))
  t.same(gateway.play(request(), failed(), answered()).calls, ['A', 'B'])
  gateway.clock.now = 10_000
  const trial = gateway.send(request())
  t.equal(trial.waitsAt, 'A')
  t.same([gateway.send(request()).waitsAt, gateway.send(request()).waitsAt], ['B', 'B'])
  trial.next(answered())
  t.equal(gateway.state('A'), 'active')
})

t.test('a trial in flight, and no other member: messages wait for its end', async t => {
  const begin = (): { gateway: Simulation; trial: FlowRun<Outcome>; waiting: FlowRun<Outcome>[] } => {
    const gateway = simulate(group('loadbalance', [MEMBERS[0]!]))
    gateway.play(request(), failed())
    gateway.clock.now = 10_000
    const trial = gateway.send(request())
    return { gateway, trial, waiting: [gateway.send(request()), gateway.send(request())] }
  }
  t.test('the waiting messages are sent when the trial is answered', async t => {
    const { trial, waiting } = begin()
    t.same(
      waiting.map(({ waitsFor, calls }) => [waitsFor, calls]),
      [
        ['A', []],
        ['A', []]
      ]
    )
    trial.next(answered())
    for (const each of waiting) t.equal(each.resume(true).waitsAt, 'A')
  })
  t.test('a trial fails: the waiting messages get the fault of a group without a ready member', async t => {
    const { trial, waiting } = begin()
    trial.next(failed())
    for (const each of waiting) t.equal(codeOf(each.resume(true).end), 'NONE_READY')
  })
  t.test('a trial whose time is over without a result keeps no message away', async t => {
    const { gateway, waiting, trial } = begin()
    gateway.clock.now += 2_000
    for (const each of waiting) t.equal(each.resume(true).waitsAt, 'A')
    t.equal(gateway.send(request()).waitsFor, 'A', 'the first of them is the next trial')
    waiting[0]!.next(answered())
    t.equal(gateway.state('A'), 'active', 'any response ends it')
    trial.next(failed('CONNECTION_TIMEOUT', true))
    t.equal(gateway.state('A'), 'suspended', 'the late failure of the trial is a failure of an active endpoint')
  })
  t.test('a trial whose queue is full: a message is refused at once', async t => {
    t.equal(codeOf(begin().waiting[0]!.resume(false).end), 'NONE_READY')
  })
  t.test('the time of a trial is at most the timeout of the endpoint', async t => {
    const gateway = simulate(address('A', { timeout: { duration: 500 } }))
    gateway.play(request(), failed())
    gateway.clock.now = 30_000
    gateway.send(request())
    t.match(gateway.registry.endpoints.get('A')!.health, { state: 'half-open', trial: { endsAt: 30_500 } })
  })
})

t.test('tolerated failures hold back no message after their time', async t => {
  const settings = [
    { suspendOnFailure: { initialDuration: 0 } },
    { markForSuspension: { errorCodes: [101503], retriesBeforeSuspension: 3, retryDelay: 0 } }
  ]
  for (const more of settings) {
    const gateway = simulate(address('A', more))
    gateway.play(request(), failed())
    t.same(
      Array.from({ length: 20 }, () => gateway.send(request()).waitsAt),
      Array(20).fill('A')
    )
  }
})

t.test('failureStatus: these statuses are failures, counted, suspended and failed over as others are', async t => {
  const status = (status: number, headers: string[] = []): Outcome => {
    const outcome = answered(headers)
    return outcome.kind === 'answered' ? { kind: 'answered', message: { ...outcome.message, status } } : outcome
  }
  const members = (more: object = {}): object[] =>
    ['A', 'B'].map(name =>
      address(name, {
        failureStatus: [503, 429],
        suspendOnFailure: { initialDuration: 1000, maximumDuration: 60_000 },
        ...more
      })
    )

  const gateway = simulate(group('loadbalance', members()))
  const run = gateway.play(request(), status(503), status(500))
  t.same([run.calls, run.end?.kind], [['A', 'B'], 'answered'], 'the next member is tried; 500 is a response')
  t.match(gateway.registry.endpoints.get('A')!.health, {
    state: 'suspended',
    duration: 1000,
    cause: 'the endpoint responded with status 503'
  })

  const all = simulate(group('loadbalance', members()))
  t.equal(codeOf(all.play(request(), status(503), status(503)).end), 'FAILURE_STATUS')
  t.same(out(all), ['A'], 'one message suspends one of them')

  const once = simulate(group('loadbalance', members(), { retry: 'unsent' }))
  t.same(once.play(request(), status(503)).calls, ['A'], 'retry="unsent": it was sent')

  const counted = simulate(
    group(
      'loadbalance',
      members({ markForSuspension: { errorCodes: [503], retriesBeforeSuspension: 2, retryDelay: 10 } })
    )
  )
  counted.play(request(), status(503), answered())
  t.equal(counted.state('A'), 'timeout', 'lists of codes may name the status')

  for (const [value, duration] of [
    ['7', 7000],
    ['999999', 60_000],
    ['Thu, 01 Jan 1970 00:00:05 GMT', 5000],
    ['soon', 1000],
    ['0', 1000]
  ] as const) {
    const gateway = simulate(
      address('A', { failureStatus: [503], suspendOnFailure: { initialDuration: 1000, maximumDuration: 60_000 } })
    )
    gateway.play(request(), status(503, ['Retry-After', value]))
    t.match(gateway.registry.endpoints.get('A')!.health, { state: 'suspended', duration }, `Retry-After: ${value}`)
  }
})

t.test('frozen: five clients in a row that wait and disconnect count as a late response', async t => {
  const disconnect = (gateway: Simulation, waited: number): void => {
    const run = gateway.send(request())
    gateway.clock.now += waited
    run.leave()
  }
  const gateway = simulate(address('A'))
  for (let client = 0; client < 4; client++) disconnect(gateway, 1001)
  t.equal(gateway.state('A'), 'active')
  disconnect(gateway, 1001)
  t.match(gateway.registry.endpoints.get('A')!.health, {
    state: 'suspended',
    cause: '5 clients in a row disconnected while they waited for a response'
  })

  const responses = simulate(address('A'))
  for (let client = 0; client < 20; client++) {
    if (client % 4 === 0) responses.play(request(), answered())
    disconnect(responses, 5000)
  }
  t.equal(responses.state('A'), 'active', 'a response in between restarts the count')

  const hasty = simulate(address('A'))
  for (let client = 0; client < 20; client++) disconnect(hasty, 1000)
  t.equal(hasty.state('A'), 'active', 'clients that do not wait are no evidence')

  const halfClosed = simulate(address('A'))
  halfClosed.registry.disconnectDelay = 5000
  for (let client = 0; client < 20; client++) disconnect(halfClosed, 5500)
  t.equal(halfClosed.state('A'), 'active', 'the delay for half-closed clients does not count as their wait')
  for (let client = 0; client < 5; client++) disconnect(halfClosed, 6001)
  t.equal(halfClosed.state('A'), 'suspended')

  const off = simulate(address('A', { maxAbandoned: 0 }))
  for (let client = 0; client < 20; client++) disconnect(off, 5000)
  t.equal(off.state('A'), 'active', '0: off')

  const limited = simulate(address('A'))
  const tooLong: Outcome = { kind: 'refused', fault: fault('CONNECTION_TIMEOUT', 'supposed', { requestSent: true }) }
  for (let message = 0; message < 5; message++) {
    const run = limited.send(request())
    limited.clock.now += 1001
    run.next(tooLong)
  }
  t.equal(limited.state('A'), 'suspended', 'the limit of the whole exchange gives up like a client')

  const uploads = simulate(address('A'))
  const rest = { attach () {}, discard () {} }
  const streamed: Message = { ...request(), body: { kind: 'stream', head: Buffer.alloc(0), rest, size: undefined } }
  for (let client = 0; client < 20; client++) {
    const run = uploads.send(streamed)
    uploads.clock.now += 5000
    run.leave()
  }
  t.equal(uploads.state('A'), 'active', 'a client that disconnects inside its request is no evidence')

  const stopping = simulate(address('A'))
  stopping.registry.isStopping = true
  for (let client = 0; client < 20; client++) disconnect(stopping, 5000)
  t.match(stopping.registry.endpoints.get('A'), { health: { state: 'active' }, cancelled: 0 }, 'nor does a shutdown')
})
