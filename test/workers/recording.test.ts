import t from 'tap'
import type { MessageDetail, MessageSummary, RecordingView } from '../../plugins/admin/messages/message-views.js'
import { backend } from '../support/backend.js'
import { until } from '../support/until.js'
import { configurationOf } from '../support/workers/configuration.js'
import { fleet, send } from '../support/workers/fleet.js'

const TOKEN = 'token-of-the-fleet'

// Several processes start, on a machine that may be busy.
t.setTimeout(600_000)

t.test('a recording is one for all workers', async t => {
  const up = await backend(t, 'one')
  const config = configurationOf(t, [{ name: 'one', uri: up.uri }])
  const gateway = await fleet(t, config, 2, ['--admin-token', TOKEN])
  await gateway.listened(2)
  const adminUrl = `http://127.0.0.1:${await gateway.running.port('Admin')}`
  const admin = async (method: string, path: string, body?: object): Promise<any> => {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/json' }) }
    const response = await fetch(adminUrl + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    return await response.json()
  }
  const messages = async (): Promise<{ recording: RecordingView; list: MessageSummary[] }> =>
    await admin('GET', '/messages')
  const workers = async (): Promise<Set<number | null>> =>
    new Set((await messages()).list.map(({ worker }) => worker))

  await admin('POST', '/recording', { minutes: 5, bytes: 4096 })
  // Each message opens a connection, which either of them may get.
  await until(async () => {
    await send(gateway.port, 'client-7')
    return (await workers()).size === 2
  }, 'messages of both workers')
  t.same(await workers(), new Set(gateway.pids()), 'each message names its worker')
  const { list } = await messages()
  t.equal(new Set(list.map(({ id }) => id)).size, list.length, 'all are in one list')
  t.equal(new Set(list.map(({ session }) => session)).size, 1, 'one session has one fingerprint in all of them')
  const detail: MessageDetail = await admin('GET', `/messages/${list[0]!.id}`)
  t.match(detail, { attempts: [{ endpoint: 'P-one', outcome: 'answered' }], hops: [{ sent: { sameAs: 'request' } }] })
  t.notMatch(JSON.stringify(detail), /client-7/)

  await t.test('a worker that starts later records, too', async t => {
    const [first] = gateway.pids()
    process.kill(first!, 'SIGKILL')
    await gateway.listened(3)
    const third = gateway.pids()[2]!
    await until(async () => {
      await send(gateway.port, 'client-7')
      return (await workers()).has(third)
    }, 'a message of the new worker')
    t.ok((await workers()).has(first!), 'messages of the one that ended stay')
  })

  await t.test('the end of a recording reaches all workers', async t => {
    t.equal((await admin('DELETE', '/recording')).isRunning, false)
    const before = (await messages()).recording.count
    for (let n = 0; n < 20; n++) await send(gateway.port, 'client-7')
    t.equal((await messages()).recording.count, before)
    t.equal((await admin('DELETE', '/recording?clear')).count, 0)
  })
})
