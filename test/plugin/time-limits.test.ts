import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { type ProxyServicesOptions } from '../../plugins/index.js'
import { wire, whole, type Wire } from '../support/http/bare-proxy.js'

interface Setup {
  readonly app: FastifyInstance
  readonly port: number
  /** The fields of the access log, when it has so many lines. */
  readonly accesses: (count: number) => Promise<Record<string, unknown>[]>
}

/** An app with the proxy P before a back-end, with these limits. */
async function setUp (
  t: Test,
  backend: (request: IncomingMessage, response: ServerResponse) => void,
  limits: NonNullable<ProxyServicesOptions['limits']>
): Promise<Setup> {
  const server = createServer(backend).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const lines: Record<string, unknown>[] = []
  let onLine = (): void => {}
  const app = Fastify({
    logger: {
      stream: {
        write (text) {
          const { access } = JSON.parse(text)
          if (access === undefined) return
          lines.push(access)
          onLine()
        }
      }
    }
  })
  t.teardown(() => app.close())
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const endpoint = {
    kind: 'failover',
    members: ['A', 'B'].map(name => ({ kind: 'address', name, uri: `${uri}${name}` }))
  }
  await app.register(proxyServices, {
    accessLog: true,
    limits,
    definitions: { proxies: { P: { endpoint } } } as NonNullable<ProxyServicesOptions['definitions']>
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    app,
    port: (app.server.address() as AddressInfo).port,
    accesses: count =>
      new Promise(resolve => {
        onLine = () => {
          if (lines.length >= count) resolve(lines)
        }
        onLine()
      })
  }
}

const request = (length: number, body = ''): string =>
  `POST /services/P HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n${body}`

/** Sends a byte every few milliseconds until the connection ends. */
async function trickle ({ socket, closed }: Wire): Promise<void> {
  const timer = setInterval(() => socket.write('x'), 5)
  await closed
  clearInterval(timer)
}

const stateOf = ({ app }: Setup, name = 'A') => app.endpointRegistry.endpoints.get(name)!

t.test(
  'exchangeTimeout: no response in time is 504, no other member is tried, and no endpoint is suspended',
  async t => {
    const seen: string[] = []
    const proxy = await setUp(t, ({ url }) => seen.push(url!), { exchangeTimeout: 3_000 })
    const client = wire(t, proxy.port, request(1, 'x'))
    t.match(await client.until(whole), /^HTTP\/1.1 504 (.|\r\n)*The request took too long/)
    t.same(seen, ['/A'])
    t.match(stateOf(proxy), { health: { state: 'active' }, failures: 0, inFlight: 0 })
    t.match((await proxy.accesses(1))[0], { status: 504, fault: 101504, left: undefined, aborted: undefined })
  }
)

t.test('exchangeTimeout: a response that has begun is truncated, and the access log names the cause', async t => {
  const proxy = await setUp(t, (_, response) => response.write('begin'), { exchangeTimeout: 3_000 })
  const client = wire(t, proxy.port, request(1, 'x'))
  await client.closed
  t.match(client.text, /^HTTP\/1.1 200 /)
  t.notOk(whole(client.text), 'no client takes a part for the whole')
  t.match((await proxy.accesses(1))[0], { status: 200, left: undefined, aborted: 'timeout' })
  t.match(stateOf(proxy), { health: { state: 'active' }, responses: 1, cancelled: 0 })
})

t.test('exchangeTimeout: a request that takes too long to arrive is 408', async t => {
  const proxy = await setUp(t, () => t.fail('no endpoint receives it'), { exchangeTimeout: 60 })
  const client = wire(t, proxy.port, request(1000, 'x'))
  t.match(await client.until(whole), /^HTTP\/1.1 408 (.|\r\n)*The request took too long to arrive/)
})

t.test('exchangeTimeout: a client that reads nothing is disconnected', async t => {
  const body = Buffer.alloc(64 << 20)
  const proxy = await setUp(t, (_, response) => response.end(body), { exchangeTimeout: 4_000 })
  const client = wire(t, proxy.port, '')
  client.socket.pause()
  client.socket.write(request(1, 'x'))
  t.match((await proxy.accesses(1))[0], { status: 200, aborted: 'timeout' })
  t.match(stateOf(proxy), { health: { state: 'active' }, responses: 1 })
})

t.test('minRequestBodyRate: a client that sends too few bytes gets 408', async t => {
  const proxy = await setUp(t, () => t.fail('no endpoint receives it'), {
    minRequestBodyRate: 1e6,
    bodyRateWindow: 60
  })
  const client = wire(t, proxy.port, request(100_000))
  const sending = trickle(client)
  t.match(await client.until(whole), /^HTTP\/1.1 408 /)
  client.socket.destroy()
  await sending
})

t.test(
  'minRequestBodyRate: a body that streams ends with its connection, and the endpoint counts nothing',
  async t => {
    let ended = (): void => {}
    const over = new Promise<void>(resolve => {
      ended = resolve
    })
    const proxy = await setUp(
      t,
      request => {
        request
          .resume()
          .on('close', ended)
          .on('error', () => {})
      },
      { minRequestBodyRate: 1e6, bodyRateWindow: 3_000, replayBufferLimit: 10 }
    )
    const client = wire(t, proxy.port, request(100_000, 'x'.repeat(100)))
    await trickle(client)
    await over
    t.match((await proxy.accesses(1))[0], { status: undefined, left: undefined, aborted: 'timeout' })
    t.match(stateOf(proxy), { health: { state: 'active' }, failures: 0, abandoned: 0, inFlight: 0 })
    const requests = [...proxy.app.proxyServices][0]!.trafficOf('P').requests()
    t.match([...requests], [{ statusClass: 'aborted', count: 1 }])
  }
)

t.test('minRequestBodyRate: the time in which the endpoint reads nothing does not count against the client', async t => {
  const size = 16 << 20
  let received = 0
  const proxy = await setUp(
    t,
    (request, response) => {
      setTimeout(() => {
        request
          .on('data', (chunk: Buffer) => {
            received += chunk.length
          })
          .on('end', () => response.end('ok'))
      }, 1500)
    },
    { minRequestBodyRate: 100, bodyRateWindow: 500 }
  )
  const client = wire(t, proxy.port, request(size))
  client.socket.write(Buffer.alloc(size))
  t.match(await client.until(whole), /^HTTP\/1.1 200 /)
  t.equal(received, size)
})

t.test('minResponseBodyRate: a response that comes too slowly is truncated', async t => {
  const proxy = await setUp(
    t,
    (_, response) => {
      const timer = setInterval(() => response.write('x'), 5)
      response.on('close', () => clearInterval(timer))
    },
    { minResponseBodyRate: 1e6, bodyRateWindow: 800 }
  )
  const client = wire(t, proxy.port, request(1, 'x'))
  await client.closed
  t.match(client.text, /^HTTP\/1.1 200 /)
  t.notOk(whole(client.text))
  t.match((await proxy.accesses(1))[0], { status: 200, left: undefined, aborted: 'endpoint' })
})

t.test('minResponseBodyRate: the time in which the client reads nothing does not count against the endpoint', async t => {
  const body = Buffer.alloc(16 << 20)
  const proxy = await setUp(t, (_, response) => response.end(body), { minResponseBodyRate: 100, bodyRateWindow: 500 })
  const client = wire(t, proxy.port, '')
  client.socket.pause()
  client.socket.write(request(1, 'x'))
  await delay(1500)
  client.socket.resume()
  await client.until(text => text.length > body.length)
  t.pass()
})
