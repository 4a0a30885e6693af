import t from 'tap'
import { ladderOf } from '../../../../plugins/console/model/suspension-ladder.js'

t.test('suspensions grow by the factor up to the longest', async t => {
  t.strictSame(ladderOf('20000', '2.0', '120000'), { steps: [20_000, 40_000, 80_000, 120_000], then: 'longest' })
  t.strictSame(ladderOf('30000'), { steps: [30_000], then: 'each' })
  t.match(ladderOf('1000', '2'), { steps: { length: 6 }, then: 'more' })
})

t.test('there is no ladder of what is not a number', async t => {
  for (const [initial, factor] of [['soon', '2'], ['20000', '2,5'], ['0', '2'], [undefined, '1']] as const) {
    t.equal(ladderOf(initial, factor), undefined, `${initial} ${factor}`)
  }
})
