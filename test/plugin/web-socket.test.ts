import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Definitions } from '../../plugins/index.js'
import { freePort } from '../support/free-port.js'
import { gateway } from '../support/gateway.js'
import {
  roundTrip,
  open,
  refusal,
  webSocketBackend,
  type WebSocketBackend
} from '../support/http/web-socket-backend.js'
import { until } from '../support/until.js'

type Endpoint = NonNullable<NonNullable<Definitions['proxies']>[string]['endpoint']>

const definitionsOf = (endpoint: Endpoint): Definitions => ({ proxies: { P: { websocket: true, endpoint } } })

const groupOf = (members: readonly { readonly uri: string }[]): Endpoint => ({
  kind: 'loadbalance',
  members: members.map(({ uri }, at) => ({ kind: 'address', name: `m${at + 1}`, uri }))
})

const withOne = async (t: Test, { uri }: { readonly uri: string }) =>
  await gateway(t, { definitions: definitionsOf({ kind: 'address', name: 'm1', uri }) })

/** The head of an upgrade, without its end. */
const UPGRADE =
  'GET /services/P HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

/** A connection that ends with the test, and what it has received. */
function rawClient (t: Test, url: string): { readonly socket: Socket; readonly seen: { text: string } } {
  const seen = { text: '' }
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket
    .on('data', chunk => {
      seen.text += String(chunk)
    })
    .on('error', () => {})
  t.teardown(() => socket.destroy())
  return { socket, seen }
}

const trafficOf = (app: FastifyInstance) => [...app.proxyServices][0]!.trafficOf('P')

t.test('a WebSocket reaches the endpoint of its proxy, with path, query, headers and subprotocol', async t => {
  const backend = await webSocketBackend(t, 'a')
  const { url } = await withOne(t, backend)
  const client = await open(t, `${url}/services/P/room/1?x=1`, {
    protocols: ['chat', 'other'],
    headers: { authorization: 'Bearer b', origin: 'http://o' }
  })
  t.equal(await roundTrip(client, 'hello'), 'a: hello')
  t.equal(client.protocol, 'chat', 'the endpoint has chosen the subprotocol')
  const [request] = backend.upgrades
  t.equal(request!.url, '/a/room/1?x=1')
  t.match(request!.headers, { authorization: 'Bearer b', origin: 'http://o', host: `127.0.0.1:${backend.port}` })
  t.equal(backend.plain.length, 0, 'nothing was forwarded as a plain GET')
})

t.test('large and many messages pass both ways unchanged', async t => {
  const { url } = await withOne(t, await webSocketBackend(t, 'a'))
  const client = await open(t, `${url}/services/P`)
  for (const size of [0, 125, 126, 65_535, 65_536, 3_000_000]) {
    const sent = Buffer.alloc(size, size % 251)
    const received = once(client, 'message')
    client.send(sent)
    const [data] = (await received) as [Buffer]
    t.ok(data.equals(sent), `${size} bytes`)
  }
})

t.test('a Close frame of either side reaches the other with its code', async t => {
  const backend = await webSocketBackend(t, 'a')
  const { url, app } = await withOne(t, backend)
  const first = await open(t, `${url}/services/P`)
  const closed = once(first, 'close')
  first.close(4001, 'enough')
  t.equal((await closed)[0], 4001)
  await until(() => backend.closeCodes.length === 1, 'the endpoint sees the end')
  t.strictSame(backend.closeCodes, [4001])
  const second = await open(t, `${url}/services/P`)
  const ended = once(second, 'close')
  for (const each of backend.open) each.close(4002)
  t.equal((await ended)[0], 4002)
  await until(() => trafficOf(app).inFlight === 0, 'nothing is in flight')
})

