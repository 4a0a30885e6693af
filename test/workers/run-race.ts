/**
 * Begins many new sessions over all workers, and kills workers meanwhile. Exits with 1 if a session is broken.
 *
 *     npm run race -- --sessions 10000 --workers 3 --kill 2
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import t from 'tap'
import { backend } from '../support/backend.js'
import { configurationOf } from './configuration.js'
import { fleet } from './fleet.js'
import { race } from './race.js'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    workers: { type: 'string', default: String(Math.max(2, availableParallelism())) },
    kill: { type: 'string', default: '0' }
  }
})
const [sessions, workers, kill] = [Number(values.sessions), Number(values.workers), Number(values.kill)]

t.setTimeout(3_600_000)
t.test(`${sessions} new sessions, 4 messages of each at once, over ${workers} workers`, async t => {
  const members = await Promise.all(['one', 'two', 'three'].map(async name => await backend(t, name)))
  const gateway = await fleet(t, configurationOf(t, members), workers)
  const started = performance.now()
  const racing = race({ port: gateway.port, sessions, messages: 4, side: 16 })
  for (let killed = 0; killed < kill; killed++) {
    await gateway.listened(workers + killed)
    process.kill(gateway.pids().at(-1)!, 'SIGKILL')
  }
  const { broken, lost, spread } = await racing
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  t.comment(`${sessions} sessions, ${sessions * 5} messages, ${seconds} s: broken ${broken}, lost ${lost}`)
  t.comment(`sessions by member: ${JSON.stringify(spread)}; workers killed: ${kill}`)
  t.equal(broken, 0, 'no session has two members')
  t.ok(lost <= kill * 64, 'only what a killed worker carried is lost')
})
