import t from 'tap'
import { errorMessage, toError } from '../../../lib/message/error-message.js'

t.test('whatever is thrown has a message, and can be an Error', async t => {
  const error = new TypeError('broken')
  t.equal(errorMessage(error), 'broken')
  t.equal(toError(error), error)
  for (const [thrown, text] of [['text', 'text'], [undefined, 'undefined'], [null, 'null'], [7, '7']] as const) {
    t.equal(errorMessage(thrown), text)
    t.match(toError(thrown), { message: text })
  }
})
