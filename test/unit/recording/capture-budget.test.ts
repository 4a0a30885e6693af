import t from 'tap'
import { BodyCapture } from '../../../plugins/recording/body-capture.js'
import { CaptureBudget } from '../../../plugins/recording/capture-budget.js'
import { MessageCapture } from '../../../plugins/recording/message-capture.js'
import { MAX_CAPTURED, Recorder } from '../../../plugins/recording/recorder.js'
import type { Recorded } from '../../../plugins/recording/recorded-message.js'

const given = { proxy: 'P', method: 'POST', path: '/', headers: ['Content-Type', 'text/plain'], definitions: {} }

const counter = (): (() => number) => {
  let last = 0
  return () => ++last
}

t.test('the start of a body is kept, whatever the size of its chunks', async t => {
  const budget = new CaptureBudget(10_000)
  const body = new BodyCapture(5_000, budget)
  const all = Buffer.from(Array.from({ length: 6_000 }, (_, at) => at))
  for (let at = 0; at < all.length; at += 7) body.add(all.subarray(at, at + 7))
  body.end()
  t.match(body, { size: 6_000, isCut: true })
  t.ok(body.bytes.equals(all.subarray(0, 5_000)))
  t.notOk(budget.reserve(5_001), 'its bytes are taken from the budget')
  body.release()
  body.add(all)
  t.ok(budget.reserve(10_000), 'and given back; it keeps nothing more')
})

t.test('a body that finds no room in the budget is not kept, and equals no other', async t => {
  const budget = new CaptureBudget(1_024)
  const first = new MessageCapture(given, 4_096, budget)
  const second = new MessageCapture(given, 4_096, budget)
  first.receive([], { kind: 'bytes', bytes: Buffer.from('first') })
  second.receive([], { kind: 'bytes', bytes: Buffer.from('second') })
  t.match(first.request.body, { isOverBudget: false })
  t.match(second.request.body, { isOverBudget: true, size: 6, bytes: Buffer.alloc(0) })
  t.notOk(second.request.body.equals(second.request.body))
  first.release()
  const third = new MessageCapture(given, 4_096, budget)
  third.receive([], { kind: 'bytes', bytes: Buffer.from('third') })
  t.match(third.request.body, { isOverBudget: false }, 'its room is free again')
})

t.test('a message beyond the budget of its recorder is recorded with the reason', async t => {
  const recorded: Recorded[] = []
  const settings = { only: 'all', slowerThan: null, proxies: null, bytes: 16_384, hide: [], seed: [1, 2] } as const
  const recorder = new Recorder({ ...settings, perSecond: 1e6 }, each => recorded.push(each), counter(), () => {})
  const body = { kind: 'bytes', bytes: Buffer.alloc(16_384, 'a') } as const
  const messages = Array.from({ length: MAX_CAPTURED / 16_384 + 1 }, () => {
    const message = recorder.begin(given)!
    message.receive(given.headers, body)
    message.finish(200, false)
    return message
  })
  for (const each of messages.toReversed()) recorder.finished(each)
  recorder.flush()
  t.match(recorded, [
    { message: { request: { body: { size: 16_384, text: null, reason: /took all the memory/ } } } },
    { message: { request: { body: { text: /^a+$/ } } } }
  ])
})

t.test('a fault of the gateway counts as failed, whatever its status', async t => {
  const recorded: Recorded[] = []
  const settings = { only: 'failed', slowerThan: null, proxies: null, bytes: 0, hide: [], seed: [1, 2] } as const
  const recorder = new Recorder({ ...settings, perSecond: 1e6 }, each => recorded.push(each), counter(), () => {})
  for (const fault of [undefined, { code: 303001, reason: 'no endpoint is ready' }]) {
    const message = recorder.begin(given)!
    message.fault = fault
    message.finish(202, false)
    recorder.finished(message)
  }
  recorder.flush()
  t.match(recorded, [{ message: { status: 202, fault: { code: 303001 } } }])
  t.equal(recorded.length, 1)
})
