import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { rootCertificates } from 'node:tls'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { Agent, MockAgent, ProxyAgent } from 'undici'
import proxyServices, { type Definitions, type ProxyServicesOptions } from '../../plugins/index.js'
import { listenAtSocket, socketOrigin } from '../support/http/socket.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'
import { until } from '../support/until.js'
import { capture } from '../support/operation/captured-log.js'

const members = (...uris: readonly string[]): Definitions => ({
  proxies: {
    P: {
      endpoint: {
        kind: 'failover',
        members: uris.map((uri, at) => ({ kind: 'address', name: `m${at}`, uri }))
      }
    }
  }
})

async function appWith (t: Test, options: ProxyServicesOptions): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, options)
  return app
}

function mockAgent (t: Test): MockAgent {
  const agent = new MockAgent()
  agent.disableNetConnect()
  t.teardown(() => agent.close())
  return agent
}

t.test('upstreamClient: a MockAgent responds in place of the back-ends', async t => {
  const agent = mockAgent(t)
  const app = await appWith(t, { upstreamClient: agent, definitions: members('http://orders.test/base') })
  agent
    .get('http://orders.test')
    .intercept({ path: '/base/1?full=1', method: 'POST', body: body => String(body) === 'hello' })
    .reply(201, 'made', { headers: { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] } })
  const { statusCode, body, headers } = await app.inject({
    method: 'POST', url: '/services/P/1?full=1', headers: { 'content-type': 'text/plain' }, payload: 'hello'
  })
  t.same([statusCode, body, headers['set-cookie']], [201, 'made', ['a=1', 'b=2']])
  agent.assertNoPendingInterceptors()
})

t.test('upstreamClient: errors, late responses and statuses of a MockAgent count as those of a back-end', async t => {
  const agent = mockAgent(t)
  const app = await appWith(t, { upstreamClient: agent, definitions: members('http://one.test', 'http://two.test') })
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  agent.get('http://one.test').intercept({ path: '/' }).replyWithError(refused)
  agent.get('http://two.test').intercept({ path: '/' }).reply(200, 'two').delay(20)
  t.same((await app.inject('/services/P')).body, 'two')
  t.match(app.endpointRegistry.endpoints.get('m0')!.health, { state: 'suspended', cause: /it was refused/ })
  t.equal(app.endpointRegistry.endpoints.get('m1')!.health.state, 'active')
})

t.test('upstreamClient: a request that no mock expects fails, suspends nothing, and is named in the log', async t => {
  const agent = mockAgent(t)
  const { app, lines } = capture(t)
  await app.register(proxyServices, { upstreamClient: agent, definitions: members('http://orders.test') })
  t.equal((await app.inject('/services/P/unexpected')).statusCode, 500)
  t.equal(app.endpointRegistry.endpoints.get('m0')!.health.state, 'active')
  t.ok(lines.some(line => JSON.stringify(line).includes('/unexpected')))
})

/** An HTTP proxy that opens tunnels. */
async function tunnelProxy (t: Test): Promise<{ origin: string, targets: string[] }> {
  const targets: string[] = []
  const server = createServer()
  server.on('connect', ({ url = '' }: IncomingMessage, client) => {
    targets.push(url)
    const [host, port] = url.split(':')
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    for (const each of [client, target]) each.on('error', () => {})
    t.teardown(() => target.destroy())
  })
  return { origin: await listenOnLoopback(t, server), targets }
}

const echo = (request: IncomingMessage, response: ServerResponse): void => {
  response.setHeader('X-Path', request.url!)
  request.pipe(response)
}

t.test('upstreamClient: a ProxyAgent sends requests through an HTTP proxy, bodies and responses included', async t => {
  const backend = await listenOnLoopback(t, createServer(echo))
  const proxy = await tunnelProxy(t)
  const agent = new ProxyAgent({ uri: proxy.origin, proxyTunnel: true })
  t.teardown(() => agent.close())
  const app = await appWith(t, { upstreamClient: agent, definitions: members(backend) })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  for (const size of [5, 1_000_000]) {
    const response = await fetch(`${url}/services/P/x`, { method: 'POST', body: 'x'.repeat(size) })
    t.same([response.headers.get('x-path'), (await response.text()).length], ['/x', size])
  }
  t.equal(proxy.targets[0], new URL(backend).host)
})

t.test('upstreamClient: a dispatcher of the app stays open when the app closes', async t => {
  const backend = await listenOnLoopback(t, createServer(echo))
  const agent = new Agent()
  t.teardown(() => agent.close())
  const app = await appWith(t, { upstreamClient: agent, definitions: members(backend) })
  t.equal((await app.inject('/services/P')).statusCode, 200)
  await app.close()
  t.equal((await agent.request({ origin: backend, path: '/', method: 'GET' })).statusCode, 200)
})

t.test('upstreamClient: a client that disconnects ends the request of the dispatcher, and limits hold', async t => {
  const events: string[] = []
  const backend = await listenOnLoopback(t, createServer((_, response) => {
    events.push('request')
    response.on('close', () => events.push('close'))
  }))
  const agent = new Agent()
  t.teardown(() => agent.close())
  const limits = { maxRequestsPerOrigin: 1 }
  const app = await appWith(t, { upstreamClient: agent, definitions: members(backend), limits })
  const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const client = connect(Number(url.port), url.hostname)
  client.write('GET /services/P HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => events.length === 1, 'the back-end has the request')
  t.equal((await app.inject('/services/P')).statusCode, 503)
  client.destroy()
  await until(() => events.length === 2, 'the connection to the back-end is closed')
  t.same(events, ['request', 'close'])
  t.equal(app.endpointRegistry.endpoints.get('m0')!.health.state, 'active')
})

t.test('upstreamClient: unix sockets are served by the gateway itself beside a dispatcher', async t => {
  const path = await listenAtSocket(t, createServer((_, response) => response.end('socket')))
  const app = await appWith(t, { upstreamClient: mockAgent(t), definitions: members(socketOrigin(path)) })
  t.equal((await app.inject('/services/P')).body, 'socket')
})

t.test('upstreamClient: certificates for all endpoints are refused beside a dispatcher, by the option that sets them', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const definitions = members('http://one.test', 'http://two.test')
  const endpointDefaults = { tls: { ca: rootCertificates[0]! } }
  const options = { upstreamClient: mockAgent(t), definitions, endpointDefaults }
  await t.rejects(async () => await app.register(proxyServices, options), {
    code: 'PROXY_SERVICES_INVALID_OPTION',
    problems: [{ message: 'a dispatcher has TLS settings of its own, and the option "endpointDefaults" sets "tls"' }]
  })
})

t.test('upstreamClient: an endpoint with TLS settings of its own is refused beside a dispatcher', async t => {
  for (const settings of [{ verify: false }, { tls: { servername: 'orders.test' } }]) {
    const definitions: Definitions = {
      proxies: { P: { endpoint: { kind: 'address', name: 'E', uri: 'https://orders.test', ...settings } } }
    }
    const app = Fastify()
    t.teardown(() => app.close())
    await t.rejects(async () => await app.register(proxyServices, { upstreamClient: mockAgent(t), definitions }), {
      code: 'PROXY_SERVICES_INVALID_OPTION',
      message: /a dispatcher has TLS settings of its own, and the endpoint "E" sets "verify" or "tls"/
    })
  }
})
