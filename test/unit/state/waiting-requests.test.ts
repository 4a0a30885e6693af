import t from 'tap'
import { WaitingRequests, type WaitingRequest } from '../../../lib/state/waiting-requests.js'

t.test('the oldest start is the least of all that wait, in whatever order they come and go', async t => {
  const waiting = new WaitingRequests()
  const present: WaitingRequest[] = []
  let seed = 7
  const below = (limit: number): number => (seed = (seed * 48_271) % 2_147_483_647) % limit
  for (let step = 0; step < 2_000; step++) {
    if (present.length === 0 || below(5) < 3) {
      const request = { startedAt: below(100), before: undefined, after: undefined }
      present.push(request)
      waiting.add(request)
    } else {
      waiting.remove(present.splice(below(present.length), 1)[0]!)
    }
    const least = present.length === 0 ? undefined : Math.min(...present.map(({ startedAt }) => startedAt))
    if (waiting.oldestStart !== least) t.fail(`step ${step}: ${waiting.oldestStart}, not ${least}`)
  }
  t.ok(present.length > 0, 'requests still wait')
})
