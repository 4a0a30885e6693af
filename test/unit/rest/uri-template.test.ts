import t from 'tap'
import { uriTemplate } from '../../../lib/rest/uri-template.js'
import { processorTime } from '../../support/timing/processor-time.js'

const match = (template: string, target: string): unknown => {
  const [path = '', query] = target.split('?')
  return uriTemplate(template)(path, query === undefined ? '' : `?${query}`)
}

t.test('uri-template: a variable takes one segment, decoded', async t => {
  t.same(match('/orders/{id}', '/orders/5'), { id: '5' })
  t.same(match('/orders/{id}', '/orders/a%20b'), { id: 'a b' })
  t.same(match('/orders/{id}', '/orders/%zz'), { id: '%zz' })
  t.same(match('/orders/{id}', '/orders/5/'), { id: '5' })
  t.same(match('/{a}/x/{b}', '/1/x/2'), { a: '1', b: '2' })
  t.same(match('/{a}-{b}', '/1-2'), { a: '1', b: '2' })
  for (const path of ['/orders', '/orders/', '/orders/5/6', '/order/5', '/']) {
    t.equal(match('/orders/{id}', path), undefined, path)
  }
})

t.test('uri-template: a reserved variable takes slashes, a wildcard takes the rest', async t => {
  t.same(match('/files/{+path}', '/files/a/b.txt'), { path: 'a/b.txt' })
  t.same(match('/files/{+path}/end', '/files/a/end/b/end'), { path: 'a/end/b' })
  for (const path of ['/files', '/files/', '/files/a/b']) t.same(match('/files/*', path), {}, path)
  t.equal(match('/files/*', '/filesystem'), undefined)
  t.same(match('/*', '/anything/at/all'), {})
  t.same(match('/', '/'), {})
})

t.test('uri-template: required and optional query parameters', async t => {
  t.same(match('/q?a={x}&b=1', '/q?b=1&a=2'), { x: '2' })
  t.equal(match('/q?a={x}', '/q'), undefined)
  t.equal(match('/q?b=1', '/q?b=2'), undefined)
  t.same(match('/q{?a,b}', '/q?a=1'), { a: '1', b: '' })
  t.same(match('/q', '/q?any=thing'), {}, 'a template without a query matches any query')
})

t.test('uri-template: an unbalanced brace is an error', async t => {
  t.throws(() => uriTemplate('/a/{b'), /unbalanced brace/)
})

t.test('uri-template: hostile paths are matched in linear time', async t => {
  const matches = uriTemplate('/{a}-{b}-{c}-{d}-{e}!')
  const path = `/${'-'.repeat(200_000)}`
  t.equal(matches(path, ''), undefined)
  t.ok(processorTime(() => matches(path, '')) < 1_000)
})
