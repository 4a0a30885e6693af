import t from 'tap'
import { MAX_BYTES, MAX_MESSAGES, MessageStore } from '../../../../plugins/admin/messages/message-store.js'
import type { RecordedMessage } from '../../../../plugins/recording/recorded-message.js'

const message = (text = ''): RecordedMessage => ({
  at: 0,
  proxy: 'P',
  method: 'POST',
  path: '/',
  operation: null,
  status: 200,
  ms: 1,
  hasLeft: false,
  session: null,
  fault: null,
  notes: [],
  attempts: [],
  moreAttempts: 0,
  response: null,
  request: { headers: [], body: { size: text.length, text, isCut: false, hidden: 0, reason: null } }
})

t.test('messages are bounded in number and in bytes; the oldest go first', async t => {
  const store = new MessageStore()
  for (let number = 1; number <= MAX_MESSAGES + 5; number++) store.add(null, { number, message: message() })
  t.equal(store.count, MAX_MESSAGES)
  t.equal(store.find(5), undefined)
  t.ok(store.find(6))
  for (let number = 1; number <= 1_000; number++) store.add(7, { number, message: message('ü€'.repeat(8_192)) })
  t.ok(store.bytes <= MAX_BYTES, 'bytes count, not characters')
  t.ok(store.count < 500 && store.count > 100)
  store.clear()
  t.match(store, { bytes: 0, count: 0, dropped: 0 })
})

t.test('a message that comes again replaces itself, and those of other processes stay', async t => {
  const store = new MessageStore()
  store.add(1, { number: 1, message: message('a') })
  store.add(2, { number: 1, message: message('b') })
  store.add(1, { number: 1, message: message('longer') })
  t.same(store.list(0, 10).map(({ id, worker }) => [id, worker]), [[2, 2], [1, 1]])
  t.same(store.list(0, 10, 2).map(({ id }) => id), [1], 'those before an id')
  t.match(store.find(1)?.message, { request: { body: { text: 'longer' } } })
  store.add(1, { dropped: 3 })
  store.add(2, { dropped: 4 })
  store.add(1, { dropped: 5 })
  t.equal(store.dropped, 9)
  for (let number = 2; number <= MAX_MESSAGES + 1; number++) store.add(1, { number, message: message() })
  store.add(1, { number: 1, message: message('late') })
  t.equal(store.count, MAX_MESSAGES, 'one that was dropped stays dropped')
  store.restart()
  store.add(1, { number: MAX_MESSAGES + 2, message: message('of the next recording') })
  t.match(store.list(0, 1)[0]?.message, { request: { body: { text: 'of the next recording' } } })
})
