import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { backend } from '../support/backend.js'
import { definitions } from '../support/workers/configuration.js'
import { fleet } from '../support/workers/fleet.js'

const WORKERS = 3
/** The primary deals connections to its workers in turn. */
const CONNECTIONS = 6
const ROUNDS = 8
const LIMIT_MS = 100
/** On a slow machine a change may take as long as so many rounds of messages to all workers. */
const LIMIT_ROUND_TRIPS = 5
const FAIL = '<fail/>'

/** Sends a message on the one connection of an agent. Resolves with the status of its response. */
const send = async (agent: Agent, url: string, body = '<a/>'): Promise<number> =>
  await new Promise((resolve, reject) => {
    request(url, { agent, method: 'POST', headers: { 'content-type': 'text/xml' } })
      .on('error', reject)
      .on('response', response => {
        response.resume().on('end', () => resolve(response.statusCode!))
      })
      .end(body)
  })

/** A change, and whether messages are served after it. */
type Change = readonly [what: string, change: (round: number) => Promise<unknown>, isServed: boolean]

// Several processes start, on a machine that may be busy.
t.setTimeout(600_000)

t.test('a switch and a suspension reach all workers within 100 ms', async t => {
  const up = await backend(t, 'up', ({ body }, response) => {
    if (body === FAIL) response.destroy()
    else response.end('fine')
  })
  const suspension = '<suspendOnFailure><initialDuration>3600000</initialDuration></suspendOnFailure>'
  const endpoint = `<endpoint name="E"><address uri="${up.uri}">${suspension}</address></endpoint>`
  const proxy = `<proxy name="P"><target>${endpoint}</target></proxy>`
  const config = join(t.testdir({ 'p.xml': definitions(proxy) }), 'p.xml')
  const gateway = await fleet(t, config, WORKERS, ['--access-log'])
  await gateway.listened(WORKERS)
  const agents = Array.from({ length: CONNECTIONS }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  t.teardown(() => agents.forEach(agent => agent.destroy()))
  const switchTo = async (status: string): Promise<void> => {
    await gateway.admin('/endpoints', { name: 'E', status })
  }
  const changes: readonly Change[] = [
    ['switched off', async () => await switchTo('off'), false],
    ['switched on', async () => await switchTo('on'), true],
    ['suspended', async round => await send(agents[round % CONNECTIONS]!, gateway.url, FAIL), false],
    ['switched on after that', async () => await switchTo('on'), true]
  ]
  /** In how many rounds all workers have known a change in time: a busy machine delays some processes. */
  const inTime = new Map(changes.map(([what]) => [what, 0]))
  const sendToAll = async (): Promise<number[]> =>
    await Promise.all(agents.map(async agent => await send(agent, gateway.url)))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [what, change, isServed] of changes) {
      const begin = performance.now()
      await sendToAll()
      const roundTrip = performance.now() - begin
      await change(round)
      await delay(Math.max(LIMIT_MS, LIMIT_ROUND_TRIPS * roundTrip))
      const statuses = await sendToAll()
      if (statuses.every(status => (status === 200) === isServed)) inTime.set(what, inTime.get(what)! + 1)
    }
  }
  for (const [what, rounds] of inTime) t.ok(rounds >= ROUNDS / 2, `${what}: in ${rounds} of ${ROUNDS} rounds`)
  const access = gateway.running.lines.filter(({ msg }) => msg.startsWith('POST P '))
  t.equal(new Set(access.map(({ pid }) => pid)).size, WORKERS, 'the connections were those of all workers')
})
