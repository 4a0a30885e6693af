/** The day of an operator: the real command before back-ends that fail, with clients that must not notice it. */
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Authority, noOpenssl, type Issued } from '../support/http/authority.js'
import { backend, type Backend } from '../support/backend.js'
import { runCommand } from '../support/processes/command.js'
import { message, post } from '../support/gateway.js'
import { Operator } from '../support/operation/operator.js'
import { sendOverTls } from '../support/http/tls-client.js'
import { until } from '../support/until.js'
import { send } from '../support/workers/fleet.js'
import { Load } from '../support/workers/race.js'

// Many commands are run, each in a process of its own, on a machine that may be busy.
t.setTimeout(600_000)

const MINUTES = 60_000
const DAYS = 24 * 60 * MINUTES
const SESSIONS = Array.from({ length: 30 }, (_, number) => `client-${number}`)
/** Milliseconds between the messages of a client. */
const GAP = 20
const SECRET = 'an-id-as-good-as-a-password'

/** A proxy with a group of its own, whose sessions move where their member is lost. */
const proxy = (name: string, members: readonly Backend[]): string => `
<proxy name="${name}"><target><inSequence><send><endpoint name="${name}-servers">
  <session type="simpleClientSession" onLost="redispatch"><sessionTimeout>${60 * MINUTES}</sessionTimeout></session>
  <loadbalance>${members
    .map(
      member => `
    <endpoint name="${name}-${member.name}"><address uri="${member.uri}">
      <suspendOnFailure><initialDuration>${30 * MINUTES}</initialDuration></suspendOnFailure>
    </address></endpoint>`
    )
    .join('')}
  </loadbalance>
</endpoint></send></inSequence><outSequence><send/></outSequence></target></proxy>`

const definitions = (...proxies: readonly string[]): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse">${proxies.join('')}</definitions>`

/** Writes a certificate and its key where the gateway reads them. */
function install (folder: string, { cert, key }: Pick<Issued, 'cert' | 'key'>): void {
  copyFileSync(cert, join(folder, 'tls.pem'))
  copyFileSync(key, join(folder, 'tls-key.pem'))
}

