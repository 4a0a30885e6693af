import t from 'tap'
import { find, type Named } from '../../../../plugins/console/model/find.js'

const named = (kind: Named['kind'], name: string, more = ''): Named => ({ kind, name, more })
const names = (found: readonly Named[]): string[] => found.map(({ name }) => name)

t.test('names that begin with the text come first, then words, then the rest, then addresses', async t => {
  const all = [
    named('endpoint', 'stock', 'http://orders.example/'),
    named('endpoint', 'reorders-1'),
    named('group', 'all-orders'),
    named('proxy', 'OrdersProxy'),
    named('endpoint', 'orders')
  ]
  t.strictSame(names(find(' Orders', all)), ['orders', 'OrdersProxy', 'all-orders', 'reorders-1', 'stock'])
})

t.test('what is equally near keeps its order, and at most ten are found', async t => {
  const all = Array.from({ length: 30 }, (_, n) => named('endpoint', `orders-${n}`))
  t.strictSame(names(find('orders', all)), names(all.slice(0, 10)))
})

t.test('a search for an empty text finds nothing', async t => {
  t.strictSame(find('  ', [named('proxy', 'A')]), [])
})
