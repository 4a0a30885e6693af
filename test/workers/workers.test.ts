import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, type ServerResponse } from 'node:http'
import { connect, createServer } from 'node:net'
import t, { type Test } from 'tap'
import { Running } from '../support/processes/serve-process.js'
import { backend, type Backend } from '../support/backend.js'
import { until } from '../support/until.js'
import { TRIAL_TIME, withinTime } from '../support/timing/within-time.js'
import { configurationOf, definitions, proxy } from '../support/workers/configuration.js'
import { fleet, send, type Fleet } from '../support/workers/fleet.js'
import { Load, race } from '../support/workers/race.js'

const trio = async (t: Test): Promise<Backend[]> =>
  await Promise.all(['one', 'two', 'three'].map(async name => await backend(t, name)))

/** Whether nothing listens at a port any more. */
const isRefused = async (port: number): Promise<boolean> =>
  await new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(true)).on('connect', () => {
      socket.destroy()
      resolve(false)
    })
  })

const stateOf = async ({ admin }: Fleet, name: string): Promise<string> =>
  (await admin('/endpoints')).list.find((each: { name: string }) => each.name === name).state

/** Resolves when a metric has such a value. A worker that is late is in the next scrape only. */
const isMeasured = async (gateway: Fleet, name: string, isWanted: (value: number) => boolean): Promise<void> =>
  await until(async () => isWanted(await gateway.metric(`proxy_services_${name}`)), `the metric ${name}`)

// Several processes start, on a machine that may be busy.
t.setTimeout(600_000)

t.test('several workers are one gateway', async t => {
  const members = await trio(t)
  const config = configurationOf(t, members)
  const gateway = await fleet(t, config, 3, ['--shutdown-grace', '240000'])
  const { running, port, admin } = gateway
  await gateway.listened(3)
  t.equal(new Set(gateway.pids()).size, 3, 'three processes listen on one port')

  await t.test('a new session is bound once, however many workers get its first messages', async t => {
    const { broken, lost, spread } = await race({ ports: [port], sessions: 200, messages: 4, side: 8 })
    t.same({ broken, lost }, { broken: 0, lost: 0 })
    t.same(Object.keys(spread).sort(), ['one', 'three', 'two'], 'all members have sessions')
    const [group] = (await admin('/groups')).list
    t.equal(group.sessions.bound, 200, 'the admin API counts each session once')
  })

  await t.test('counters and metrics are those of all workers', async t => {
    const total = async (): Promise<number> =>
      (await admin('/endpoints')).list.reduce(
        (sum: number, { responses }: { responses: number }) => sum + responses,
        0
      )
    await until(async () => (await total()) === 1000)
    await isMeasured(gateway, 'endpoint_requests_total', value => value === 1000)
    await isMeasured(gateway, 'endpoint_requests_in_flight', value => value === 0)
    await isMeasured(gateway, 'group_sessions{', value => value === 200)
    await isMeasured(gateway, 'session_store_up', value => value === 1)
  })

  await t.test('a switch by hand counts in all workers', async t => {
    const [first] = members
    const sendMany = async (prefix: string): Promise<Set<string | undefined>> => {
      const replies = await Promise.all(
        Array.from({ length: 60 }, async (_, number) => await send(port, `${prefix}${number}`))
      )
      return new Set(replies.map(({ from }) => from))
    }
    /** Resolves when 60 messages, over connections to any worker, add messages of this member or none. */
    const reaches = async (isReached: boolean): Promise<void> => {
      let series = 0
      await until(async () => {
        const before = first!.requests.length
        await sendMany(`${isReached}${series++}-`)
        return (first!.requests.length > before) === isReached
      })
    }
    await admin('/endpoints', { name: 'P-one', status: 'off' })
    await reaches(false)
    const before = first!.requests.length
    t.same(await sendMany('off'), new Set(['two', 'three']))
    t.equal(first!.requests.length, before, 'it received no message')
    await admin('/endpoints', { name: 'P-one', status: 'on' })
    await reaches(true)
  })

  await t.test('a worker that is killed takes only its own requests along, and is replaced', async t => {
    const agent = new Agent({ keepAlive: true, maxSockets: 12 })
    t.teardown(() => agent.destroy())
    const counted = await gateway.metric('proxy_services_endpoint_requests_total')
    const ids = Array.from({ length: 50 }, (_, number) => `k${number}`)
    for (const id of ids) await send(port, id, agent)
    const load = new Load(port, ids, agent, 12)
    await until(() => load.results.served > 100)
    process.kill(gateway.pids()[0]!, 'SIGKILL')
    await running.line(/worker \d+ ended: signal SIGKILL; another one starts in \d+ ms/)
    await gateway.listened(4)
    const served = load.results.served
    await until(() => load.results.served > served + 100)
    const { broken, refused, moved } = await load.stop()
    t.ok(broken <= 12, `at most the requests of its connections are lost (${broken})`)
    t.same({ refused, moved }, { refused: 0, moved: 0 }, 'no other request, and no session moves')
    await isMeasured(gateway, 'endpoint_requests_total', value => value > counted + 50)
    await isMeasured(gateway, 'endpoint_requests_in_flight', value => value === 0)
    const { broken: later } = await race({ ports: [port], sessions: 30, messages: 4, side: 4, prefix: 'after' })
    t.equal(later, 0, 'the new worker knows the sessions of the others')
  })

  await t.test('a failure suspends the endpoint in all workers', async t => {
    await members[1]!.stop()
    let attempts = 0
    const dead = createServer(socket => {
      attempts++
      socket.destroy()
    }).listen(members[1]!.port, '127.0.0.1')
    await once(dead, 'listening')
    t.teardown(() => dead.close())
    await until(async () => {
      await send(port)
      return (await stateOf(gateway, 'P-two')) === 'suspended'
    })
    await until(async () => {
      const before = attempts
      await Promise.all(Array.from({ length: 90 }, async () => await send(port)))
      return attempts === before
    })
    attempts = 0
    const replies = await Promise.all(Array.from({ length: 90 }, async () => await send(port)))
    t.equal(replies.filter(({ status }) => status === 200).length, 90)
    t.equal(attempts, 0, 'no worker tries it')
    t.equal(running.lines.filter(({ msg }) => /is suspended for/.test(msg)).length, 1, 'the log reports it once')
  })

  await t.test('a reload reaches all workers, and a new worker runs the configuration of the others', async t => {
    writeFileSync(config, definitions(proxy(members), proxy(members, 'Q')))
    running.child.kill('SIGHUP')
    await running.line(/configuration reloaded: 2 proxy services/)
    const q = gateway.url.replace('/P', '/Q')
    const statuses = async (): Promise<number[]> =>
      await Promise.all(
        Array.from(
          { length: 12 },
          async () =>
            (
              await fetch(q, {
                method: 'POST',
                body: '',
                headers: { connection: 'close', 'content-type': 'text/xml' }
              })
            ).status
        )
      )
    t.notOk((await statuses()).includes(404))
    t.equal(await stateOf(gateway, 'P-two'), 'suspended', 'states survive it')
    writeFileSync(config, '<definitions')
    running.child.kill('SIGHUP')
    await running.line(/reload failed/)
    process.kill(gateway.pids().at(-1)!, 'SIGKILL')
    await gateway.listened(5)
    t.notOk((await statuses()).includes(404), 'the file on disk is not what runs')
  })

  await t.test('SIGTERM waits for the requests in flight of all workers', async t => {
    const held: ServerResponse[] = []
    const slow = await backend(t, 'slow', (_seen, response) => { held.push(response) })
    writeFileSync(config, definitions(proxy([slow])))
    running.child.kill('SIGHUP')
    await running.line(/configuration reloaded: 1 proxy services/)
    const replies = Promise.all(Array.from({ length: 20 }, async () => await send(port)))
    await until(() => held.length === 20)
    running.child.kill('SIGTERM')
    await until(async () => await isRefused(port), 'all workers have stopped listening')
    for (const response of held) response.writeHead(200, { 'content-type': 'text/xml' }).end('<from>slow</from>')
    t.same(
      (await replies).filter(({ from }) => from !== 'slow'),
      []
    )
    t.equal(await running.exited, 0)
  })
})