t.test('without the setting an upgrade is refused with 426, and never forwarded', async t => {
  const backend = await webSocketBackend(t, 'a')
  const { url } = await gateway(t, {
    definitions: {
      proxies: {
        P: { websocket: true, endpoint: { kind: 'address', uri: backend.uri } },
        Q: { endpoint: { kind: 'address', uri: backend.uri } }
      }
    }
  })
  t.equal((await refusal(t, `${url}/services/Q`)).status, 426)
  t.equal((await refusal(t, `${url}/services/R`)).status, 404, 'there is no such proxy')
  t.equal(backend.upgrades.length + backend.plain.length, 0)
})

t.test('websocket: the parameter of a proxy in XML lets clients upgrade', async t => {
  const backend = await webSocketBackend(t, 'a')
  const { url } = await gateway(t, {
    definitions: `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P">
      <target><endpoint><address uri="${backend.uri}"/></endpoint></target>
      <parameter name="websocket">true</parameter></proxy></definitions>`
  })
  t.equal(await roundTrip(await open(t, `${url}/services/P`), 'x'), 'a: x')
})

t.test('a member that refuses connections is suspended, and the next one gets the upgrade', async t => {
  const backend = await webSocketBackend(t, 'a')
  const dead = { uri: `http://127.0.0.1:${await freePort()}/` }
  const { url, app } = await gateway(t, { definitions: definitionsOf(groupOf([dead, backend])) })
  for (let at = 0; at < 3; at++) t.equal(await roundTrip(await open(t, `${url}/services/P`), 'x'), 'a: x')
  t.match(app.endpointRegistry.healthOf(app.endpointRegistry.endpoints.get('m1')!), { state: 'suspended' })
})

t.test('a member that closes the connection without a response is failed over', async t => {
  const broken = await webSocketBackend(t, 'b', (_, socket) => {
    socket.destroy()
    return true
  })
  const backend = await webSocketBackend(t, 'a')
  const { url } = await gateway(t, { definitions: definitionsOf(groupOf([broken, backend])) })
  t.equal(await roundTrip(await open(t, `${url}/services/P`), 'x'), 'a: x')
  t.equal(broken.upgrades.length, 1)
})

t.test('a response that is not an upgrade reaches the client with status, headers and body', async t => {
  const backend = await webSocketBackend(t, 'a', (_, socket) => {
    socket.end('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 5\r\n\r\nlogin')
    return true
  })
  const { url, app } = await withOne(t, backend)
  const { status, headers, body } = await refusal(t, `${url}/services/P`)
  t.strictSame([status, headers['www-authenticate'], body], [401, 'Bearer', 'login'])
  t.match(app.endpointRegistry.healthOf(app.endpointRegistry.endpoints.get('m1')!), { state: 'active' })
})

t.test('statuses that count as failures are failed over', async t => {
  const busy = await webSocketBackend(t, 'b', (_, socket) => {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')
    return true
  })
  const backend = await webSocketBackend(t, 'a')
  const group: Endpoint = {
    kind: 'loadbalance',
    members: [busy, backend].map(({ uri }) => ({ kind: 'address', uri, failureStatus: [503] }))
  }
  const { url } = await gateway(t, { definitions: definitionsOf(group) })
  t.equal(await roundTrip(await open(t, `${url}/services/P`), 'x'), 'a: x')
  t.equal(busy.upgrades.length, 1)
})

t.test('no member that is ready, and a switch to another protocol, are failures with their statuses', async t => {
  const { url } = await gateway(t, {
    definitions: definitionsOf({ kind: 'address', uri: `http://127.0.0.1:${await freePort()}/` })
  })
  t.equal((await refusal(t, `${url}/services/P`)).status, 502)
  const other = await webSocketBackend(t, 'b', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
    return true
  })
  const { url: second } = await withOne(t, other)
  t.equal((await refusal(t, `${second}/services/P`)).status, 502)
})

