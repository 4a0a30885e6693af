import t from 'tap'
import { printable } from '../../../../plugins/admin/contract/hand-change.js'

t.test('text of a caller is redacted as a whole, then becomes one short line', async t => {
  t.equal(printable('one\ntwo\u2028three\x1b[1m'), 'one two three [1m')
  t.equal(printable('x'.repeat(300)), 'x'.repeat(200))
  t.equal(printable('redis://user:pass\u200bword@store'), 'redis://***@store')
  t.notMatch(printable(`${'x'.repeat(180)} redis://user:password@store`), /user/, 'a URL that the cut goes through')
})
