import t from 'tap'
import { MAX_MEMBERS, MemberNumbers } from '../../../lib/state/member-numbers.js'

/** A table in which these members have sessions; the sessions of others were released. */
function tableOf (owners: Iterable<number>) {
  const left = new Set(owners)
  const released: number[] = []
  return {
    released,
    countOf: (number: number) => (left.has(number) ? 1 : 0),
    release (number: number) {
      released.push(number)
      return left.delete(number) ? 1 : 0
    }
  }
}

const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix}${at}`)

t.test('a member keeps its number, and has it again when it comes back', async t => {
  const numbers = new MemberNumbers()
  t.same(numbers.assign(['A', 'B'], undefined), [0, 1])
  t.same(numbers.assign(['C', 'B'], undefined), [2, 1])
  t.same(numbers.assign(['A', 'A', 'C'], undefined), [0, 3, 2], 'each of two members with one name has its own')
  t.same(numbers.assign(['C', 'A', 'A'], undefined), [2, 0, 3])
})

t.test('the numbers of members that have left are used again, except for those of the last thousand', async t => {
  const numbers = new MemberNumbers()
  const table = tableOf([1])
  numbers.assign(['stays', 'bound', 'idle'], table)
  for (const prefix of ['a', 'b']) numbers.assign(['stays', ...named(prefix, 500)], table)
  t.equal(numbers.names.length, 1003)
  t.same(numbers.assign(['stays', 'x', 'y'], table), [0, 2, 1003], 'only the one that left before a thousand others')
  t.same(numbers.names.slice(0, 3), ['stays', 'bound', 'x'])
  t.equal(numbers.assign(['bound'], table)[0], 1, 'a number with sessions belongs to its member')
  for (let change = 0; change < 100; change++) numbers.assign(named(`${change} `, 100), table)
  t.ok(numbers.names.length <= 1003 + 200, `${numbers.names.length} numbers for 10,000 names`)
  t.same(table.released, [])
})

t.test('where all numbers have sessions, those of the member that left first are released', async t => {
  const numbers = new MemberNumbers()
  const all = named('m', MAX_MEMBERS)
  const table = tableOf(all.keys())
  numbers.assign(all, table)
  numbers.assign(all.slice(1), table)
  numbers.assign(all.slice(2), table)
  t.same(numbers.assign(['new', ...all.slice(2)], table)[0], 0)
  t.same(table.released, [0])
  t.equal(new Set(numbers.assign(all, table)).size, MAX_MEMBERS, 'all earlier members have a number again')
  t.equal(numbers.names.length, MAX_MEMBERS)
})
