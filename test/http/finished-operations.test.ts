import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { fault } from '../../lib/message/fault.js'
import { DEFAULT_POLICY } from '../../lib/state/suspension.js'
import { Registry } from '../../lib/state/registry.js'
import { PlaceQueue } from '../../plugins/gateway/request/place-queue.js'
import { TrialQueue } from '../../plugins/gateway/request/trial-queue.js'
import { BufferBudget } from '../../plugins/http/message/buffer-budget.js'
import { ExchangeScope, type ScopedOperation, type TimedOperation } from '../../plugins/http/message/exchange-scope.js'
import { LIMITS } from '../../plugins/http/message/limits.js'
import { createForwarder } from '../../plugins/http/upstream/forwarder.js'
import type { ResponseListener } from '../../plugins/http/upstream/upstream-transport.js'
import { FORWARD } from '../support/http/bare-proxy.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Far away: no test waits for it. */
const LATER_MS = 3_600_000
const REQUESTS = 100

const EXCHANGE = {
  pause () {},
  resume () {},
  write: () => true,
  finishWriting () {},
  abort () {},
  bodyConsumed: false,
  reused: false
}

/** What an endpoint may do. */
const ENDINGS: readonly ((listener: ResponseListener) => void)[] = [
  listener => {
    listener.onHead(200, ['Content-Length', '2'], true)
    listener.onBody(Buffer.from('ok'))
    listener.onEnd()
  },
  listener => {
    listener.onHead(200, ['Transfer-Encoding', 'chunked'], false)
    listener.onBody(Buffer.from('ok'))
    setImmediate(() => listener.onEnd())
  },
  listener => listener.onError({ name: 'refused' })
]

t.test('a long exchange keeps only those of its requests that are in progress', async t => {
  for (const survivesClient of [false, true]) {
    const requests: WeakRef<ResponseListener>[] = []
    const forwarder = createForwarder({
      limits: LIMITS,
      budget: new BufferBudget(LIMITS.bufferBudget),
      openTransport: () => ({
        counters: { open: 0, idle: 0, queued: 0, connects: undefined, reuses: undefined, connectTimes: undefined },
        send (_call, listener) {
          const end = ENDINGS[requests.length % ENDINGS.length]!
          requests.push(new WeakRef(listener))
          if (requests.length <= REQUESTS) setImmediate(() => end(listener))
          return EXCHANGE
        },
        async close () {},
        destroy () {}
      })
    })
    const forward = { ...FORWARD, survivesClient }
    const scope = new ExchangeScope(new BufferBudget(0))
    scope.limitTime(LATER_MS)
    for (let each = 0; each < REQUESTS; each++) await forwarder.forward(forward, scope, 'nothing')
    const last = forwarder.forward(forward, scope, 'nothing')
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    collect()
    t.ok(requests.filter(each => each.deref() !== undefined).length <= 2, `survivesClient: ${survivesClient}`)
    scope.finish(true)
    if (!survivesClient) t.match(await last, { kind: 'failed' }, 'the one in progress ends with its exchange')
    await forwarder.close(0)
  }
})

/** An exchange that counts what it keeps. */
class CountingScope extends ExchangeScope {
  readonly kept = new Set<ScopedOperation | TimedOperation>()

  constructor () {
    super(new BufferBudget(0))
    this.limitTime(LATER_MS)
  }

  override track (operation: ScopedOperation): void {
    this.kept.add(operation)
    super.track(operation)
  }

  override trackTime (operation: TimedOperation): void {
    this.kept.add(operation)
    super.trackTime(operation)
  }

  override untrack (operation: ScopedOperation): void {
    this.kept.delete(operation)
    super.untrack(operation)
  }
}

t.test('a message that waits no more is not kept by its exchange', async t => {
  const clock = { now: 0 }
  const registry = new Registry(() => clock.now)
  const lease = registry.lease()
  const endpoint = lease.endpoint('a', 'http://a', DEFAULT_POLICY, undefined, 1)
  lease.commit()
  const places = new PlaceQueue(registry)
  const trials = new TrialQueue(registry)
  t.teardown(() => {
    places.close()
    trials.close()
  })
  const scope = new CountingScope()
  t.teardown(() => scope.finish(false))

  endpoint.inFlight = 1
  const full = [{ endpoint, maxRequests: 1, maxQueued: 2, endsAt: Infinity }]
  const waits = [places.wait({ full, endsAt: Infinity }, scope), places.wait({ full, endsAt: Infinity }, scope)]
  t.equal(scope.kept.size, 2)
  endpoint.inFlight = 0
  registry.report('placeFree', endpoint)
  endpoint.inFlight = 1
  t.equal(await waits[0], true)
  t.equal(scope.kept.size, 1)
  registry.signal(endpoint, { kind: 'fault', fault: fault('CONNECTION_FAILED', 'refused') })
  t.equal(await waits[1], true)
  t.equal(scope.kept.size, 0)

  clock.now = DEFAULT_POLICY.initialDuration
  registry.startTrial(endpoint, LATER_MS)
  const trial = trials.wait({ endpoint, endsAt: clock.now + LATER_MS }, scope)
  t.equal(scope.kept.size, 1)
  registry.signal(endpoint, { kind: 'success' })
  t.equal(await trial, true)
  t.equal(scope.kept.size, 0)
})

t.test('what is over before is not cancelled with its exchange, wherever it stands among the others', async t => {
  for (let over = 0; over < 3; over++) {
    const scope = new ExchangeScope(new BufferBudget(0))
    const cancelled: number[] = []
    const operations = [0, 1, 2].map(number => ({
      previous: undefined,
      next: undefined,
      discard: () => { cancelled.push(number) }
    }))
    for (const each of operations) scope.track(each)
    scope.untrack(operations[over]!)
    scope.untrack(operations[over]!)
    scope.finish(false)
    t.same(cancelled, [2, 1, 0].filter(number => number !== over))
  }
})
