import t from 'tap'
import { eventSentence } from '../../../../plugins/console/model/event-sentence.js'

t.test('an event begins with a capital letter, unless it begins with the name of an endpoint', async t => {
  t.equal(eventSentence({ text: 'by hand: orders-1 is draining' }), 'By hand: orders-1 is draining')
  t.equal(eventSentence({ text: 'a session of OrdersLB was looked up' }), 'A session of OrdersLB was looked up')
  t.equal(eventSentence({ text: 'Configuration reloaded (file)' }), 'Configuration reloaded (file)')
  t.equal(eventSentence({ text: 'orders-1 is off', endpoint: 'orders-1' }), 'orders-1 is off')
  t.equal(eventSentence({ text: 'by hand: x', endpoint: 'orders-1' }), 'By hand: x')
  t.equal(eventSentence({ text: '' }), '')
})
