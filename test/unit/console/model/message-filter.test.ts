import t from 'tap'
import type { AttemptView, MessageSummary } from '../../../../plugins/admin/messages/message-views.js'
import { messageFilter } from '../../../../plugins/console/model/message-filter.js'
import { reasonsOf } from '../../../../plugins/console/model/message-reasons.js'

const attempt = (endpoint: string, more: Partial<AttemptView> = {}): AttemptView => ({
  endpoint,
  outcome: 'answered',
  status: 200,
  from: 1,
  to: 40,
  code: null,
  cause: null,
  ...more
})

const refused = attempt('orders-2', { outcome: 'failed', status: null, to: 2, code: 101503, cause: 'it was refused' })

const message = (more: Partial<MessageSummary> = {}): MessageSummary => ({
  id: 1,
  at: 0,
  proxy: 'OrdersProxy',
  method: 'POST',
  status: 200,
  ms: 41,
  hasLeft: false,
  worker: null,
  operation: null,
  session: null,
  fault: null,
  notes: [],
  moreAttempts: 0,
  requestBytes: 10,
  responseBytes: 10,
  attempts: [attempt('orders-1')],
  ...more
})

const ALL = {
  plain: message(),
  failedOver: message({ attempts: [refused, attempt('orders-3')] }),
  fault: message({
    status: 500,
    attempts: [refused],
    ms: 900,
    fault: { code: 101503, reason: 'it was refused' },
    operation: 'placeOrder',
    session: '7f3a91c2',
    worker: 12
  }),
  left: message({ status: null, hasLeft: true, proxy: 'Stock', method: 'GET' })
}

t.test('a filter holds where all of its parts do', async t => {
  const matching = (text: string): string[] =>
    Object.entries(ALL)
      .filter(([, each]) => {
        const { test, problem } = messageFilter(text)
        return problem === undefined && test(each)
      })
      .map(([name]) => name)
  t.strictSame(matching(''), ['plain', 'failedOver', 'fault', 'left'])
  t.strictSame(matching('proxy:orders'), ['plain', 'failedOver', 'fault'])
  t.strictSame(matching('endpoint:orders-2'), ['failedOver', 'fault'])
  t.strictSame(matching('status:5xx'), ['fault'])
  t.strictSame(matching('status:200 attempts:>1'), ['failedOver'])
  t.strictSame(matching('attempts:1'), ['plain', 'fault', 'left'])
  t.strictSame(matching('ms:>500'), ['fault'])
  t.strictSame(matching('ms:<500 -proxy:stock'), ['plain', 'failedOver'])
  t.strictSame(matching('failed'), ['failedOver', 'fault', 'left'])
  t.strictSame(matching('method:get'), ['left'])
  t.strictSame(matching('REFUSED'), ['failedOver', 'fault'])
  t.strictSame(matching('status:left'), ['left'])
  t.strictSame(matching('session:7F op:place worker:12'), ['fault'])
  t.strictSame(matching('fault'), ['fault'])
})

t.test('mistakes in a filter are named, with what is meant', async t => {
  for (const [text, problem] of [
    ['ms:soon', 'ms: takes a number: ms:>1, ms:<10, ms:2'],
    ['attemps:>1', 'There is no term "attemps:" (did you mean "attempts:"?).'],
    ['-xyz:1', 'There is no term "xyz:".'],
    ['proxy:', 'proxy: needs a value'],
    ['status:5', 'status: takes a status, or a class of them: status:404, status:5xx'],
    ['session:client-7', 'session: takes the first digits of a fingerprint: session:7f3a']
  ] as const) {
    t.match(messageFilter(text), { problem }, text)
  }
})

t.test('the way of a message is explained attempt by attempt', async t => {
  const said = (each: MessageSummary): string[] => reasonsOf(each).map(({ text }) => text)
  t.strictSame(said(ALL.failedOver), [
    'orders-2: it was refused (101503) after 1 ms. The next member was tried.',
    'orders-3 responded with 200 after 39 ms.',
    'The client got 200 after 41 ms.'
  ])
  t.strictSame(
    said(
      message({
        session: '7f3a91c2',
        notes: [
          { kind: 'session', group: 'LB', member: null, at: 0.5 },
          { kind: 'passed', endpoint: 'orders-2', reason: 'suspended for another 9 s', at: 0.5 },
          { kind: 'trial', endpoint: 'orders-3', at: 0.6 },
          { kind: 'bound', group: 'LB', member: 'orders-3', at: 0.6 }
        ],
        attempts: [attempt('orders-3')]
      })
    ),
    [
      'The session 7f3a91c2 was bound to no member of LB: the group chose one.',
      'orders-2 was passed over: suspended for another 9 s.',
      'orders-3 was half-open: this message was its trial.',
      'The session 7f3a91c2 is bound to orders-3 from here on.',
      'orders-3 responded with 200 after 39 ms.',
      'The client got 200 after 41 ms.'
    ]
  )
  t.strictSame(said(ALL.left).at(-1), 'The client disconnected before its response was complete.')
  t.strictSame(said(message({ attempts: [], status: 500, ms: 1 })), [
    'The message was sent to no endpoint.',
    'The client got 500 after 1 ms.'
  ])
})