t.test('a session goes to its member: a WebSocket binds it, and requests and WebSockets follow', async t => {
  const backends = [await webSocketBackend(t, 'a'), await webSocketBackend(t, 'b')]
  const { url } = await gateway(t, {
    definitions: definitionsOf({
      kind: 'loadbalance',
      session: { kind: 'http', cookies: ['sid'] },
      members: backends.map(({ uri }) => ({ kind: 'address', uri }))
    })
  })
  const first = await roundTrip(await open(t, `${url}/services/P`), '')
  const name = first.slice(0, 1)
  for (let at = 0; at < 3; at++) {
    const headers = { cookie: `sid=of-${name}` }
    t.equal(await roundTrip(await open(t, `${url}/services/P`, { headers }), ''), first)
    t.equal(await (await fetch(`${url}/services/P`, { headers })).text(), name)
  }
})

t.test('a member that is switched off, or drained, gets no new WebSocket and keeps those that are open', async t => {
  const backends = [await webSocketBackend(t, 'a'), await webSocketBackend(t, 'b')]
  const { url, app } = await gateway(t, { definitions: definitionsOf(groupOf(backends)) })
  const before = await open(t, `${url}/services/P`)
  t.equal(await roundTrip(before, 'x'), 'a: x')
  const registry = app.endpointRegistry
  for (const step of ['off', 'drain'] as const) {
    if (step === 'off') registry.switchOff('m1')
    else registry.drain('m1')
    for (let at = 0; at < 2; at++) t.equal(await roundTrip(await open(t, `${url}/services/P`), 'x'), 'b: x', step)
    t.equal(await roundTrip(before, 'y'), 'a: y')
    registry.switchOn('m1')
  }
})

t.test('hooks of the host run, and may refuse an upgrade', async t => {
  const backend = await webSocketBackend(t, 'a')
  const seen: string[] = []
  const { default: Fastify } = await import('fastify')
  const { default: proxyServices } = await import('../../plugins/index.js')
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('onRequest', async (request, reply) => {
    seen.push('onRequest')
    void reply.header('x-host', 'h')
    if (request.headers.authorization === undefined) return await reply.code(401).send('who are you?')
  })
  app.addHook('preHandler', async request => {
    seen.push('preHandler')
    request.headers['x-user'] = 'me'
  })
  app.addHook('onResponse', async ({ proxy }, { statusCode }) => {
    seen.push(`onResponse ${statusCode} ${proxy?.attemptCount ?? '-'}`)
  })
  await app.register(proxyServices, { definitions: definitionsOf({ kind: 'address', uri: backend.uri }) })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const { status, body } = await refusal(t, `${url}/services/P`)
  t.strictSame([status, body], [401, 'who are you?'])
  t.equal(backend.upgrades.length, 0)
  const client = await open(t, `${url}/services/P`, { headers: { authorization: 'x' } })
  t.equal(await roundTrip(client, 'x'), 'a: x')
  t.equal(backend.upgrades[0]!.headers['x-user'], 'me')
  const closed = once(client, 'close')
  client.close()
  await closed
  await until(() => seen.length === 5, 'onResponse runs at the end')
  t.strictSame(seen, ['onRequest', 'onResponse 401 -', 'onRequest', 'preHandler', 'onResponse 101 1'])
})

t.test('metrics count WebSockets and their bytes, and the time until they were open', async t => {
  const { url, app } = await withOne(t, await webSocketBackend(t, 'a'))
  const client = await open(t, `${url}/services/P`)
  await roundTrip(client, 'hello')
  const traffic = trafficOf(app)
  t.match(traffic, { inFlight: 1, webSockets: 1 })
  const closed = once(client, 'close')
  client.close()
  await closed
  await until(() => traffic.inFlight === 0, 'nothing is in flight')
  t.equal(traffic.webSockets, 0)
  t.strictSame([...traffic.requests()], [{ statusClass: '1xx', faultCode: '', count: 1 }])
  t.ok(traffic.requestBytes >= 11 && traffic.responseBytes >= 10, `${traffic.requestBytes}, ${traffic.responseBytes}`)
})

