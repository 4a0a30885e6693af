import t from 'tap'
import { LatencyHistogram } from '../../../lib/state/latency-histogram.js'

const recorded = (...durations: number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram()
  for (const ms of durations) histogram.record(ms)
  return histogram
}

t.test('a quantile is right within 10 %, from half a millisecond to ten minutes', async t => {
  for (let ms = 0.5; ms < 600_000; ms *= 1.07) {
    const found = recorded(ms).quantile(0.5)!
    t.ok(Math.abs(found - ms) / ms <= 0.1, `${ms} is found as ${found}`)
  }
})

t.test('quantiles of many durations are those of the sorted list', async t => {
  const durations = Array.from({ length: 1000 }, (_, index) => index + 1)
  const histogram = recorded(...durations)
  for (const quantile of [0.01, 0.5, 0.9, 0.99, 1]) {
    const exact = durations[Math.ceil(quantile * 1000) - 1]!
    t.ok(Math.abs(histogram.quantile(quantile)! - exact) / exact <= 0.1, `${quantile}`)
  }
  t.equal(histogram.count, 1000)
  t.equal(histogram.sum, 500_500)
})

t.test('a histogram without durations has no quantile', async t => {
  t.equal(new LatencyHistogram().quantile(0.5), undefined)
})

t.test('durations that no clock should give are counted, and break nothing', async t => {
  const histogram = recorded(-5, 0, NaN, Infinity, 1e12)
  t.equal(histogram.count, 5)
  t.equal(histogram.countUpTo(0), 3)
})

t.test('a window is what was recorded since a copy', async t => {
  const histogram = recorded(1, 1, 1)
  const earlier = histogram.copy()
  histogram.record(100)
  const window = histogram.since(earlier)
  t.equal(window.count, 1)
  t.equal(window.sum, 100)
  t.ok(window.quantile(0.5)! > 90 && window.quantile(0.5)! < 110)
  t.equal(histogram.count, 4, 'the histogram itself goes on')
})
