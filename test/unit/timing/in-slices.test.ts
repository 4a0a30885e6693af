import t from 'tap'
import { atOnce, completed, type Sliced } from '../../../lib/slices/sliced-work.js'
import { inSlices } from '../../../plugins/timing/in-slices.js'

/** Steps of at least 2 ms each. `ended`: whether their `finally` has run. */
function work (count: number, fail?: Error) {
  const seen = { steps: 0, ended: false }
  function * steps (): Sliced<number> {
    try {
      for (; seen.steps < count; seen.steps++) {
        const end = performance.now() + 2
        while (performance.now() < end);
        yield
      }
      if (fail !== undefined) throw fail
      return count
    } finally {
      seen.ended = true
    }
  }
  return { seen, steps: steps() }
}

t.test('all steps run, and their result is returned', async t => {
  t.equal(await inSlices(work(20).steps), 20)
  t.equal(await atOnce(work(2).steps), 2)
  t.equal(completed(work(2).steps), 2)
})

t.test('the event loop turns between slices, and before the result', async t => {
  let turns = 0
  const turn = (): void => {
    turns++
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  await inSlices(work(20).steps)
  clearImmediate(next)
  // 20 steps of 2 ms take at least 40 ms: with slices of 5 ms these are 6 or more, of three steps at most.
  t.ok(turns >= 6, `${turns} turns`)
})

t.test('work in slices: an error of a step rejects', async t => {
  const { seen, steps } = work(3, new Error('broken'))
  await t.rejects(inSlices(steps), /broken/)
  t.ok(seen.ended)
})

t.test('a signal ends the steps, which clean up', async t => {
  const { seen, steps } = work(1000)
  const controller = new AbortController()
  setImmediate(() => controller.abort(new Error('enough')))
  await t.rejects(inSlices(steps, controller.signal), /enough/)
  t.ok(seen.ended)
  t.ok(seen.steps < 1000)
})