t.test(
  'an app that closes sends 1001 to both sides, and does not wait for a client that does not respond',
  async t => {
    const backend = await webSocketBackend(t, 'a')
    const { url, app } = await withOne(t, backend)
    const client = await open(t, `${url}/services/P`)
    t.equal(await roundTrip(client, 'x'), 'a: x')
    const closed = once(client, 'close')
    await app.close()
    t.equal((await closed)[0], 1001)
    await until(() => backend.closeCodes.length === 1, 'the endpoint sees the end')
    t.strictSame(backend.closeCodes, [1001])
  }
)

t.test('a WebSocket without traffic is closed with 1001', async t => {
  const backend = await webSocketBackend(t, 'a')
  const { url } = await gateway(t, {
    definitions: definitionsOf({ kind: 'address', uri: backend.uri }),
    limits: { webSocketIdleTimeout: 100 }
  })
  const client = await open(t, `${url}/services/P`)
  t.equal((await once(client, 'close'))[0], 1001)
})

t.test('a client that reads nothing stops the endpoint: waiting bytes stay bounded', async t => {
  let sent = 0
  let blocked = false
  const backend = await webSocketBackend(t, 'a', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const frame = Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(65_536)])
    const write = (): void => {
      while (sent < 200_000_000 && socket.write(frame)) sent += frame.length
      blocked = true
    }
    socket.on('drain', write)
    write()
    return true
  })
  const { url } = await withOne(t, backend)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write('GET /services/P HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  socket.pause()
  await until(() => blocked, 'the endpoint is blocked')
  const before = process.memoryUsage().rss
  // Gateway and endpoint run in this process: what does not move for so many turns of its event loop has stopped.
  for (let [still, last] = [0, -1]; still < 100; still++) {
    if (sent !== last) [still, last] = [0, sent]
    await turn()
  }
  t.ok(sent < 100_000_000, `${sent} bytes were taken from the endpoint`)
  t.ok(process.memoryUsage().rss - before < 50_000_000)
})

t.test('requests that offer another protocol are served without it, with their bodies', async t => {
  const { backend } = await import('../support/backend.js')
  const plain = await backend(t, 'p', ({ method, body, headers }, response) => {
    response.end(`${method} ${body} ${headers.upgrade}`)
  })
  const { app, url } = await withOne(t, plain)
  const connected = once(app.server, 'connection') as Promise<[Socket]>
  const { socket, seen } = rawClient(t, url)
  const [served] = await connected
  for (let at = 1; at <= 12; at++) {
    socket.write(
      'POST /services/P HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n' +
        'HTTP2-Settings: AAMAAABk\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhe'
    )
    await until(() => served.bytesRead === socket.bytesWritten, 'the gateway has the first part')
    socket.write('llo')
    await until(() => seen.text.split('POST hello undefined').length === at + 1, `response ${at}`)
  }
  t.equal(plain.requests.length, 12)
})

t.test('a request that offers another protocol keeps its empty headers', async t => {
  const { backend } = await import('../support/backend.js')
  const plain = await backend(t, 'p', ({ headers }, response) => {
    response.end(`tenant "${headers['x-tenant']}"`)
  })
  const { url } = await withOne(t, plain)
  const { socket, seen } = rawClient(t, url)
  socket.write(
    'POST /services/P HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Tenant:\r\n' +
      'Content-Length: 0\r\n\r\n'
  )
  await until(() => seen.text.includes('tenant'), 'a response')
  t.match(seen.text, /tenant ""/)
})

t.test('a request that offers another protocol and has more headers than Node keeps is not served', async t => {
  const backend = await webSocketBackend(t, 'a')
  const { url } = await withOne(t, backend)
  const { socket, seen } = rawClient(t, url)
  const inner = 'GET /services/P/inner HTTP/1.1\r\nHost: a\r\n\r\n'
  socket.write(
    `POST /services/P HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n${'a:\r\n'.repeat(2000)}` +
      `Content-Length: ${inner.length}\r\n\r\n${inner}`
  )
  await until(() => socket.destroyed || seen.text !== '', 'the end')
  t.notMatch(seen.text, / 200 /)
  t.same(backend.plain, [], 'its body is no request')
})

