import Fastify, { type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { type ForwardedOption } from '../../plugins/index.js'
import { EchoBackend, exchange } from './http-proxy/sides.js'

interface Row {
  readonly what: string
  readonly option: ForwardedOption
  readonly server?: FastifyServerOptions
  readonly sent?: Readonly<Record<string, string>>
  /** Names that are absent here must be absent at the back-end. */
  readonly expected: Readonly<Record<string, string>>
}

const NAMES = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'forwarded', 'via',
  'x-request-id']
const SPOOFED = {
  'X-Forwarded-For': '6.6.6.6',
  'X-Forwarded-Host': 'evil',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Port': '6666',
  Forwarded: 'for=6.6.6.6',
  Via: '1.0 front',
  'X-Request-Id': 'theirs'
}
const OWN = {
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-host': 'shop.example',
  'x-forwarded-proto': 'http',
  'x-forwarded-port': '80'
}
const genReqId = (): string => 'own-id'

const ROWS: readonly Row[] = [
  { what: 'off: nothing is added', option: false, expected: {} },
  {
    what: 'off: what the client sends passes unchanged',
    option: false,
    sent: SPOOFED,
    expected: Object.fromEntries(Object.entries(SPOOFED).map(([name, value]) => [name.toLowerCase(), value]))
  },
  {
    what: 'all of them',
    option: true,
    expected: {
      ...OWN, forwarded: 'for=127.0.0.1;host=shop.example;proto=http', via: '1.1 proxy-services', 'x-request-id': 'own-id'
    }
  },
  {
    what: 'what a client claims is replaced; Via is continued',
    option: true,
    sent: SPOOFED,
    expected: {
      ...OWN,
      forwarded: 'for=127.0.0.1;host=shop.example;proto=http',
      via: '1.0 front, 1.1 proxy-services',
      'x-request-id': 'own-id'
    }
  },
  {
    what: 'what a trusted proxy says is continued',
    option: true,
    server: { trustProxy: true },
    sent: SPOOFED,
    expected: {
      'x-forwarded-for': '6.6.6.6, 127.0.0.1',
      'x-forwarded-host': 'evil',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '6666',
      forwarded: 'for=6.6.6.6, for=127.0.0.1;host=evil;proto=https',
      via: '1.0 front, 1.1 proxy-services',
      'x-request-id': 'own-id'
    }
  },
  {
    what: 'of a chain only the part that is trusted',
    option: { xForwarded: true },
    server: { trustProxy: ['127.0.0.1', '10.0.0.1'] },
    sent: { 'X-Forwarded-For': '6.6.6.6, 1.2.3.4, 10.0.0.1' },
    expected: { ...OWN, 'x-forwarded-for': '1.2.3.4, 10.0.0.1, 127.0.0.1' }
  },
  { what: 'Via alone', option: { via: true }, expected: { via: '1.1 proxy-services' } },
  { what: 'the request id alone', option: { requestId: true }, expected: { 'x-request-id': 'own-id' } },
  {
    what: 'an object that selects none adds none',
    option: { via: false },
    sent: { Via: '1.0 front' },
    expected: { via: '1.0 front' }
  },
  {
    what: 'a client cannot have the headers removed by naming them in Connection',
    option: { xForwarded: true },
    sent: { Connection: 'X-Forwarded-For, close' },
    expected: OWN
  }
]

/** What the back-end receives of a request with these headers. */
async function received (t: Test, { option, server = {}, sent = {} }: Omit<Row, 'what' | 'expected'>, host: string) {
  const backend = await new EchoBackend().listen(t)
  const app = Fastify({ genReqId, requestIdHeader: false, ...server })
  t.teardown(() => app.close())
  const uri = `http://127.0.0.1:${backend.port}`
  await app.register(proxyServices, {
    forwarded: option,
    definitions: { proxies: { P: { endpoint: { kind: 'address', uri } } } }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const lines = Object.entries({ Host: host, ...sent }).map(([name, value]) => `${name}: ${value}`)
  await exchange({ app }, `GET /services/P HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  return backend.received[0]!.headers
}

for (const row of ROWS) {
  t.test(`forwarded: ${row.what}`, async t => {
    const headers = await received(t, row, 'shop.example')
    t.same(Object.fromEntries(NAMES.flatMap(name => headers[name] === undefined ? [] : [[name, headers[name]]])),
      row.expected)
  })
}

t.test('forwarded: the port is that of Host, and a host with a port is quoted', async t => {
  const headers = await received(t, { option: true }, 'shop.example:8290')
  t.equal(headers['x-forwarded-port'], '8290')
  t.equal(headers['x-forwarded-host'], 'shop.example:8290')
  t.equal(headers['forwarded'], 'for=127.0.0.1;host="shop.example:8290";proto=http')
})
