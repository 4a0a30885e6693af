import t from 'tap'
import { fault, type CodeName } from '../../../lib/message/fault.js'
import { type Forward, type Flow, type Outcome, newDelivery } from '../../../lib/contracts/flow.js'
import { createReservingEndpoint } from '../../../lib/contracts/endpoint.js'
import { DEFAULT_POLICY, type SuspensionPolicy } from '../../../lib/state/suspension.js'
import { reserveAttempt, type AttemptHandlers, type RetryPolicy } from '../../../lib/balancing/attempt.js'
import { Registry } from '../../../lib/state/registry.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import { answered, failed, request } from '../../support/flows/flow-run.js'

const CALL: Forward = {
  kind: 'forward',
  endpointName: 'A',
  origin: 'http://a',
  path: '/',
  message: request(),
  options: { timeout: 0, verify: true }
}
const HANDLERS: AttemptHandlers = {
  buildRequest: () => CALL,
  classify: outcome => outcome,
  conclude: outcome => outcome
}
const OPTIONS = { endpointName: () => 'A', trialTime: 2000, maxAbandoned: 5 }

function setUp (changes: Partial<SuspensionPolicy> = {}, retry: RetryPolicy = {}) {
  const clock = { now: 0 }
  const registry = new Registry(() => clock.now)
  const lease = registry.lease()
  const endpoint: EndpointState = lease.endpoint('A', 'http://a', { ...DEFAULT_POLICY, ...changes })
  lease.commit()
  const begin = (bound = false, delivery = newDelivery(), exchange = HANDLERS): Flow<Outcome> =>
    withoutNotes(
      createReservingEndpoint('A', (_message, bound, delivery) =>
        reserveAttempt(endpoint, registry, { ...OPTIONS, retry }, bound, delivery, exchange)
      )(request(), bound, delivery)
    )
  const send = (outcome: Outcome, bound = false): Outcome => {
    const flow = begin(bound)
    const first = flow.next()
    return first.done ? first.value : (flow.next(outcome).value as Outcome)
  }
  return { clock, registry, endpoint, begin, send }
}

/** The same flow without the notes of what was decided. */
function * withoutNotes (flow: Flow<Outcome>): Flow<Outcome> {
  try {
    let step = flow.next()
    while (step.done !== true) {
      step = step.value.kind === 'noteDecisions' ? flow.next() : flow.next(yield step.value)
    }
    return step.value
  } finally {
    flow.return({ kind: 'discarded' })
  }
}

t.test('a response, whatever its status, is a success', async t => {
  const { endpoint, send } = setUp()
  const response = answered()
  t.equal(send(response), response)
  t.match(endpoint, { health: { state: 'active' }, inFlight: 0, responses: 1, failures: 0 })
})

t.test('a failure suspends the endpoint, and no message is sent meanwhile', async t => {
  const { endpoint, send, clock } = setUp({ initialDuration: 1000 })
  t.match(send(failed()), { kind: 'failed', retry: 'any' })
  t.match(endpoint, { health: { state: 'suspended', retryAt: 1000 }, inFlight: 0, responses: 0, failures: 1 })
  clock.now = 999
  t.match(send(answered()), { kind: 'refused', fault: { code: 303001, reason: 'endpoint A is suspended' } })
  clock.now = 1000
  t.match(send(answered()), { kind: 'answered' })
  t.equal(endpoint.health.state, 'active')
})

t.test('after a suspension one message is the trial, and the others wait for its outcome', async t => {
  for (const [outcome, state] of [
    [answered(), 'active'],
    [failed(), 'suspended']
  ] as const) {
    const { endpoint, send, begin, clock } = setUp({ initialDuration: 1000 })
    send(failed())
    clock.now = 1000
    const probe = begin()
    t.equal(probe.next().value, CALL)
    t.match(send(answered()), {
      kind: 'refused',
      fault: { reason: 'endpoint A is half-open, and its trial is in flight' }
    })
    t.match(
      send({ kind: 'refused', fault: fault('NOT_READY', 'full') }, true),
      { fault: { reason: 'full' } },
      'those of its own sessions may pass'
    )
    probe.next(outcome)
    t.match(endpoint, { health: { state }, inFlight: 0 })
  }
  t.test('a trial whose client disconnects leaves the trial to the next message', async t => {
    const { endpoint, send, begin, clock } = setUp({ initialDuration: 1000 })
    send(failed())
    clock.now = 1000
    const probe = begin()
    probe.next()
    probe.return(undefined as never)
    t.match(endpoint, { health: { state: 'half-open', retryAt: 1000, trial: undefined }, inFlight: 0, failures: 1 })
    t.match(send(answered()), { kind: 'answered' })
  })
  t.test('a message of a session may be the one that tries', async t => {
    const { endpoint, send, begin, clock } = setUp({ initialDuration: 1000 })
    send(failed())
    clock.now = 1000
    const own = begin(true)
    own.next()
    t.match(endpoint.health, { state: 'half-open', trial: { startedAt: 1000, endsAt: 3000 } })
    t.match(send(answered()), { kind: 'refused' })
    own.next(answered())
    t.equal(endpoint.health.state, 'active')
  })
  t.test('a suspended endpoint accepts no message before its retry, not even of bound sessions', async t => {
    const { send } = setUp({ initialDuration: 1000 })
    send(failed())
    t.match(send(answered(), true), { kind: 'refused' })
  })
})

