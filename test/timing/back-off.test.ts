import { EventEmitter, once } from 'node:events'
import t from 'tap'
import { BackOff, repeat } from '../../plugins/timing/back-off.js'
import { DeadlineExceeded, waitAtMost, within } from '../../plugins/timing/deadline.js'

/** Timers of `repeat` do not keep the process alive. */
const alive = setInterval(() => {}, 1_000)
t.teardown(() => clearInterval(alive))

const never = new Promise<never>(() => {})

t.test('delays double up to their limit, and start over after a success', async t => {
  const backOff = new BackOff(250, 1_500)
  const delays = Array.from({ length: 5 }, () => backOff.next())
  t.same(delays, [250, 500, 1_000, 1_500, 1_500])
  backOff.reset()
  t.equal(backOff.next(), 250)
})

t.test('a task is repeated until it reports that it is done', async t => {
  const events = new EventEmitter()
  let runs = 0
  repeat(async () => {
    if (++runs < 3) return 1
    events.emit('done')
    return undefined
  })
  await once(events, 'done')
  t.equal(runs, 3)
})

t.test('an ended repetition does not run again', async t => {
  let [runs, others] = [0, 0]
  const end = repeat(async () => {
    runs++
    end()
    return 0
  }, 0)
  // Timers of one delay end in the order in which they began: a second run would come before the one beside it.
  await new Promise<void>(resolve => {
    repeat(async () => {
      if (++others < 3) return 0
      resolve()
      return undefined
    }, 0)
  })
  t.equal(runs, 1)
})

t.test('a result in time is returned, its rejection too; a late one is DeadlineExceeded', async t => {
  t.equal(await within(1_000, Promise.resolve(1)), 1)
  await t.rejects(within(1_000, Promise.reject(new Error('broken'))), /broken/)
  await t.rejects(within(1, never), DeadlineExceeded)
})

t.test('waiting ends at the deadline, and fails only where the awaited does', async t => {
  await waitAtMost(1, never)
  await t.rejects(waitAtMost(1_000, Promise.reject(new Error('broken'))), /broken/)
})
