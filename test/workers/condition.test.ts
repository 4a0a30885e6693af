import t from 'tap'
import type { Numbers } from '../../plugins/admin/contract/live-protocol.js'
import { backend } from '../support/backend.js'
import { fakeRedis, NIL } from '../support/sessions/redis.js'
import { until } from '../support/until.js'
import { configurationOf } from '../support/workers/configuration.js'
import { fleet, send, type Fleet } from '../support/workers/fleet.js'

const TOKEN = 'token-of-the-fleet'

// Several processes start, on a machine that may be busy.
t.setTimeout(600_000)

/** The status of the gateway as a page gets it, once a second. */
async function * statuses (gateway: Fleet): AsyncGenerator<Numbers['gateway']> {
  const url = `http://127.0.0.1:${await gateway.running.port('Admin')}/live`
  const { body } = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })
  let text = ''
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^event: numbers\ndata: (.*)$/.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data !== undefined) yield (JSON.parse(data) as Numbers).gateway
    }
  }
}

t.test('a page sees that the session store of the workers does not respond, and how often they do without it', async t => {
  const up = await backend(t, 'one')
  const config = configurationOf(t, [{ name: 'one', uri: up.uri }])
  const flags = ['--admin-token', TOKEN, '--session-store', 'redis://127.0.0.1:1']
  const gateway = await fleet(t, config, 2, flags)
  await gateway.listened(2)
  for await (const { store } of statuses(gateway)) {
    if (store !== null) t.equal(store.isUp, false)
    if (store !== null && store.fallbacks > 0) break
    await send(gateway.port, 'client-7')
  }
  t.pass('the workers, which alone serve clients, have counted what they did without the store')
})

t.test('the sessions of workers without a store are those of their gateway', async t => {
  const up = await backend(t, 'one')
  const gateway = await fleet(t, configurationOf(t, [{ name: 'one', uri: up.uri }]), 2, ['--admin-token', TOKEN])
  await gateway.listened(2)
  let seconds = 0
  for await (const { store } of statuses(gateway)) {
    t.equal(store, null)
    if (++seconds === 3) break
  }
})

t.test('a session store that ceases to respond to the workers, and responds again, is an event and a line of the log', async t => {
  const up = await backend(t, 'one')
  let isAway = false
  const { url } = await fakeRedis(t, () => (isAway ? '-ERR it is away\r\n' : NIL))
  const config = configurationOf(t, [{ name: 'one', uri: up.uri }])
  const flags = ['--session-store', url, '--session-store-timeout', '120000', '--session-cache-ttl', '0']
  const gateway = await fleet(t, config, 2, flags)
  await gateway.listened(2)
  const events = async (): Promise<string[]> =>
    (await gateway.admin('/events?kind=store')).list.map(({ text }: { text: string }) => text)
  isAway = true
  await until(async () => {
    // Each message opens a connection, which either worker may get.
    await send(gateway.port, 'client-7')
    return (await events()).length > 0
  }, 'an event')
  t.match(await events(), [/^Sessions are not shared: the session store does not respond: .*it is away/])
  t.ok(gateway.running.lines.some(({ msg }) => /sessions are not shared.*it is away/.test(msg)), 'it is in the log')
  isAway = false
  await until(async () => (await events())[0] === 'Sessions are shared with other gateways', 'the return of the store')
  t.equal((await events()).length, 2, 'one event for the loss, and one for the return, however many workers')
})
