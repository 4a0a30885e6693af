import t from 'tap'
import { Countdown } from '../../../plugins/timing/shared-timer.js'
import { schedulingDelay } from '../../support/timing/scheduling-delay.js'
import { until } from '../../support/until.js'

t.test('deadlines end in their order, none early, and not if they are stopped', async t => {
  const scheduling = schedulingDelay(t)
  const ended: string[] = []
  const begin = performance.now()
  const times: number[] = []
  const countdown = (name: string, duration: number): Countdown => {
    const made = new Countdown(() => {
      ended.push(name)
      times.push(performance.now() - begin - duration)
    })
    made.start(duration)
    return made
  }
  countdown('c', 60)
  const moved = countdown('b', 20)
  countdown('a', 20)
  const stopped = countdown('stopped', 20)
  countdown('never', 0)
  stopped.stop()
  stopped.stop()
  moved.start(20)
  await until(() => ended.length === 3)
  t.same(ended, ['a', 'b', 'c'])
  const limit = 1000 + 2 * scheduling.take()
  for (const late of times) t.ok(late >= 0 && late < limit, `${late} ms late`)
})

t.test('thousands of deadlines of one duration share one timer', async t => {
  const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  let ended = 0
  const all = Array.from({ length: 5000 }, () => new Countdown(() => { ended++ }))
  for (const each of all) each.start(40)
  for (const each of all.slice(0, 1000)) each.stop()
  t.ok(timers() <= before + 1)
  await until(() => ended === 4000)
})

t.test('a deadline may begin others, and itself, when it ends', async t => {
  let count = 0
  const again: Countdown = new Countdown(() => { if (++count < 3) again.start(5) })
  again.start(5)
  await until(() => count === 3)
  t.equal(count, 3)
})
