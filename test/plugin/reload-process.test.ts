import { once } from 'node:events'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { backend } from '../support/backend.js'
import { message, post } from '../support/gateway.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import { Running, serve } from '../support/processes/serve-process.js'

const proxy = (name: string, uri: string): string =>
  `<proxy name="${name}" transports="http https"><target><inSequence><send><endpoint><session type="simpleClientSession"/><loadbalance><endpoint name="One"><address uri="${uri}"/></endpoint></loadbalance></endpoint></send></inSequence></target></proxy>`
const definitions = (...parts: readonly string[]): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse">\n${parts.join('\n')}\n</definitions>`

async function serving (
  t: Test,
  config: string,
  flags: readonly string[] = []
): Promise<{ running: Running, url: (name: string) => string }> {
  const running = serve(t, config, flags)
  const port = await running.port('Server')
  return { running, url: name => `http://127.0.0.1:${port}/services/${name}` }
}

t.test('SIGHUP reloads the configuration; an invalid one is reported and changes nothing', async t => {
  const one = await backend(t, 'one')
  const config = join(t.testdir({ 'p.xml': definitions(proxy('A', one.uri)) }), 'p.xml')
  const { running, url } = await serving(t, config)
  t.equal((await post(url('A'), message())).from, 'one')

  writeFileSync(config, definitions(proxy('A', one.uri), proxy('B', one.uri)))
  running.child.kill('SIGHUP')
  t.hasStrict(await running.line(/configuration reloaded: 2 proxy services/), {
    why: 'SIGHUP',
    added: ['B'],
    removed: []
  })
  t.equal((await post(url('B'), message())).from, 'one')

  writeFileSync(
    config,
    definitions('<proxy name="A"><target><inSequence><makefoult/></inSequence></target></proxy>', '<nonsense/>')
  )
  running.child.kill('SIGHUP')
  await running.line(/reload failed/)
  t.match(await running.line(/makefoult/), { level: 50, file: config, line: 2 })
  t.match(await running.line(/nonsense/), { level: 50, file: config, line: 3 })
  t.same([(await post(url('A'), message())).from, (await post(url('B'), message())).from], ['one', 'one'])
  running.child.kill('SIGTERM')
  t.equal(await running.exited, 0)
})

t.test('--watch reloads after a change, also when another file replaces the old one', async t => {
  const one = await backend(t, 'one')
  const folder = t.testdir({ config: { 'p.xml': definitions(proxy('A', one.uri)) }, sub: {} })
  const config = join(folder, 'config')
  const { running, url } = await serving(t, config, ['--watch'])
  writeFileSync(join(config, 'q.xml'), definitions(proxy('B', one.uri)))
  await running.line(/configuration reloaded: 2 proxy services/)
  writeFileSync(join(folder, 'sub', 'new.xml'), definitions(proxy('C', one.uri)))
  renameSync(join(folder, 'sub', 'new.xml'), join(config, 'p.xml'))
  t.hasStrict(await running.line(/configuration reloaded/, 2), { why: 'a file changed', added: ['C'], removed: ['A'] })
  t.equal((await post(url('C'), message())).from, 'one')
})

/** Sends a request over TLS. Returns the status, the body, and the certificate of the server. */
async function sendSecurely (
  port: number,
  path: string,
  body: string
): Promise<{ status: number, body: string, certificate: string }> {
  const agent = new Agent({ rejectUnauthorized: false, maxCachedSessions: 0 })
  const sending = request({
    port,
    host: '127.0.0.1',
    path,
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/soap+xml' }
  }).end(body)
  const [response] = await once(sending, 'response')
  const certificate = (response.socket.getPeerCertificate() as { fingerprint256: string }).fingerprint256
  let text = ''
  for await (const chunk of response) text += String(chunk)
  agent.destroy()
  return { status: response.statusCode, body: text, certificate }
}

t.test(
  'http and https serve one app with one registry and one set of sessions, and a reload renews the certificate',
  async t => {
    const up = await backend(t, 'up')
    const folder = t.testdir({
      'p.xml': definitions(
        proxy('A', up.uri),
        proxy('Plain', up.uri).replace('transports="http https"', 'transports="http"')
      ),
      'key.pem': KEY,
      'cert.pem': CERTIFICATE
    })
    const running = new Running(t, ['serve', join(folder, 'p.xml')], {
      PROXY_SERVICES_PORT: '0',
      PROXY_SERVICES_HOST: '127.0.0.1',
      PROXY_SERVICES_HTTPS_PORT: '0',
      PROXY_SERVICES_TLS_KEY: join(folder, 'key.pem'),
      PROXY_SERVICES_TLS_CERT: join(folder, 'cert.pem'),
      PROXY_SERVICES_ADMIN_PORT: '0',
      PROXY_SERVICES_ACCESS_LOG: 'true'
    })
    const [plain, secure, admin] = [
      await running.port('Server'),
      await running.port('https'),
      await running.port('Admin')
    ]
    const list = async (what: string): Promise<any[]> =>
      ((await (await fetch(`http://127.0.0.1:${admin}/${what}`)).json()) as { list: any[] }).list
    t.equal((await post(`http://127.0.0.1:${plain}/services/A`, message('s1'))).from, 'up')
    const first = await sendSecurely(secure, '/services/A', message('s1'))
    t.match(first.body, /<from>up/)
    t.equal((await sendSecurely(secure, '/services/A', message('s2'))).status, 200)
    t.same((await list('groups')).map(({ sessions }) => sessions.bound).sort(), [0, 2], 'one table')
    t.equal((await list('endpoints')).find(({ responses }) => responses > 0).responses, 3, 'one count')
    t.equal(
      (await sendSecurely(secure, '/services/Plain', message())).status,
      403,
      'a proxy for http only refuses https'
    )
    await running.line(/POST Plain 403|POST - 403/)

    running.child.kill('SIGHUP')
    await running.line(/configuration reloaded/)
    t.equal((await sendSecurely(secure, '/services/A', message('s1'))).certificate, first.certificate)
    writeFileSync(join(folder, 'cert.pem'), 'no certificate')
    writeFileSync(join(folder, 'p.xml'), definitions(proxy('A', up.uri)))
    running.child.kill('SIGHUP')
    await running.line(/reload failed/)
    t.same((await list('proxy-services')).map(({ name }) => name), ['A', 'Plain'], 'the reload is refused as a whole')
    const metrics = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text()
    t.match(metrics, /^proxy_services_configuration_up_to_date 0$/m)
    t.match(metrics, /^proxy_services_configuration_reloads_total\{result="failed"\} 1$/m)
    t.match(metrics, /^proxy_services_certificate_expiry_timestamp_seconds\{file=".*cert.pem"\} 4\d{9}$/m)
    t.equal(
      (await sendSecurely(secure, '/services/A', message('s1'))).status,
      200,
      'an invalid certificate changes nothing'
    )
    running.child.kill('SIGTERM')
    t.equal(await running.exited, 0)
    t.equal(readFileSync(join(folder, 'key.pem'), 'utf8'), KEY)
  }
)
