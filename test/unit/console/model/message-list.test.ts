import t from 'tap'
import { lastSettled, mergedMessages } from '../../../../plugins/console/model/message-list.js'

const message = (id: number, outcome = 'answered'): any => ({ id, attempts: [{ outcome }] })

t.test('each message is once in the list, as it was read last, newest first', async t => {
  const kept = [message(3), message(2, 'pending'), message(1)]
  t.same(mergedMessages([message(4), message(2)], kept, 3), [message(4), message(3), message(2)])
})

t.test('a message with an attempt on its way is read again', async t => {
  t.equal(lastSettled([]), 0)
  t.equal(lastSettled([message(3), message(2)]), 3)
  t.equal(lastSettled([message(3), message(2, 'pending'), message(1)]), 1)
})
