import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { backend } from '../support/backend.js'
import { until } from '../support/until.js'
import { serve } from '../support/processes/serve-process.js'

// A process starts, and writes all of its memory.
t.setTimeout(600_000)

t.test('no secret of a recorded message is in the memory or the log of the gateway', async t => {
  const random = (): string => randomBytes(12).toString('hex')
  const token = random()
  const secrets = { password: random(), credentials: random(), cookie: random(), session: random(), query: random() }
  const [marker, member] = [`symbol-${random()}`, `member-${random()}`]
  const bodyOf = ({ session, password }: typeof secrets): string =>
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>' +
    `<y:ClientID xmlns:y="http://ws.apache.org/ns/synapse">${session}</y:ClientID>` +
    `<o:UsernameToken xmlns:o="urn:o"><o:Password>${password}</o:Password></o:UsernameToken></s:Header>` +
    `<s:Body><order>${marker}</order></s:Body></s:Envelope>`
  const up = await backend(t, 'up')
  const folder = t.testdir({})
  const config = join(folder, 'p.json')
  const endpoint = {
    kind: 'loadbalance',
    name: 'LB',
    members: [{ kind: 'address', name: member, uri: up.uri }],
    session: { kind: 'simpleClientSession' }
  }
  writeFileSync(config, JSON.stringify({ proxies: { P: { in: [{ kind: 'send', endpoint }] } } }))
  const environment = {
    PROXY_SERVICES_ADMIN_TOKEN: token,
    NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`
  }
  const running = serve(t, config, ['--access-log'], { adminPort: '0', environment })
  const port = await running.port('Server')
  const adminUrl = `http://127.0.0.1:${await running.port('Admin')}`
  const admin = async (path: string, payload?: object): Promise<string> => {
    const response = await fetch(adminUrl + path, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(payload && { method: 'POST', body: JSON.stringify(payload) })
    })
    return await response.text()
  }
  await admin('/recording', { minutes: 5, bytes: 16_384 })
  const send = async (given: typeof secrets): Promise<void> => {
    const sending = request({
      port,
      host: '127.0.0.1',
      path: `/services/P?a=${given.query}`,
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        authorization: `Bearer ${given.credentials}`,
        cookie: `a=${given.cookie}`,
        connection: 'close'
      }
    })
    sending.end(bodyOf(given))
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    await once(response.resume(), 'close')
  }
  await send(secrets)
  // The table of sessions remembers the id that it has hashed last.
  await send({ password: 'a', credentials: 'b', cookie: 'c', session: 'd', query: 'e' })
  await until(async () => JSON.parse(await admin('/messages')).count === 2)
  const shown = (await admin('/messages/1')) + (await admin('/events')) + (await admin('/sessions'))
  t.ok(shown.includes(marker), 'what is not secret is shown')

  running.child.kill('SIGUSR2')
  const snapshot = (): string => {
    const name = readdirSync(folder).find(each => each.endsWith('.heapsnapshot'))
    return name === undefined ? '' : readFileSync(join(folder, name), 'utf8')
  }
  let memory = ''
  await until(() => (memory = snapshot()).trimEnd().endsWith('}'), 'a heap snapshot')
  // Recorded messages are outside of the heap: the responses have all of what is kept.
  t.ok(memory.includes(member), 'what is not secret is there')
  for (const [name, secret] of Object.entries(secrets)) {
    t.notOk(memory.includes(secret), `${name} is not in the memory`)
    t.notOk(shown.includes(secret), `${name} is in no response`)
    t.notOk(running.text.includes(secret), `${name} is in no line of the log`)
  }
})
