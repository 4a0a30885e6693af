import { setTimeout as delay } from 'node:timers/promises'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { CODES } from '../../lib/message/fault.js'
import proxyServices from '../../plugins/index.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import { gateway } from '../support/gateway.js'
import { envelope, bareProxy, origin, post, rawBackend, wire, whole } from '../support/http/bare-proxy.js'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** What a back-end does with a connection: `tcp` is what carries `socket`, which is the same without TLS. */
type End = (socket: Socket, tcp: Socket) => void

/** A back-end that responds to the first request of each connection, and does `second` with any further one. */
async function forgetful (t: Test, second: End, secure = false) {
  const requests = { first: 0, further: 0 }
  const port = await rawBackend(t, tcp => {
    const socket = secure ? encrypted(tcp) : tcp
    let text = ''
    let count = 0
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      if (!isComplete(text)) return
      text = ''
      if (count++ === 0) {
        requests.first++
        socket.write(OK)
      } else {
        requests.further++
        second(socket, tcp)
      }
    })
  })
  return { origin: secure ? `https://127.0.0.1:${port}` : origin(port), requests }
}

/** Six requests in a row: each that meets a connection which ends is sent on a fresh one, and has its response. */
async function eachOnFreshConnection (
  t: Test, server: Awaited<ReturnType<typeof forgetful>>, options: { verify?: boolean } = {}
): Promise<void> {
  const proxy = await bareProxy(t, { origins: [server.origin], ...options })
  for (let count = 0; count < 6; count++) {
    t.match(await wire(t, proxy.port, post('<a/>')).until(whole), /^HTTP\/1.1 200 /)
  }
  t.ok(server.requests.further > 0)
  t.equal(server.requests.first, 6)
  t.equal(proxy.stale.length, server.requests.further)
  t.ok(proxy.outcomes.every(({ kind }) => kind === 'answered'))
}

const encrypted = (tcp: Socket): Socket =>
  new TLSSocket(tcp, { isServer: true, key: KEY, cert: CERTIFICATE }).on('error', () => {})

const isComplete = (text: string): boolean => whole(text) || text.startsWith('GET ')

const ENDS: Readonly<Record<string, End>> = {
  'closes (FIN)': socket => socket.end(),
  'resets (RST)': (_, tcp) => tcp.resetAndDestroy()
}

const TLS_ENDS: typeof ENDS = { ...ENDS, 'closes without close_notify': (_, tcp) => tcp.end() }

for (const [how, end] of Object.entries(TLS_ENDS)) {
  t.test(`over TLS, a reused connection that the endpoint ${how} is no failure either`, async t => {
    await eachOnFreshConnection(t, await forgetful(t, end, true), { verify: false })
  })
}

for (const [how, end] of Object.entries(ENDS)) {
  t.test(
    `a reused connection that the endpoint ${how} is no failure: the request is sent on a fresh one`,
    async t => await eachOnFreshConnection(t, await forgetful(t, end))
  )

  t.test(`with retry="unsent" a request on a connection that the endpoint ${how} is not sent again`, async t => {
    const server = await forgetful(t, end)
    const proxy = await bareProxy(t, { origins: [server.origin], unsentOnly: true })
    await wire(t, proxy.port, post('<a/>')).until(whole)
    t.match(await wire(t, proxy.port, post('<a/>')).until(whole), /^HTTP\/1.1 502 (.|\r\n)*X-Code: 101505/)
    t.match(proxy.outcomes.at(-1), {
      kind: 'refused',
      fault: { code: CODES.CONNECTION_CLOSED, requestSent: true, passThroughCode: 101508 }
    })
    t.match(proxy.stale, [])
  })
}