/** Few enough to be sent within the time of a trial on a busy machine. */
const MESSAGES = 24

t.test('a half-open endpoint has one trial, however many workers have messages for it', async t => {
  const [good] = await trio(t)
  const held: ServerResponse[] = []
  let isHolding = true
  const respond = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/xml' }).end('<from>bad</from>')
  }
  const bad = await backend(t, 'bad', (_seen, response) => {
    if (isHolding) held.push(response)
    else respond(response)
  })
  const config = configurationOf(t, [good!, bad], 1_000)
  const gateway = await fleet(t, config, 3)
  const { trials, statuses } = await withinTime(TRIAL_TIME, async () => {
    await bad.stop()
    await until(async () => {
      await send(gateway.port)
      return await stateOf(gateway, 'P-bad') === 'suspended'
    })
    await bad.start()
    isHolding = true
    await until(async () => await stateOf(gateway, 'P-bad') === 'half-open')
    const before = good!.requests.length
    const begin = performance.now()
    const replies = Array.from({ length: MESSAGES }, async (_, number) => await send(gateway.port, `t${number}`))
    await until(() => held.length > 0 && good!.requests.length - before + held.length >= MESSAGES)
    const took = performance.now() - begin
    const trials = held.length
    isHolding = false
    for (const response of held.splice(0)) respond(response)
    return { took, trials, statuses: (await Promise.all(replies)).map(({ status }) => status) }
  })
  t.equal(trials, 1, 'one message is the trial of all workers')
  t.same(statuses, Array(MESSAGES).fill(200))
  await until(async () => await stateOf(gateway, 'P-bad') === 'active')
  await until(async () => (await send(gateway.port)).from === 'bad')
  t.pass('its response makes it active in all workers')
  gateway.running.child.kill('SIGTERM')
  t.equal(await gateway.running.exited, 0)
})

t.test('a worker that hangs is found and replaced, and its clients do not wait for ever', async t => {
  const members = await trio(t)
  const config = configurationOf(t, members)
  const gateway = await fleet(t, config, 2, ['--worker-timeout', '10000'])
  process.kill(gateway.pids()[0]!, 'SIGSTOP')
  const replies = Promise.all(Array.from({ length: 20 }, async () => await send(gateway.port)))
  await gateway.running.line(/has not responded for 10000 ms: it is killed/)
  await gateway.listened(3)
  const { length: served } = (await replies).filter(({ status }) => status === 200)
  t.ok(served >= 10, `the other worker serves (${served} of 20), and none waits for ever`)
  t.equal((await send(gateway.port)).status, 200)
})

t.test('the command reports why its workers cannot start', async t => {
  const [member] = await trio(t)
  const config = configurationOf(t, [member!])
  const port = String((member as Backend).port)
  const taken = new Running(t, ['serve', config, '--workers', '2', '--port', port, '--host', '127.0.0.1'])
  t.equal(await taken.exited, 1)
  t.match(taken.text, new RegExp(`port ${port} is in use`))
  const wrong = new Running(t, ['serve', config, '--workers', '0'])
  t.equal(await wrong.exited, 2)
  t.match(wrong.text, /--workers expects a number from 1 to 256, or auto, not "0"/)
})