t.test('a WebSocket that is granted while the app closes is closed at once', async t => {
  let grant = (): void => {}
  const backend = await webSocketBackend(t, 'a', (_, socket) => {
    grant = () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    socket.resume().on('end', () => socket.end())
    return true
  })
  const { url, app } = await withOne(t, backend)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let received = Buffer.alloc(0)
  socket.on('data', chunk => {
    received = Buffer.concat([received, chunk])
  })
  socket.write(`${UPGRADE}\r\n`)
  await until(() => backend.upgrades.length === 1, 'the endpoint has the request')
  const closed = app.close()
  await until(() => !app.server.listening, 'the app closes')
  grant()
  await until(() => received.includes(Buffer.from([0x88, 2, 0x03, 0xe9])), 'a Close frame (1001)')
  socket.destroy()
  await closed
})

t.test('an upgrade with a body, in a hurry, or after a request without a response does no harm', async t => {
  const backend = await webSocketBackend(t, 'a')
  const { url, app } = await withOne(t, backend)
  const run = async (text: string): Promise<string> => {
    const { socket, seen } = rawClient(t, url)
    socket.write(text)
    await until(() => seen.text !== '' || socket.destroyed, 'a response')
    socket.destroy()
    return seen.text
  }
  t.match(await run(`${UPGRADE}Content-Length: 5\r\n\r\nhello`), /^HTTP\/1.1 400/)
  t.match(await run(`${UPGRADE}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`), /^HTTP\/1.1 400/)
  t.equal(backend.upgrades.length, 0)
  // A frame that comes before the response is kept for the endpoint.
  t.match(await run(`${UPGRADE}\r\n\x81\x82\0\0\0\0hi`), /^HTTP\/1.1 101/)
  await run(`GET /services/P HTTP/1.1\r\nHost: a\r\n\r\n${UPGRADE}\r\n`)
  t.equal(await roundTrip(await open(t, `${url}/services/P`), 'x'), 'a: x', 'the gateway still serves')
  await until(() => trafficOf(app).webSockets === 1, 'abandoned ones are gone')
})

t.test('a client that disconnects before the response ends the attempt', async t => {
  const waiting = await webSocketBackend(t, 'a', () => true)
  const { url, app } = await withOne(t, waiting)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('GET /services/P HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  await until(() => waiting.upgrades.length === 1, 'the endpoint has the request')
  socket.end()
  await until(() => trafficOf(app).inFlight === 0, 'nothing is in flight')
  t.strictSame([...trafficOf(app).requests()], [{ statusClass: 'none', faultCode: '', count: 1 }])
})

t.test('a reload may let clients upgrade, and WebSockets that are open stay', async t => {
  const backend = await webSocketBackend(t, 'a')
  let websocket = false
  const { url, app } = await gateway(t, {
    definitions: () => ({ proxies: { P: { websocket, endpoint: { kind: 'address', uri: backend.uri } } } })
  })
  t.equal((await refusal(t, `${url}/services/P`)).status, 426)
  websocket = true
  await app.proxyServices.reload()
  const client = await open(t, `${url}/services/P`)
  t.equal(await roundTrip(client, 'x'), 'a: x')
  websocket = false
  await app.proxyServices.reload()
  t.equal(await roundTrip(client, 'y'), 'a: y')
  t.equal((await refusal(t, `${url}/services/P`)).status, 426)
})

t.test('undici as client of endpoints serves WebSockets too', async t => {
  const backend: WebSocketBackend = await webSocketBackend(t, 'a')
  const { url } = await gateway(t, {
    definitions: definitionsOf({ kind: 'address', uri: backend.uri }),
    upstreamClient: 'undici'
  })
  const client = await open(t, `${url}/services/P`)
  t.equal(await roundTrip(client, 'x'.repeat(100_000)), `a: ${'x'.repeat(100_000)}`)
  const closed = once(client, 'close')
  client.close(4003)
  t.equal((await closed)[0], 4003)
})
