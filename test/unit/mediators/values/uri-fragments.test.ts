import t from 'tap'
import { fragmentsOf, uriOf } from '../../../../lib/mediators/values/uri-fragments.js'

t.test('addresses are taken apart and put together again', async t => {
  for (const uri of ['http://h', 'http://u:p@h:1/a/b?q#r', '/services/P', '/p?x=%20', '', 'http://[::1]:9/']) {
    t.equal(uriOf(fragmentsOf(uri)), uri)
  }
  t.strictSame(fragmentsOf('http://h:80/a%20b?c%3Dd'), {
    protocol: 'http', host: 'h', port: '80', path: '/a b', query: 'c=d'
  })
  for (const uri of ['a b', 'http://h/%zz', 'http://h/%ff', 'a\nb']) t.throws(() => fragmentsOf(uri), /is not a URI/)
})
