import { availableParallelism } from 'node:os'
import t from 'tap'
import { backend } from '../support/backend.js'
import { until } from '../support/until.js'
import { configurationOf } from '../support/workers/configuration.js'
import { fleet, send } from '../support/workers/fleet.js'

const cores = availableParallelism()
const isLarge = cores > 16 && `it would start more than ${cores} processes`

// Several processes start, on a machine that may be busy.
t.setTimeout(600_000)

t.test('more workers than cores all serve, with a warning in the log', { skip: isLarge }, async t => {
  const members = await Promise.all(['one', 'two'].map(async name => await backend(t, name)))
  const size = cores + 2
  const gateway = await fleet(t, configurationOf(t, members), size, ['--access-log'])
  const { running, port } = gateway
  await gateway.listened(size)
  t.equal(new Set(gateway.pids()).size, size)
  const text = `more workers (${size}) than cores (${cores}) cost memory and serve no more clients`
  await running.until(() => running.lines.some(({ msg }) => msg === text))
  t.strictSame(running.lines.filter(({ level }) => level >= 40).map(({ level, msg }) => [level, msg]), [[40, text]])
  const served = new Set<unknown>()
  await until(async () => {
    const replies = await Promise.all(Array.from({ length: 2 * size }, async () => await send(port)))
    t.strictSame(replies.filter(({ status }) => status !== 200), [])
    for (const { pid, msg } of running.lines) if (msg === 'POST P 200') served.add(pid)
    return served.size === size
  }, 'each worker serves a message')
  running.child.kill('SIGTERM')
  t.equal(await running.exited, 0)
})
