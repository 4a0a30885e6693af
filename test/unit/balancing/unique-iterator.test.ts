import t from 'tap'
import { UniqueIterator } from '../../../lib/balancing/unique-iterator.js'

/** The members that it yields, and how many values of the order it reads. */
function readAll (order: Iterable<number>, size: number): { members: number[]; reads: number } {
  let reads = 0
  function * counted (): Generator<number> {
    for (const member of order) {
      reads++
      yield member
    }
  }
  const members = [...new UniqueIterator(counted(), size)]
  return { members, reads }
}

function * forever (...members: number[]): Generator<number> {
  for (;;) yield * members
}

t.test('repeated members are yielded once, in the order of their first occurrence', async t => {
  t.same(readAll([2, 2, 0, 2, 0, 1], 3).members, [2, 0, 1])
})

t.test('members that an order leaves out follow in the order of the configuration', async t => {
  t.same(readAll([2], 4).members, [2, 0, 1, 3])
  t.same(readAll([], 2).members, [0, 1])
})

t.test('an order that never ends is read up to 16 values for each member', async t => {
  t.same(readAll(forever(1, 0), 3), { members: [1, 0, 2], reads: 48 })
  t.same(readAll(forever(0), 2), { members: [0, 1], reads: 32 }, 'a member with an enormous weight')
})

t.test('a group without members has no order', async t => {
  t.same(readAll(forever(0), 0), { members: [], reads: 0 })
})

t.test('values that are no index of a member are skipped', async t => {
  t.same(readAll([-1, 7, 1.5, NaN, 1, 0], 2).members, [1, 0])
})

t.test('an order is read only as far as it is needed', async t => {
  let reads = 0
  const order = new UniqueIterator((function * () {
    for (const member of [0, 1, 2]) {
      reads++
      yield member
    }
  })(), 3)
  t.equal(order.next().value, 0)
  t.equal(reads, 1)
})
