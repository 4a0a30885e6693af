import t from 'tap'
import { Registry } from '../../../lib/state/registry.js'
import { FailureLog } from '../../../lib/state/failure-log.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import { DEFAULT_POLICY } from '../../../lib/state/suspension.js'
import type { WaitingRequest } from '../../../lib/state/waiting-requests.js'
import { CounterReporter, CounterTotals, type CounterReport } from '../../../plugins/workers/counters.js'

function processWith (name: string): { registry: Registry; endpoint: EndpointState } {
  const registry = new Registry(() => 0)
  const lease = registry.lease()
  const endpoint = lease.endpoint(name, 'http://a', DEFAULT_POLICY)
  lease.commit()
  return { registry, endpoint }
}

/** A report as it arrives over the channel between the processes. */
const sent = (reporter: CounterReporter): CounterReport => JSON.parse(JSON.stringify(reporter.next()))

function send (endpoint: EndpointState, startedAt: number): () => void {
  const request: WaitingRequest = { startedAt, before: undefined, after: undefined }
  endpoint.inFlight++
  endpoint.waiting.add(request)
  return () => {
    endpoint.inFlight--
    endpoint.waiting.remove(request)
  }
}

t.test('the oldest request in flight is that of all workers', async t => {
  const primary = processWith('A')
  const totals = new CounterTotals(primary.registry)
  const workers = [1, 2].map(() => {
    const { registry, endpoint } = processWith('A')
    const reporter = new CounterReporter(registry)
    const sink = totals.worker()
    return { endpoint, report: () => sink.add(sent(reporter)), end: () => sink.remove() }
  })
  const [first, second] = workers as [(typeof workers)[0], (typeof workers)[0]]
  const shown = () => {
    for (const { report } of workers) report()
    return [primary.endpoint.inFlight, primary.endpoint.waiting.oldestStart]
  }
  t.same(shown(), [0, undefined])
  const endOfOldest = send(first.endpoint, 10)
  send(second.endpoint, 20)
  const endOfThird = send(first.endpoint, 30)
  t.same(shown(), [3, 10])
  endOfOldest()
  t.same(shown(), [2, 20])
  endOfThird()
  send(first.endpoint, 40)
  t.same(shown(), [2, 20])
  second.end()
  t.same([primary.endpoint.inFlight, primary.endpoint.waiting.oldestStart], [1, 40], 'a worker has ended')
})

t.test('failures of all workers are added up, and the last five are kept', async t => {
  const primary = processWith('A')
  const totals = new CounterTotals(primary.registry)
  const workers = [1, 2].map(() => {
    const { registry, endpoint } = processWith('A')
    const [reporter, sink] = [new CounterReporter(registry), totals.worker()]
    const fail = (at: number, code: number): void => {
      endpoint.failures++
      endpoint.failureLog ??= new FailureLog()
      endpoint.failureLog.addFailure({ at, code, cause: `failure ${at}` })
    }
    return { endpoint, fail, report: () => sink.add(sent(reporter)) }
  })
  const [first, second] = workers as [(typeof workers)[0], (typeof workers)[0]]
  first.fail(1, 101503)
  second.fail(2, 101504)
  for (const { report } of workers) report()
  for (const at of [3, 4, 5, 6]) first.fail(at, 101503)
  second.endpoint.responses++
  second.endpoint.failureLog!.addStatus(503)
  for (const { report } of workers) report()
  for (const { report } of workers) report()
  const log = primary.endpoint.failureLog!
  t.strictSame(log.recent.map(({ at }) => at), [2, 3, 4, 5, 6])
  t.strictSame(log.byCode, [[101503, 5], [101504, 1]])
  t.strictSame(log.byStatus, [[503, 1]])
})

t.test('a worker reports an endpoint whose oldest request is another, though the counts are the same', async t => {
  const { registry, endpoint } = processWith('A')
  const reporter = new CounterReporter(registry)
  const end = send(endpoint, 10)
  t.match(reporter.next(), [{ inFlight: 1, oldestStart: 10 }])
  t.same(reporter.next(), [])
  end()
  send(endpoint, 20)
  t.match(reporter.next(), [{ inFlight: 1, oldestStart: 20 }])
})

t.test('messages that were refused are added up over all workers', async t => {
  const primary = processWith('A')
  const totals = new CounterTotals(primary.registry)
  for (const refused of [2, 3]) {
    const { registry, endpoint } = processWith('A')
    endpoint.refused = refused
    totals.worker().add(sent(new CounterReporter(registry)))
  }
  t.equal(primary.endpoint.refused, 5)
})
