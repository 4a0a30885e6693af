import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { IdleTasks } from '../../../plugins/timing/idle-tasks.js'
import { until } from '../../support/until.js'

t.test('tasks run in their order, and none before its caller has returned', async t => {
  const tasks = new IdleTasks()
  const done: number[] = []
  for (const each of [1, 2, 3]) tasks.add(() => { done.push(each) })
  t.same(done, [])
  await until(() => done.length === 3)
  t.same(done, [1, 2, 3])
})

t.test('while something happens in each turn of the event loop, a task waits for twenty of them, and no longer', async t => {
  const tasks = new IdleTasks()
  const ranAt: number[] = []
  let turns = 0
  for (let each = 0; each < 3; each++) tasks.add(() => { ranAt.push(turns) })
  for (; turns < 70; turns++) {
    await nextTurn()
    const end = performance.now() + 0.2
    while (performance.now() < end);
  }
  t.equal(ranAt.length, 3)
  t.ok([0, ...ranAt].every((turn, at, all) => at === 0 || turn - all[at - 1]! >= 20), `in the turns ${ranAt.join(', ')}`)
})

t.test('all tasks that are left run at once where that is wanted', async t => {
  const tasks = new IdleTasks()
  const done: number[] = []
  for (const each of [1, 2]) tasks.add(() => { done.push(each) })
  tasks.flush()
  t.same(done, [1, 2])
  tasks.add(() => { done.push(3) })
  await until(() => done.length === 3)
})
