import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { startGateway, type Gateway, type GatewayOptions } from '../../lib/cli/serve/gateway.js'
import proxyServices, { admin, type AppPhase } from '../../plugins/index.js'
import { backend, type Backend } from '../support/backend.js'
import { fakeRedis } from '../support/sessions/redis.js'
import { serve, type Running } from '../support/processes/serve-process.js'

const proxyTo = (uri: string): object => ({
  proxies: { Quotes: { in: [{ kind: 'send', endpoint: { kind: 'address', uri } }] } }
})

/** A back-end that responds when the test resumes it. */
async function slow (t: Test): Promise<{ server: Backend, requested: Promise<unknown>, respond: () => void }> {
  const waiting: ServerResponse[] = []
  let onRequest: () => void
  const requested = new Promise<void>(resolve => { onRequest = resolve })
  const server = await backend(t, 'slow', (_seen, response) => {
    waiting.push(response)
    onRequest()
  })
  return { server, requested, respond: () => { for (const each of waiting) each.end('at last') } }
}

async function gatewayTo (
  t: Test,
  uri: string,
  options: Partial<GatewayOptions> = {}
): Promise<{ gateway: Gateway, url: string, ready: () => Promise<number | undefined> }> {
  const gateway = await startGateway({
    definitions: proxyTo(uri),
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
    admin: { port: 0, host: '127.0.0.1' },
    ...options
  } as GatewayOptions)
  t.teardown(() => gateway.close())
  const ready = async (): Promise<number | undefined> => {
    try {
      return (await fetch(`http://127.0.0.1:${gateway.adminPort}/health/ready`)).status
    } catch {
      return undefined
    }
  }
  return { gateway, url: `http://127.0.0.1:${gateway.port}/services/Quotes`, ready }
}

t.test('the gateway is ready when the app is; a back-end that is down does not matter', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { definitions: proxyTo('http://127.0.0.1:1/missing') })
  await app.register(admin)
  t.same([(await app.inject('/health/live')).statusCode, (await app.inject('/health/ready')).statusCode], [200, 200])
  t.equal(
    (
      await app.inject({
        method: 'POST',
        url: '/services/Quotes',
        payload: 'x',
        headers: { 'content-type': 'text/plain' }
      })
    ).statusCode,
    502
  )
  t.equal((await app.inject('/health/ready')).statusCode, 200)
})

t.test('readiness: 503 while the gateway starts, and while it drains', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const readiness: { phase: AppPhase } = { phase: 'starting' }
  await app.register(proxyServices, { definitions: {} })
  await app.register(admin, { readiness })
  for (const [phase, status] of [['starting', 503], ['ready', 200], ['draining', 503]] as const) {
    readiness.phase = phase
    const response = await app.inject('/health/ready')
    t.same([response.statusCode, response.json()], [status, { status: phase }])
    t.equal((await app.inject('/health/live')).statusCode, 200)
  }
})

t.test('a gateway that closes is not ready first, and responds to the requests in flight', async t => {
  const { server, requested, respond } = await slow(t)
  const { gateway, url, ready } = await gatewayTo(t, server.uri)
  t.equal(await ready(), 200)
  const underWay = fetch(url)
  await requested
  const closed = gateway.close()
  t.equal(await ready(), 503, 'as long as a request is under way, the admin says how it is')
  await t.rejects(fetch(url), 'new connections are refused')
  respond()
  const response = await underWay
  t.same([response.status, await response.text()], [200, 'at last'])
  await closed
  t.equal(await ready(), undefined, 'then all is closed, the idle connection included')
})

t.test('in the pause before it closes, the gateway serves, and makes clients connect again', async t => {
  const up = await backend(t, 'up')
  const { gateway, url, ready } = await gatewayTo(t, up.uri)
  t.equal((await fetch(url)).headers.get('connection'), 'keep-alive')
  const closed = gateway.close(3_000)
  t.equal(await ready(), 503)
  const response = await fetch(url)
  t.same([response.status, response.headers.get('connection')], [200, 'close'])
  await response.text()
  await closed
})

t.test('a request that takes longer than the grace is aborted', async t => {
  const { server, requested } = await slow(t)
  const { gateway, url } = await gatewayTo(t, server.uri, { shutdownTimeout: 50 })
  const underWay = fetch(url)
  const failed = t.rejects(underWay)
  await requested
  await gateway.close()
  await failed
})

t.test('a port in use is named, and nothing stays open', async t => {
  const { gateway } = await gatewayTo(t, 'http://127.0.0.1:1')
  const again = { definitions: {}, host: '127.0.0.1', logLevel: 'silent' }
  await t.rejects(startGateway({ ...again, port: gateway.port }), { message: `port ${gateway.port} is in use` })
  await t.rejects(startGateway({ ...again, port: 0, admin: { port: gateway.adminPort!, host: '127.0.0.1' } }), {
    message: `port ${gateway.adminPort} is in use`
  })
  const without = await startGateway({
    ...again,
    port: 0,
    admin: { port: gateway.adminPort!, host: '127.0.0.1', ifFree: true }
  })
  t.equal(without.adminPort, undefined, 'the usual port of the admin may be in use')
  await without.close()
})

t.test('a configuration that is wrong ends the command, also while its session store is connected', async t => {
  const { url } = await fakeRedis(t, () => '+OK\r\n')
  const folder = t.testdir({ 'proxies.json': '{"proxies": 5}' })
  const running = serve(t, folder, ['--session-store', url])
  t.equal(await running.exited, 1)
  t.match(running.text, /sessions are shared with other gateways[^]*proxies/)
})

const serving = async (t: Test, uri: string): Promise<{ running: Running, url: string }> => {
  const folder = t.testdir({ 'proxies.json': JSON.stringify(proxyTo(uri)) })
  const running = serve(t, folder, [], { adminPort: '0' })
  return { running, url: `http://127.0.0.1:${await running.port('Server')}/services/Quotes` }
}

t.test('SIGTERM lets requests under way end, and then the process', async t => {
  const { server, requested, respond } = await slow(t)
  const { running, url } = await serving(t, server.uri)
  const underWay = fetch(url)
  await requested
  running.child.kill('SIGTERM')
  await running.line(/^stopping/)
  respond()
  t.equal(await (await underWay).text(), 'at last')
  t.equal(await running.exited, 0)
  t.notMatch(running.text, /Deprecat|FSTDEP/, 'nothing of what it uses is going to go away')
})

t.test('a second signal ends the process at once, with requests under way', async t => {
  const { server, requested } = await slow(t)
  const { running, url } = await serving(t, server.uri)
  const underWay = t.rejects(fetch(url))
  await requested
  running.child.kill('SIGINT')
  await running.line(/^stopping/)
  running.child.kill('SIGTERM')
  t.equal(await running.exited, 128 + 15)
  await underWay
})

t.test('bytes that are not HTTP get 400, and their connection is closed', async t => {
  const { gateway } = await gatewayTo(t, 'http://127.0.0.1:1')
  const socket = connect({ port: gateway.port, host: '127.0.0.1' })
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n')
  let said = ''
  socket.on('data', (chunk: Buffer) => { said += chunk.toString() })
  await once(socket, 'close')
  t.match(said, /^HTTP\/1.1 400 Bad Request\r\nConnection: close\r\n/)
})