t.test("an operator's day", { skip: noOpenssl }, async t => {
  const members = await Promise.all(['one', 'two', 'three'].map(async name => await backend(t, name)))
  const [one, two] = members as [Backend, Backend, Backend]
  let release = (): void => {}
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  const slow = await backend(t, 'slow', (_seen, response) => {
    void released.then(() => response.end('<from>slow</from>'))
  })
  const authority = new Authority(t)
  const folder = t.testdir({ tls: {} })
  const [config, tls, state] = ['p.xml', 'tls', 'state.json'].map(name => join(folder, name)) as [
    string,
    string,
    string
  ]
  const whole = definitions(proxy('P', members), proxy('Slow', [slow]))
  writeFileSync(config, whole)
  install(tls, authority.issue('/CN=old', { days: 5 }))
  const start = async (t: Test): Promise<Operator> =>
    await Operator.start(t, [
      config,
      ...['--tls-cert', join(tls, 'tls.pem'), '--tls-key', join(tls, 'tls-key.pem')],
      ...['--state', state, '--shutdown-delay', '15000', '--access-log', '--watch']
    ])
  const presented = async (): Promise<string | undefined> =>
    (await sendOverTls(operator.httpsPort, '/services/P', { ca: authority.pem })).server

  const operator = await start(t)
  let load = new Load(operator.port, SESSIONS, false, 4, GAP)
  /** Clients are served, and none of them has seen a failure so far. */
  const trafficGoesOn = async (t: Test): Promise<void> => {
    const { served } = load.results
    await until(() => load.results.served > served + 60, 'further requests are served')
    t.match(load.results, { refused: 0, broken: 0 }, 'no client has seen a failure')
  }
  const headline = async (): Promise<string> => (await operator.run(['status'])).out.split('\n')[0]!

  await t.test(
    'a deployment: check accepts it, the gateway is ready, a certificate near its end is warned of',
    async t => {
      t.match(await runCommand(['check', config]), { code: 0, out: /p\.xml is valid: 2 proxies/ })
      const { level, file } = await operator.noted(/^the certificate .* expires in 4 days$/)
      t.same([level, file], [40, join(tls, 'tls.pem')])
      t.same((await operator.call('/health/ready')).body, { status: 'ready' })
      const expiry = await operator.metric(
        `proxy_services_certificate_expiry_timestamp_seconds{file="${join(tls, 'tls.pem')}"}`
      )
      t.ok(Math.abs(expiry! * 1000 - Date.now() - 5 * DAYS) < DAYS, 'the metric is its end in Unix time')
      t.equal(await operator.metric('proxy_services_configuration_up_to_date'), 1)
      t.equal(await headline(), 'all 4 endpoints are ready')
      t.equal(await presented(), 'CN=old')
      await trafficGoesOn(t)
    }
  )

  await t.test('a back-end dies: log, status and metrics name it, with the cause and the next retry', async t => {
    await one.stop()
    const line = await operator.noted(/^endpoint http:\S+\/one is suspended for 1800000 ms: /)
    t.match(line, { level: 40, endpoint: 'P-one', cause: /refused|reset|closed|ended/ })
    t.ok(Date.parse(String(line['retryAt'])) > Date.now(), 'until when')
    const { out } = await operator.run(['status'])
    t.match(
      out,
      /^1 of 4 endpoints is not ready\n\nENDPOINT .*\nP-one +suspended +[\d:]{8} \(\d+ s\) .*, since [\d:]{8}\n/
    )
    t.match(out, /\nP-servers +2 of 3 /)
    t.equal(await operator.metric('proxy_services_endpoint_state{endpoint="P-one",state="suspended"}'), 1)
    t.ok((await operator.metric('proxy_services_endpoint_suspension_remaining_seconds{endpoint="P-one"}'))! > 60)
    t.equal(await operator.metric('proxy_services_group_endpoints_ready{group="P-servers"}'), 2)
    await trafficGoesOn(t)
  })

  await t.test('a back-end is repaired: after "on" it receives messages at once', async t => {
    await one.start()
    const before = one.requests.length
    t.match(await operator.run(['on', 'P-one']), { code: 0, out: 'P-one is switched on\n' })
    const { remote, before: states, after } = await operator.noted(/^by hand: P-one is switched on$/)
    t.same([remote, states, after], ['127.0.0.1', ['suspended'], ['active']])
    for (let number = 0; number < 3; number++) await send(operator.port, `repaired-${number}`)
    t.ok(one.requests.length > before)
    t.equal(await headline(), 'all 4 endpoints are ready')
    await trafficGoesOn(t)
  })

  await t.test(
    'maintenance: a draining back-end keeps its sessions and gets no new ones, until they are released',
    async t => {
      t.match(await operator.run(['drain', 'P-two']), { code: 0 })
      const { moved } = load.results
      const fresh = await Promise.all(SESSIONS.map(async id => await send(operator.port, `new-${id}`)))
      t.notOk(
        fresh.some(({ from }) => from === 'two'),
        'no new session'
      )
      const before = two.requests.length
      await trafficGoesOn(t)
      t.ok(two.requests.length > before, 'its own sessions are still served')
      t.equal(load.results.moved, moved)
      t.match(
        (await operator.run(['status'])).out,
        /P-two +draining +\d+ sessions remain, the last one until [\d:]{8} /
      )
      t.match((await operator.run(['sessions', 'P-servers'])).out, /P-servers +P-two +draining +[1-9]\d* +[\d:]{8}\n/)
      t.match(await operator.run(['sessions', 'P-servers', '--release-all', 'P-two', '--if', 'off']), {
        code: 1,
        err: /draining by now/
      })
      t.match(await operator.run(['sessions', 'P-servers', '--release-all', 'P-two', '--if', 'draining']), {
        code: 0,
        out: /^[1-9]\d* sessions of P-two released/
      })
      t.match(await operator.run(['off', 'P-two']), { code: 0 })
      const last = two.requests.length
      await trafficGoesOn(t)
      t.equal(two.requests.length, last, 'off: it receives nothing')
      t.match((await operator.run(['status'])).out, /P-two +off +when switched on /)
    }
  )

  await t.test('a session is found and released by its id on standard input, which no log contains', async t => {
    const { from } = await send(operator.port, SECRET)
    t.same(await operator.run(['sessions', 'P-servers', '--lookup'], `${SECRET}\n`), {
      code: 0,
      out: `P-${from}\n`,
      err: ''
    })
    t.match(await operator.run(['sessions', 'P-servers', '--release', '--if', `P-${from}`], SECRET), {
      code: 0,
      out: /^one session/
    })
    t.match(await operator.run(['sessions', 'P-servers', '--lookup'], SECRET), { code: 1, out: 'not bound\n' })
    t.notMatch(operator.gateway.text, SECRET)
    await trafficGoesOn(t)
  })

  await t.test('a broken configuration is refused with file and line, and the running one continues', async t => {
    writeFileSync(config, definitions(proxy('P', members), '\n<proxy name="Q"><target><inSequence><nonsense/></inSequence></target></proxy>'))
    await operator.noted(/^reload failed: the previous configuration continues$/)
    const { level, file, line } = await operator.noted(/nonsense/)
    t.match([level, file, line], [50, /p\.xml$/, Number])
    t.match(await runCommand(['check', config]), { code: 1, err: new RegExp(`p\\.xml:${String(line)}:.*nonsense`) })
    t.equal(await operator.metric('proxy_services_configuration_up_to_date'), 0)
    await trafficGoesOn(t)
  })

  await t.test('a good configuration is reloaded: what it adds is served, and states by hand stay', async t => {
    writeFileSync(config, definitions(proxy('P', members), proxy('Slow', [slow]), proxy('Q', members)))
    t.match(await operator.noted(/^configuration reloaded: 3 proxy services$/), { added: ['Q'], removed: [] })
    t.equal((await post(`http://127.0.0.1:${operator.port}/services/Q`, message())).status, 200)
    t.equal(await operator.metric('proxy_services_configuration_up_to_date'), 1)
    t.equal((await operator.call('/endpoints/P-two')).body.state, 'off')
    await trafficGoesOn(t)
  })

  await t.test(
    'a certificate is renewed without a restart; a broken one is refused, and the old one stays',
    async t => {
      writeFileSync(join(tls, 'tls.pem'), 'no certificate')
      const { err } = await operator.noted(/^reload failed/)
      t.match(err, { message: /tls\.pem/ })
      t.equal(await presented(), 'CN=old')
      install(tls, authority.issue('/CN=new', { days: 90 }))
      await operator.noted(/^configuration reloaded/)
      t.equal(await presented(), 'CN=new')
      await trafficGoesOn(t)
    }
  )

  await t.test('the log gets more detailed for as long as it is needed', async t => {
    t.same(await operator.run(['log-level', 'debug']), { code: 0, out: 'debug\n', err: '' })
    t.match(await operator.noted(/^by hand: the log level is debug$/), {
      before: 'info',
      after: 'debug',
      remote: '127.0.0.1'
    })
    t.same(await operator.run(['log-level', 'info']), { code: 0, out: 'info\n', err: '' })
    await trafficGoesOn(t)
  })

  await t.test('messages are recorded on demand: their attempts are shown, ids of sessions are not', async t => {
    t.equal((await operator.call('/recording', 'POST', { minutes: 1 })).status, 200)
    await operator.noted(/^by hand: messages are recorded for 1 min$/)
    await trafficGoesOn(t)
    const { body } = await operator.call('/messages?limit=5')
    t.match(body.list[0], {
      proxy: 'P',
      status: 200,
      attempts: [{ endpoint: /^P-(one|three)$/, outcome: 'answered' }]
    })
    t.notMatch(JSON.stringify((await operator.call(`/messages/${String(body.list[0].id)}`)).body), /client-\d/)
    t.match((await operator.call('/recording?clear', 'DELETE')).body, { isRunning: false, count: 0 })
  })

  await t.test('a shutdown: not ready at first, then requests in flight end; the exit code is 0', async t => {
    const last = send(operator.port, undefined, false, 'Slow')
    await until(() => slow.requests.length === 1)
    operator.gateway.child.kill('SIGTERM')
    await until(async () => (await operator.call('/health/ready')).status === 503)
    await trafficGoesOn(t)
    await load.stop()
    t.match(load.results, { refused: 0, broken: 0 }, 'all day')
    release()
    t.match(await last, { status: 200, from: 'slow' })
    t.equal(await operator.gateway.exited, 0)
    t.notMatch(operator.gateway.text, /client-\d/, 'the log contains no id of a session')
  })

  await t.test('a restart: what was off by hand is off before the first message', async t => {
    const before = two.requests.length
    const next = await start(t)
    load = new Load(next.port, SESSIONS, false, 4, GAP)
    await trafficGoesOn(t)
    await load.stop()
    t.match((await next.run(['status'])).out, /P-two +off +when switched on /)
    t.equal(two.requests.length, before)
  })
})
