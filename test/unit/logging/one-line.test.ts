import t from 'tap'
import { oneLine, oneLineFields } from '../../../plugins/logging/one-line.js'

t.test('no character that ends a line for a reader of logs stays as it is', async t => {
  const shown =
    JSON.stringify(oneLineFields({ 'a\u2028b': 'x\u0085y\u2029z\u009b\u007f' })) +
    JSON.stringify(oneLine('\u0085\u2028\u2029'))
  t.notMatch(shown, /[\u007f-\u009f\u2028\u2029]/)
  t.match(shown, '\\\\u2028')
  t.equal(oneLine('plain ä 日本'), 'plain ä 日本')
  t.same(oneLineFields({ a: 1, b: undefined }), { a: 1, b: undefined })
})
