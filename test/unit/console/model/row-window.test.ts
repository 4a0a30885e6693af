import t from 'tap'
import { windowOf } from '../../../../plugins/console/model/row-window.js'

const ROW = 50
const view = (top: number, height = 900, count = 10_000): Parameters<typeof windowOf>[0] => ({
  count,
  rowHeight: ROW,
  top,
  height
})

t.test('of a long table, the rows that are seen are drawn, and never more than 60', async t => {
  for (const height of [200, 844, 900, 2_160, 20_000]) {
    for (let top = -2_000; top < 10_000 * ROW + 2_000; top += 3_333) {
      const { from, to, above, below } = windowOf(view(top, height))
      t.ok(to - from <= 60 && from >= 0 && to <= 10_000, `${top} of ${height}`)
      t.equal(above + below + (to - from) * ROW, 10_000 * ROW, 'the table keeps its height')
      if (height > 1_000) continue
      const [first, last] = [Math.max(0, Math.floor(top / ROW)), Math.ceil((top + height) / ROW)]
      t.ok(from <= Math.min(first, 9_999) && to >= Math.min(10_000, last), `${first} to ${last} are drawn at ${top}`)
    }
  }
})

t.test('the window moves by several rows, so that most movements draw nothing', async t => {
  const windows = new Set(Array.from({ length: 80 * ROW }, (_, top) => windowOf(view(top)).from))
  t.ok(windows.size <= 11, `${windows.size} windows for 80 rows`)
})

t.test('the first rows are drawn before their height is known', async t => {
  t.strictSame(windowOf({ count: 10_000, rowHeight: 0, top: 0, height: 900 }), {
    from: 0,
    to: 40,
    above: 0,
    below: 0
  })
  t.strictSame(windowOf({ count: 3, rowHeight: 0, top: 0, height: 900 }), { from: 0, to: 3, above: 0, below: 0 })
})
