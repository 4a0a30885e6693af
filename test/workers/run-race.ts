/**
 * Begins many new sessions at a gateway with several workers, and kills workers meanwhile; or at several gateways that
 * share their sessions in a Redis of their own. Exits with 1 if a session is broken.
 *
 *     npm run race -- --sessions 10000 --workers 3 --kill 2
 *     npm run race -- --sessions 10000 --gateways 2 --busy 2 --store-timeout 50
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import t from 'tap'
import { backend } from '../support/backend.js'
import { missing, redisServer } from '../support/sessions/redis.js'
import { configurationOf } from '../support/workers/configuration.js'
import { fleet } from '../support/workers/fleet.js'
import { race } from '../support/workers/race.js'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    gateways: { type: 'string', default: '1' },
    workers: { type: 'string' },
    kill: { type: 'string', default: '0' },
    /** Processes that compute all the time, beside the gateways. */
    busy: { type: 'string', default: '0' },
    /** Milliseconds. Default: that of the gateway */
    'store-timeout': { type: 'string' }
  }
})
const [sessions, gateways, kill, busy] = [values.sessions, values.gateways, values.kill, values.busy].map(Number) as [
  number,
  number,
  number,
  number
]
/** Histogram of the calls of a session store, and some of its buckets. */
const CALLS = 'proxy_services_session_store_seconds'
const BOUNDS = ['0.025', '0.05', '0.1', '0.25', '0.5', '1']

const isShared = gateways > 1
const workers = Number(values.workers ?? (isShared ? 1 : Math.max(2, availableParallelism())))

t.setTimeout(3_600_000)
t.test(
  `${sessions} new sessions, 4 messages of each at once, ${gateways} gateways, ${workers} workers`,
  { skip: isShared && missing },
  async t => {
    const members = await Promise.all(['one', 'two', 'three'].map(async name => await backend(t, name)))
    const config = configurationOf(t, members)
    const timeout = values['store-timeout']
    const store = isShared ? ['--session-store', (await redisServer(t)).url] : []
    const flags = [...store, ...(timeout === undefined ? [] : ['--session-store-timeout', timeout])]
    const all = await Promise.all(
      Array.from({ length: gateways }, async () => await fleet(t, config, workers, flags))
    )
    for (let each = 0; each < busy; each++) {
      const child = spawn(process.execPath, ['-e', 'for (;;);'])
      t.teardown(() => {
        child.kill('SIGKILL')
      })
    }
    const started = performance.now()
    const racing = race({ ports: all.map(({ port }) => port), sessions, messages: 4, side: 16 })
    for (let killed = 0; killed < kill; killed++) {
      await all[0]!.listened(workers + killed)
      process.kill(all[0]!.pids().at(-1)!, 'SIGKILL')
    }
    const { broken, lost, spread } = await racing
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    const messages = sessions * (4 + gateways)
    t.comment(`${sessions} sessions, ${messages} messages, ${seconds} s: broken ${broken}, lost ${lost}`)
    t.comment(`sessions by member: ${JSON.stringify(spread)}; workers killed: ${kill}`)
    for (const [at, { metric }] of isShared ? all.entries() : []) {
      const slower = async (seconds: string): Promise<number> =>
        (await metric(`${CALLS}_count`)) - (await metric(`${CALLS}_bucket{le="${seconds}"}`))
      const fallbacks = await metric('proxy_services_session_store_fallbacks_total')
      const counts = await Promise.all(
        BOUNDS.map(async bound => `${Number(bound) * 1000} ms: ${await slower(bound)}`)
      )
      t.comment(
        `gateway ${at + 1}: ${await metric(`${CALLS}_count`)} calls of the store, ${fallbacks} made without it`
      )
      t.comment(`calls that took more than ${counts.join(', ')}`)
    }
    t.equal(broken, 0, 'no session has two members')
    t.ok(lost <= kill * 64, 'only what a killed worker carried is lost')
  }
)