for (const secure of [false, true]) {
  const how = secure ? ', over TLS' : ''
  t.test(`a fresh connection that ends, too: the message is sent twice, which is one failure${how}`, async t => {
    const received: string[] = []
    let responds = true
    const port = await rawBackend(t, tcp => {
      const socket = secure ? encrypted(tcp) : tcp
      let count = 0
      socket.on('data', () => {
        received.push(count++ === 0 ? 'fresh' : 'reused')
        if (responds) socket.write(OK)
        else tcp.resetAndDestroy()
      })
    })
    const { app, url } = await gateway(t, {
      definitions: {
        proxies: {
          P: {
            endpoint: {
              kind: 'address', name: 'E', uri: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`, verify: false
            }
          }
        }
      }
    })
    const send = async (): Promise<number> =>
      (await fetch(`${url}/services/P`, { method: 'POST', body: '<a/>' })).status
    t.equal(await send(), 200)
    responds = false
    t.not(await send(), 200)
    t.same(received, ['fresh', 'reused', 'fresh'])
    t.match(app.endpointRegistry.endpoints.get('E'), { failures: 1, responses: 1, health: { state: 'suspended' } })
    t.same([...app.proxyServices].map(({ staleConnections }) => staleConnections), [1])
  })
}

t.test('a response that begins on a reused connection and ends in its head is a failure', async t => {
  const server = await forgetful(t, socket => socket.end('HTTP/1.1 200 OK\r\n'))
  const proxy = await bareProxy(t, { origins: [server.origin] })
  await wire(t, proxy.port, post('<a/>')).until(whole)
  await wire(t, proxy.port, post('<a/>')).until(whole)
  t.match(proxy.outcomes.at(-1), { kind: 'failed' })
  t.same(proxy.stale, [])
})

t.test('a body too long to be sent again goes out on a fresh connection', async t => {
  const server = await forgetful(t, socket => socket.resetAndDestroy())
  const proxy = await bareProxy(t, { origins: [server.origin], limits: { replayBufferLimit: 1000 } })
  for (let count = 0; count < 6; count++) {
    t.match(await wire(t, proxy.port, post(envelope(100_000))).until(whole), /^HTTP\/1.1 200 /)
  }
  t.same(server.requests, { first: 6, further: 0 })
})

/** Pauses around the time after which the back-end ends idle connections, in milliseconds. */
const KEEP_ALIVE = 5
const CONNECTIONS = 20

for (const [how, end] of Object.entries(ENDS)) {
  t.test(`2,000 requests spaced at the time after which the endpoint ${how} idle connections: no fault`, async t => {
    const port = await rawBackend(t, socket => {
      let timer: NodeJS.Timeout | undefined
      socket
        .on('data', () => {
          clearTimeout(timer)
          socket.write(OK)
          timer = setTimeout(() => end(socket, socket), KEEP_ALIVE)
        })
        .on('close', () => clearTimeout(timer))
    })
    const proxy = await bareProxy(t, { origins: [origin(port)] })
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, connection) => {
        const client = wire(t, proxy.port, '')
        for (let count = 0; count < 2000 / CONNECTIONS; count++) {
          client.text = ''
          client.socket.write(post('<a/>'))
          await client.until(whole)
          await delay(KEEP_ALIVE - 2 + ((count + connection) % 4))
        }
      })
    )
    t.equal(proxy.outcomes.length, 2000)
    t.same(
      proxy.outcomes.filter(({ kind }) => kind !== 'answered'),
      []
    )
    t.comment(`${proxy.stale.length} stale connections`)
  })
}

t.test('a firewall that forgets idle connections resets the next request: no fault', async t => {
  const port = await rawBackend(t, socket => {
    let last = performance.now()
    socket.on('data', () => {
      const idle = performance.now() - last
      last = performance.now()
      if (idle > KEEP_ALIVE && socket.bytesWritten > 0) socket.resetAndDestroy()
      else socket.write(OK)
    })
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(t, proxy.port, '')
  for (let count = 0; count < 200; count++) {
    client.text = ''
    client.socket.write(post('<a/>'))
    await client.until(whole)
    if (count % 2 === 0) await delay(KEEP_ALIVE + 3)
  }
  t.same(
    proxy.outcomes.filter(({ kind }) => kind !== 'answered'),
    []
  )
  t.ok(proxy.stale.length >= 50, `${proxy.stale.length} stale connections`)
})

t.test('stale: endpoints of a gateway stay active, and the log has one line a minute for each origin', async t => {
  const servers = [await forgetful(t, socket => socket.resetAndDestroy()), await forgetful(t, socket => socket.end())]
  const lines: Array<{ count?: number }> = []
  const app = Fastify({
    logger: {
      level: 'info',
      stream: {
        write: (line: string) => {
          lines.push(JSON.parse(line) as object)
        }
      }
    }
  })
  t.teardown(() => app.close())
  const members = servers.map((server, at) => ({ kind: 'address' as const, name: `E${at}`, uri: server.origin }))
  await app.register(proxyServices, {
    definitions: { proxies: { P: { in: [{ kind: 'send', endpoint: { kind: 'loadbalance', members } }] } } }
  })
  await app.ready()
  for (let count = 0; count < 20; count++) {
    t.equal((await app.inject({ method: 'POST', url: '/services/P', payload: '<a/>' })).statusCode, 200)
  }
  for (const { health, failures } of app.endpointRegistry.endpoints.values()) {
    t.equal(health.state, 'active')
    t.equal(failures, 0)
  }
  const [{ staleConnections } = { staleConnections: 0 }] = app.proxyServices
  t.ok(staleConnections >= 8, `${staleConnections} stale connections`)
  const summaries = () => lines.filter(({ count }) => count !== undefined)
  const line = { count: 1, msg: /^a reused connection to http:.* was sent again/ }
  t.match(summaries(), [line, line])
  await app.close()
  t.ok(summaries().length <= 4)
  t.equal(
    summaries().reduce((sum, { count = 0 }) => sum + count, 0),
    staleConnections
  )
})