t.test('of messages in flight together only the first failure counts', async t => {
  const policy = { initialDuration: 1000, progressionFactor: 2, maximumDuration: 60_000 }
  const { endpoint, begin, send, clock } = setUp(policy)
  const together = Array.from({ length: 64 }, () => begin())
  for (const flow of together) flow.next()
  clock.now = 7
  for (const flow of together) flow.next(failed())
  t.match(endpoint, { health: { state: 'suspended', duration: 1000, retryAt: 1007 }, inFlight: 0, failures: 64 })
  clock.now = 1007
  send(failed())
  t.match(endpoint.health, { duration: 2000, retryAt: 3007 })
})

t.test('a client that disconnects suspends no endpoint', async t => {
  const { endpoint, begin } = setUp()
  const flow = begin()
  flow.next()
  t.equal(endpoint.inFlight, 1)
  flow.return(undefined as never)
  t.match(endpoint, { health: { state: 'active' }, inFlight: 0, responses: 0, failures: 0 })
})

t.test('the age of the oldest message that waits is known, whichever gets its response first', async t => {
  const { endpoint, begin, clock } = setUp()
  const { waiting } = endpoint
  const flows = [10, 20, 30].map(now => {
    clock.now = now
    const flow = begin()
    flow.next()
    return flow
  })
  t.equal(waiting.oldestStart, 10)
  flows[1]!.next(answered())
  t.equal(waiting.oldestStart, 10)
  flows[0]!.return(undefined as never)
  t.equal(waiting.oldestStart, 30, 'its client has disconnected')
  clock.now = 5
  const flow = begin()
  flow.next()
  t.equal(waiting.oldestStart, 5, 'the clock was set back')
  flow.next(failed())
  t.equal(waiting.oldestStart, 30)
  flows[2]!.next(answered())
  t.equal(waiting.oldestStart, undefined)
})

t.test('what the transport refuses is no failure of the endpoint', async t => {
  const { endpoint, send } = setUp()
  const outcome: Outcome = { kind: 'refused', fault: fault('NOT_READY', 'full') }
  t.equal(send(outcome), outcome)
  t.match(endpoint, { health: { state: 'active' }, inFlight: 0, failures: 0 })
})

t.test('a message that cannot be built suspends no endpoint', async t => {
  const { endpoint, begin } = setUp()
  const flow = begin(false, newDelivery(), {
    ...HANDLERS,
    buildRequest () {
      throw new Error('no envelope')
    }
  })
  t.throws(() => flow.next(), /no envelope/)
  t.match(endpoint, { health: { state: 'active' }, inFlight: 0, failures: 0 })
})

t.test('an endpoint that is off or draining takes no new message', async t => {
  t.test('an endpoint that is off stays off, whatever response comes late', async t => {
    for (const late of [answered(), failed()]) {
      const { endpoint, registry, begin, send } = setUp()
      const flow = begin()
      flow.next()
      registry.switchOff('A')
      flow.next(late)
      t.match(endpoint, { health: { state: 'off' }, inFlight: 0 })
      t.match(
        send(answered(), true),
        { kind: 'refused', fault: { reason: 'endpoint A is off' } },
        'for sessions as well'
      )
    }
  })
  t.test('a late success ends a suspension, as in Apache Synapse', async t => {
    const { endpoint, begin, send } = setUp()
    const flow = begin()
    flow.next()
    send(failed())
    t.equal(endpoint.health.state, 'suspended')
    flow.next(answered())
    t.equal(endpoint.health.state, 'active')
  })
  t.test('a draining endpoint accepts its bound sessions only', async t => {
    const { endpoint, registry, send } = setUp()
    registry.drain('A')
    t.match(send(answered()), { kind: 'refused', fault: { reason: 'endpoint A is draining' } })
    t.match(send(answered(), true), { kind: 'answered' })
    t.match(send(failed(), true), { kind: 'failed' })
    t.equal(endpoint.health.state, 'draining')
  })
})

t.test('retryConfig decides which faults are retried', async t => {
  const retry = (code: CodeName, policy: RetryPolicy, alias?: number): string => {
    const outcome = setUp({}, policy).send({
      kind: 'failed',
      retry: 'any',
      fault: fault(code, 'it broke', alias === undefined ? {} : { passThroughCode: alias })
    })
    return outcome.kind === 'failed' ? outcome.retry : outcome.kind
  }
  const closed = 101505
  t.equal(retry('CONNECTION_CLOSED', {}), 'any')
  t.equal(retry('CONNECTION_CLOSED', { disabled: [closed] }), 'outer-group')
  t.equal(retry('CONNECTION_FAILED', { disabled: [closed] }), 'any')
  t.equal(retry('CONNECTION_CLOSED', { enabled: [closed] }), 'any')
  t.equal(retry('CONNECTION_FAILED', { enabled: [closed] }), 'outer-group')
  t.equal(retry('CONNECTION_FAILED', { enabled: [] }), 'any')
  t.equal(retry('CONNECTION_CLOSED', { enabled: [closed], disabled: [closed] }), 'outer-group')
  t.equal(
    retry('CONNECTION_CLOSED', { disabled: [101508] }, 101508),
    'outer-group',
    'by the code that the real engine would have shown, too'
  )
})

t.test('a body that was consumed is reported, and the message is sent to no other member', async t => {
  const { registry, send } = setUp()
  const reported: string[] = []
  registry.on('retryImpossible', ({ endpoint, reason }) => reported.push(`${endpoint.name}: ${reason}`))
  t.match(send(failed('RECEIVING', true, 'none')), { kind: 'failed', retry: 'none' })
  t.same(reported, ['A: supposed: RECEIVING'])
})
