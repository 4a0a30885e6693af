import t, { type Test } from 'tap'
import Fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import proxyServices from '../../plugins/index.js'
import { backend, type Backend } from '../support/backend.js'
import { promised, wire } from '../support/http/bare-proxy.js'

/** An app of a host with one proxy, its endpoint, and what the endpoint waits for before it responds. */
async function setUp (
  t: Test,
  options: { held?: boolean; maxHeadersCount?: number } = {}
): Promise<{ port: number; endpoint: Backend; release: () => void; arrived: Promise<void> }> {
  const released = promised()
  const arrived = promised()
  const endpoint = await backend(t, 'one', ({ method, body }, response) => {
    arrived.resolve()
    if (options.held !== true) response.end(`${method} ${body}`)
    else void released.promise.then(() => response.end(`${method} ${body}`))
  })
  const app = Fastify()
  t.teardown(() => app.close())
  if (options.maxHeadersCount !== undefined) app.server.maxHeadersCount = options.maxHeadersCount
  await app.register(proxyServices, {
    definitions: { proxies: { P: { endpoint: { kind: 'address', uri: endpoint.uri } } } }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    port: (app.server.address() as AddressInfo).port,
    endpoint,
    release: () => released.resolve(),
    arrived: arrived.promise
  }
}

const request = (method: string, lines: readonly string[], body = '', version = 'HTTP/1.1'): string =>
  [`${method} /services/P/x ${version}`, ...lines, '', body].join('\r\n')

async function statusOf (t: Test, port: number, bytes: string): Promise<string> {
  const client = wire(t, port, bytes)
  await client.closed
  return client.text.split(' ')[1] ?? ''
}

t.test('more headers than Node keeps: 431, and no endpoint is reached', async t => {
  const { port, endpoint } = await setUp(t)
  const many = Array.from({ length: 2_500 }, () => 'a:b')
  for (const framing of ['Content-Length: 5', 'Transfer-Encoding: chunked', 'Connection: close']) {
    t.equal(await statusOf(t, port, request('POST', ['Host: h', ...many, framing], 'HELLO')), '431', framing)
  }
  t.same(endpoint.requests, [])
})

t.test('more headers than the server of the app keeps: 431', async t => {
  const { port, endpoint } = await setUp(t, { maxHeadersCount: 50 })
  t.equal(await statusOf(t, port, request('GET', ['Host: h', ...Array.from({ length: 60 }, () => 'a:b')])), '431')
  t.same(endpoint.requests, [])
})

t.test('a server of the app without a limit of headers: all of them count', async t => {
  const { port, endpoint } = await setUp(t, { maxHeadersCount: 0 })
  t.equal(
    await statusOf(
      t,
      port,
      request(
        'POST',
        ['Host: h', ...Array.from({ length: 2_500 }, () => 'a:b'), 'Content-Length: 5', 'Connection: close'],
        'HELLO'
      )
    ),
    '200'
  )
  t.equal(endpoint.requests[0]?.body, 'HELLO')
})

t.test('bytes-after: a request that ends its connection has its own response, whatever follows it', async t => {
  const { port, endpoint } = await setUp(t)
  const lines = ['Host: h', 'Content-Length: 5']
  for (const first of [
    request('POST', [...lines, 'Connection: close'], 'HELLO'),
    request('POST', lines, 'HELLO', 'HTTP/1.0')
  ]) {
    for (const after of ['GET /services/P/smuggled HTTP/1.1\r\nHost: h\r\n\r\n', 'XXXX\r\n\r\n', '\0']) {
      const client = wire(t, port, first + after)
      await client.closed
      t.match(client.text, /^HTTP\/1\.1 200 [^]*POST HELLO$/, JSON.stringify(after))
    }
  }
  t.same(new Set(endpoint.requests.map(({ url }) => url)), new Set(['/one/x']))
})

t.test(
  'bytes that are no request, sent while the endpoint works: all requests before them have their responses',
  async t => {
    const { port, release, arrived } = await setUp(t, { held: true })
    const client = wire(
      t,
      port,
      request('POST', ['Host: h', 'Content-Length: 1'], 'A') + request('POST', ['Host: h', 'Content-Length: 1'], 'B')
    )
    await arrived
    client.socket.write('no request\r\n\r\n')
    client.socket.write('\0\0\0')
    release()
    await client.closed
    t.same(client.text.match(/POST \w|HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'POST A', 'HTTP/1.1 200', 'POST B'])
  }
)

t.test('a request whose own chunks are broken is refused, and the request before it has its response', async t => {
  const { port, endpoint } = await setUp(t)
  const client = wire(
    t,
    port,
    request('POST', ['Host: h', 'Content-Length: 1'], 'A') +
      request('POST', ['Host: h', 'Transfer-Encoding: chunked'], 'zz\r\n')
  )
  await client.closed
  t.match(client.text, /^HTTP\/1\.1 200 [^]*POST A/)
  t.equal(endpoint.requests.length, 1)
})

t.test('request-heads: two Host headers, an invalid Host, and a version that is not 1.0 or 1.1 are refused', async t => {
  const { port, endpoint } = await setUp(t)
  const refused = [
    ['400', ['Host: h', 'Host: h'], 'HTTP/1.1'],
    ['400', ['Host: h', 'X: y', 'hOST: evil'], 'HTTP/1.1'],
    ['400', ['Host: a', 'Host: b'], 'HTTP/1.0'],
    ['400', ['Host: a b'], 'HTTP/1.1'],
    ['400', ['Host: a/b'], 'HTTP/1.1'],
    ['400', ['Host: [::1'], 'HTTP/1.1'],
    ['505', ['Host: h'], 'HTTP/2.0'],
    ['505', ['Host: h'], 'HTTP/0.9'],
    ['505', ['Host: h'], ''],
    ['400', ['Host: h', 'Transfer-Encoding: chunked'], 'HTTP/1.0']
  ] as const
  for (const [status, lines, version] of refused) {
    const second = request('GET', ['Host: h'])
    t.equal(
      await statusOf(t, port, request('GET', lines, `0\r\n\r\n${second}`, version).replace(' \r\n', '\r\n')),
      status,
      `${version} ${lines.join(', ')}`
    )
  }
  t.same(endpoint.requests, [])
  for (const host of ['h', '127.0.0.1:80', '[::1]:8080', 'a_b-c.d', '']) {
    t.equal(await statusOf(t, port, request('GET', [`Host: ${host}`, 'Connection: close'])), '200', host)
  }
})

t.test('dot-segments: dot segments after the address of a service get 400, and no endpoint is reached', async t => {
  const { port, endpoint } = await setUp(t)
  for (const path of ['../x', '%2e%2E/x', 'a/./b', 'a/..', '..%2fx', '..%5cx', '..\\x', '..;/x']) {
    const head = `GET /services/P/${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`
    t.equal(await statusOf(t, port, head), '400', path)
  }
  t.same(endpoint.requests, [])
  for (const path of ['a.b', '..a', 'a..', '.well-known/x', '%41.', 'a?b=../c']) {
    t.equal(
      await statusOf(t, port, `GET /services/P/${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`),
      '200',
      path
    )
  }
})
