import t from 'tap'
import { headerOf, isNamed, valuesOf, withHeader, withoutHeaders } from '../../../lib/message/headers.js'

/** Every character that a name may have. @see RFC 9110, section 5.6.2 */
const TOKEN = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

t.test('names are the same if they are the same in lower case, whatever their characters', async t => {
  for (const one of TOKEN) {
    for (const other of TOKEN.replace(/[A-Z]/g, '')) {
      t.equal(isNamed(`x${one}`, `x${other}`), one.toLowerCase() === other, `${one} and ${other}`)
    }
  }
  t.equal(isNamed('Content-Type', 'content-typ'), false)
})

t.test('headers are found, replaced and removed in any case of their names', async t => {
  const headers = ['Accept', 'a', 'X-One', '1', 'x-one', '2']
  t.equal(headerOf(headers, 'x-one'), '1')
  t.same(valuesOf(headers, 'x-one'), ['1', '2'])
  t.same(withHeader(headers, 'X-ONE', '3'), ['Accept', 'a', 'X-One', '3'])
  t.same(withHeader(headers, 'B', '3'), [...headers, 'B', '3'])
  t.same(withoutHeaders(headers, 'x-one', 'accept'), [])
  t.equal(withoutHeaders(headers, 'b'), headers, 'the same list without such a header')
})
