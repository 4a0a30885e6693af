import t, { type Test } from 'tap'
import { fault } from '../../../../lib/message/fault.js'
import type { EndpointState } from '../../../../lib/state/endpoint-state.js'
import { DEFAULT_POLICY } from '../../../../lib/state/suspension.js'
import { Registry } from '../../../../lib/state/registry.js'
import { TrialQueue } from '../../../../plugins/gateway/request/trial-queue.js'
import { BufferBudget } from '../../../../plugins/http/message/buffer-budget.js'
import { ExchangeScope } from '../../../../plugins/http/message/exchange-scope.js'

/** Far away: no test waits for it. */
const TRIAL_MS = 3_600_000
const MAX_WAITING = 100

/** Half-open endpoints, each with a trial in flight, and a queue. */
function setUp (t: Test, ...names: string[]) {
  const clock = { now: 0 }
  const registry = new Registry(() => clock.now)
  const lease = registry.lease()
  const endpoints = names.map(name => lease.endpoint(name, `http://${name}`, DEFAULT_POLICY))
  lease.commit()
  for (const endpoint of endpoints) {
    registry.signal(endpoint, { kind: 'fault', fault: fault('CONNECTION_FAILED', 'refused') })
  }
  clock.now = DEFAULT_POLICY.initialDuration
  for (const endpoint of endpoints) registry.startTrial(endpoint, TRIAL_MS)
  const queue = new TrialQueue(registry)
  t.teardown(() => queue.close())
  const wait = (endpoint: EndpointState, endsAt = clock.now + TRIAL_MS) => {
    const client = new ExchangeScope(new BufferBudget(0))
    const waiting = { client, result: undefined as boolean | undefined, done: Promise.resolve() }
    waiting.done = queue.wait({ endpoint, endsAt }, client).then(result => { waiting.result = result })
    return waiting
  }
  return { clock, registry, endpoints, queue, wait }
}

t.test('messages wait until the trial of their endpoint ends, whatever its outcome', async t => {
  for (const kind of ['success', 'fault'] as const) {
    const { registry, endpoints: [a], wait } = setUp(t, 'a')
    const waiting = [wait(a!), wait(a!)]
    await new Promise(setImmediate)
    t.same(waiting.map(({ result }) => result), [undefined, undefined])
    registry.signal(a!, kind === 'success' ? { kind } : { kind, fault: fault('CONNECTION_FAILED', 'refused') })
    await Promise.all(waiting.map(({ done }) => done))
    t.same(waiting.map(({ result }) => result), [true, true], kind)
  }
})

t.test('messages for another endpoint continue to wait', async t => {
  const { registry, endpoints: [a, b], wait } = setUp(t, 'a', 'b')
  const [atA, atB] = [wait(a!), wait(b!)]
  registry.signal(a!, { kind: 'success' })
  await atA.done
  await new Promise(setImmediate)
  t.equal(atB.result, undefined)
  registry.signal(b!, { kind: 'success' })
  await atB.done
  t.equal(atB.result, true)
})

t.test('a trial whose client disconnects ends the waiting too', async t => {
  const { registry, endpoints: [a], wait } = setUp(t, 'a')
  const waiting = wait(a!)
  registry.signal(a!, { kind: 'trialEnd', startedAt: DEFAULT_POLICY.initialDuration })
  await waiting.done
  t.equal(waiting.result, true)
})

t.test('no message waits longer than the time of the trial', async t => {
  const { clock, endpoints: [a], wait } = setUp(t, 'a')
  const waiting = wait(a!, clock.now)
  await waiting.done
  t.equal(waiting.result, true)
})

t.test('at most 100 messages wait for one endpoint; further ones do not wait', async t => {
  const { registry, endpoints: [a, b], wait } = setUp(t, 'a', 'b')
  const waiting = Array.from({ length: MAX_WAITING }, () => wait(a!))
  const further = wait(a!)
  await further.done
  t.equal(further.result, false)
  const other = wait(b!)
  await new Promise(setImmediate)
  t.equal(other.result, undefined, 'each endpoint has a queue of its own')
  registry.signal(a!, { kind: 'success' })
  await Promise.all(waiting.map(({ done }) => done))
  t.ok(waiting.every(({ result }) => result === true))
  const next = wait(a!)
  await new Promise(setImmediate)
  t.equal(next.result, undefined, 'the queue has room again')
})

t.test('a message whose client disconnects gives its place back, once', async t => {
  const { registry, endpoints: [a], wait } = setUp(t, 'a')
  const waiting = Array.from({ length: MAX_WAITING }, () => wait(a!))
  for (const { client } of waiting) client.finish(true)
  await Promise.all(waiting.map(({ done }) => done))
  const next = wait(a!)
  await new Promise(setImmediate)
  t.equal(next.result, undefined, 'there is room')
  registry.report('trialEnd', a!)
  await next.done
  const last = wait(a!)
  next.client.finish(false)
  registry.report('trialEnd', a!)
  await last.done
  t.equal(last.result, true, 'the end of an exchange that has waited releases no other')
})

t.test('closing the queue ends the waiting, and removes its listener', async t => {
  const { registry, endpoints: [a], queue, wait } = setUp(t, 'a')
  const waiting = wait(a!)
  queue.close()
  await waiting.done
  t.equal(waiting.result, true)
  t.equal(registry.listenerCount('trialEnd'), 0)
})
