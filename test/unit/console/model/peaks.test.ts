import t from 'tap'
import { peaks } from '../../../../plugins/console/model/peaks.js'

t.test('values are reduced to the greatest of each interval, counted from the newest', async t => {
  t.strictSame(peaks([0, 1, 0, 0, 3, 2], 3), [1, 3])
  t.strictSame(peaks([9, 0, 1, 0, 0, 3, 2], 3), [9, 1, 3], 'the oldest interval is not whole')
  t.strictSame(peaks([4, 5], 3), [5])
  t.strictSame(peaks([], 3), [])
  t.strictSame(peaks([0, 1, 0], 1), [0, 1, 0], 'an interval of one value changes nothing')
})

t.test('values that alternate from one second to the next are a level line', async t => {
  const values = Array.from({ length: 300 }, (_, at) => at % 2)
  t.strictSame(new Set(peaks(values, 5)), new Set([1]))
  t.strictSame(new Set(peaks([...values.slice(1), 0], 5)), new Set([1]), 'a second later, too')
})
