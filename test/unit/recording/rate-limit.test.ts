import t from 'tap'
import { RateLimit } from '../../../plugins/recording/rate-limit.js'

t.test('within any second no more than the limit is taken, a quarter of it at once', async t => {
  const limit = new RateLimit(200)
  const taken: number[] = []
  for (let now = 0; now < 5_000; now += 0.5) if (limit.take(now)) taken.push(now)
  t.equal(taken.filter(now => now < 25).length >= 50, true, 'a burst is seen')
  for (let from = 0; from < 4_000; from += 50) {
    const count = taken.filter(now => now >= from && now < from + 1_000).length
    t.ok(count <= 200, `${count} from ${from}`)
  }
  t.ok(taken.filter(now => now >= 2_000 && now < 3_000).length >= 149, 'and it goes on evenly')
})
