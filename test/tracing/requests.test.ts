import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { type Definitions, type ProxyServicesOptions } from '../../plugins/index.js'
import { only, registerSdk, valuesIn } from '../support/operation/spans.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'

const SECRET = 'very-secret'
/** No server listens there. */
const DOWN = 'http://127.0.0.1:1'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

const spans = registerSdk()

interface Backend {
  readonly uri: string
  readonly port: number
  readonly requests: IncomingMessage[]
}

/** Responds 200; `/hang`: not at all; `/status/N`: with that status. */
async function backend (t: Test): Promise<Backend> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    const [, status = '200'] = /^\/status\/(\d+)/.exec(request.url!) ?? []
    request.resume()
    if (request.url !== '/hang') request.on('end', () => response.writeHead(Number(status)).end('done'))
  })
  const uri = await listenOnLoopback(t, server)
  return { uri, port: Number(new URL(uri).port), requests }
}

interface App {
  readonly app: FastifyInstance
  readonly url: string
  readonly lines: Record<string, any>[]
}

async function listening (
  t: Test,
  options: ProxyServicesOptions,
  before?: (app: FastifyInstance) => unknown
): Promise<App> {
  const lines: Record<string, any>[] = []
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
  const app = Fastify({ logger: { level: 'info', stream } })
  t.teardown(() => app.close())
  before?.(app)
  await app.register(proxyServices, options)
  return { app, lines, url: await app.listen({ port: 0, host: '127.0.0.1' }) }
}

const group = (...uris: readonly string[]): any => ({
  kind: 'loadbalance',
  name: 'G',
  session: { kind: 'header', name: 'X-Session' },
  members: uris.map((uri, number) => ({ kind: 'address', name: `E${number}`, uri }))
})

const proxyTo = (...uris: readonly string[]): Definitions => ({ proxies: { Orders: { endpoint: group(...uris) } } })

async function post (url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, { method: 'POST', headers: { 'x-session': SECRET, ...headers }, body: 'abc' })
  await response.arrayBuffer()
  return response.status
}

t.test('a request has one span, and each attempt has one below it', async t => {
  const up = await backend(t)
  const { url } = await listening(t, { definitions: proxyTo(`${DOWN}/?key=${SECRET}`, up.uri) })
  await post(`${url}/services/Orders/a;jsessionid=${SECRET}?key=${SECRET}`, { 'user-agent': 'a client' })
  const [first, second, request] = await spans.take(3)
  t.match(request, {
    name: 'POST /services/Orders/*',
    kind: SpanKind.SERVER,
    status: { code: SpanStatusCode.UNSET },
    attributes: {
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'http.route': '/services/Orders/*',
      'url.scheme': 'http',
      'url.path': '/services/Orders/a;jsessionid=***',
      'url.query': 'key=***',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(url).port),
      'client.address': '127.0.0.1',
      'user_agent.original': 'a client',
      'network.protocol.version': '1.1',
      'proxy_services.proxy': 'Orders',
      'proxy_services.attempts': 2,
      'proxy_services.session.decision': 'new',
      'proxy_services.session.kind': 'header'
    },
    instrumentationScope: { name: 'fastify-proxy-services', version: /^\d/ }
  })
  t.equal(request!.parentSpanContext, undefined)
  t.match(first, {
    name: 'POST',
    kind: SpanKind.CLIENT,
    status: { code: SpanStatusCode.ERROR, message: /refused/ },
    attributes: {
      'http.request.method': 'POST',
      'url.full': `${DOWN}/a;jsessionid=***?key=***&key=***`,
      'server.address': '127.0.0.1',
      'server.port': 1,
      'error.type': '101503',
      'proxy_services.endpoint': 'E0',
      'proxy_services.groups': ['G'],
      'proxy_services.fault.code': 101503
    }
  })
  t.match(second, {
    kind: SpanKind.CLIENT,
    status: { code: SpanStatusCode.UNSET },
    attributes: {
      'http.response.status_code': 200,
      'http.request.resend_count': 1,
      'server.port': up.port,
      'proxy_services.endpoint': 'E1',
      'proxy_services.connection.reused': false
    }
  })
  for (const attempt of [first, second]) {
    t.equal(attempt!.parentSpanContext!.spanId, request!.spanContext().spanId)
    t.equal(attempt!.spanContext().traceId, request!.spanContext().traceId)
  }
  t.notMatch(JSON.stringify([first, second, request].map(each => each!.attributes)), SECRET)
  const { traceId, spanId } = second!.spanContext()
  t.same(valuesIn(up.requests[0]!.rawHeaders, 'traceparent'), [`00-${traceId}-${spanId}-01`])
})

for (const upstreamClient of ['own', 'undici'] as const) {
  t.test(`the trace of a client is continued, each header once (upstreamClient ${upstreamClient})`, async t => {
    const up = await backend(t)
    const { url } = await listening(t, { definitions: proxyTo(up.uri), upstreamClient })
    await post(`${url}/services/Orders`, {
      TraceParent: `00-${TRACE}-${PARENT}-01`,
      TraceState: 'congo=t61rcWkgMzE',
      Baggage: 'user=ann'
    })
    const found = await spans.take(2)
    const attempt = only(found, 'CLIENT')
    t.match(only(found, 'SERVER').parentSpanContext, { traceId: TRACE, spanId: PARENT, isRemote: true })
    const { rawHeaders } = up.requests[0]!
    t.same(valuesIn(rawHeaders, 'traceparent'), [`00-${TRACE}-${attempt.spanContext().spanId}-01`])
    t.same(valuesIn(rawHeaders, 'tracestate'), ['congo=t61rcWkgMzE'])
    t.same(valuesIn(rawHeaders, 'baggage'), ['user=ann'])
  })
}

t.test('a request that a client does not want to be sampled has no spans, and its trace is continued', async t => {
  const up = await backend(t)
  const { url } = await listening(t, { definitions: proxyTo(up.uri) })
  await post(`${url}/services/Orders`, { traceparent: `00-${TRACE}-${PARENT}-00` })
  await post(`${url}/services/Orders`, { traceparent: `00-${TRACE}-${PARENT}-01` })
  t.equal((await spans.take(2)).length, 2)
  t.match(up.requests[0]!.headers['traceparent'], new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
})

t.test('a traceparent that is malformed begins a new trace', async t => {
  const up = await backend(t)
  const { url } = await listening(t, { definitions: proxyTo(up.uri) })
  await post(`${url}/services/Orders`, { traceparent: 'no trace', tracestate: 'a=b' })
  const request = only(await spans.take(2), 'SERVER')
  t.equal(request.parentSpanContext, undefined)
  t.match(up.requests[0]!.headers['traceparent'], `00-${request.spanContext().traceId}-`)
  t.equal(up.requests[0]!.headers['tracestate'], undefined)
})

t.test(
  'a request that no endpoint takes is an error with its fault code; a status of 4xx is one of its attempt only',
  async t => {
    const up = await backend(t)
    const { url } = await listening(t, {
      definitions: { proxies: { Down: { endpoint: group(DOWN) }, Up: { endpoint: group(`${up.uri}/status/404`) } } }
    })
    t.equal(await post(`${url}/services/Down`), 502)
    t.match(only(await spans.take(2), 'SERVER'), {
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'http.response.status_code': 502, 'error.type': '502', 'proxy_services.fault.code': 101503 }
    })
    t.equal(await post(`${url}/services/Up`), 404)
    const found = await spans.take(2)
    t.match(only(found, 'CLIENT'), { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': '404' } })
    t.match(only(found, 'SERVER'), { status: { code: SpanStatusCode.UNSET } })
  }
)

t.test('a client that disconnects ends both spans', async t => {
  const up = await backend(t)
  const { app, url } = await listening(t, { definitions: proxyTo(`${up.uri}/hang`) })
  const client = connect(Number(new URL(url).port), '127.0.0.1')
  client.write('POST /services/Orders HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  const endpoint = [...app.endpointRegistry.endpoints.values()][0]!
  while (endpoint.inFlight === 0) {
    await new Promise(resolve => {
      setImmediate(resolve)
    })
  }
  client.destroy()
  const found = await spans.take(2)
  t.match(only(found, 'SERVER').attributes, { 'proxy_services.left': true })
  t.equal(only(found, 'SERVER').attributes['http.response.status_code'], undefined)
  t.match(only(found, 'CLIENT').attributes, { 'proxy_services.fault.code': 101507 })
})

t.test('pipelined requests have a span each', async t => {
  const up = await backend(t)
  const { url } = await listening(t, { definitions: proxyTo(up.uri) })
  const client = connect(Number(new URL(url).port), '127.0.0.1')
  client.write('POST /services/Orders HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'.repeat(3))
  t.equal((await spans.take(6)).filter(({ kind }) => kind === SpanKind.SERVER).length, 3)
  client.destroy()
})

t.test('a delivery that continues without its client has its attempt in the trace of the request', async t => {
  const up = await backend(t)
  const { url } = await listening(t, {
    definitions: {
      proxies: {
        Orders: {
          in: [
            { kind: 'property', name: 'OUT_ONLY', value: 'true' },
            { kind: 'send', endpoint: group(up.uri) }
          ]
        }
      }
    }
  })
  t.equal(await post(`${url}/services/Orders`), 202)
  const found = await spans.take(2)
  t.equal(only(found, 'CLIENT').parentSpanContext!.spanId, only(found, 'SERVER').spanContext().spanId)
})

t.test('log lines of a request, and its line of the access log, have the id of its trace', async t => {
  const up = await backend(t)
  const { url, lines } = await listening(t, {
    accessLog: true,
    definitions: {
      proxies: {
        Orders: {
          in: [{ kind: 'log', level: 'custom', properties: [{ name: 'a', value: 'b' }] }],
          endpoint: group(up.uri)
        }
      }
    }
  })
  await post(`${url}/services/Orders`, { traceparent: `00-${TRACE}-${PARENT}-01` })
  await spans.take(2)
  t.equal(lines.find(({ mediation }) => mediation !== undefined)!['traceId'], TRACE)
  t.equal(lines.find(({ access }) => access !== undefined)!['access'].traceId, TRACE)
})

t.test('a request that a hook of its proxy refuses has a span, a route of the host has none', async t => {
  const { url } = await listening(
    t,
    {
      definitions: proxyTo(DOWN),
      proxies: { Orders: { onRequest: async (_request, reply) => await reply.code(401).send() } }
    },
    app => app.get('/own', async () => 'own')
  )
  await (await fetch(`${url}/own`)).arrayBuffer()
  t.equal(await post(`${url}/services/Orders`), 401)
  t.same(
    (await spans.take(1)).map(({ attributes }) => attributes['http.response.status_code']),
    [401]
  )
})

t.test('a request for a WSDL has one span; health checks and fetching the WSDL have none', async t => {
  const up = await backend(t)
  const { url } = await listening(t, {
    definitions: {
      proxies: {
        Orders: {
          wsdl: { uri: `${up.uri}/wsdl` },
          endpoint: { kind: 'address', uri: up.uri, healthCheck: { path: '/health', interval: 100 } }
        }
      }
    }
  })
  const checks = (): number => up.requests.filter(({ url }) => url === '/health').length
  while (checks() < 2) {
    await new Promise(resolve => {
      setImmediate(resolve)
    })
  }
  await (await fetch(`${url}/services/Orders?wsdl`)).arrayBuffer()
  const found = await spans.take(1)
  t.same(
    found.map(({ kind }) => kind),
    [SpanKind.SERVER]
  )
  for (const { rawHeaders } of up.requests) t.same(valuesIn(rawHeaders, 'traceparent'), [])
})

for (const event of ['start', 'end'] as const) {
  t.test(`a processor that throws at the ${event} of spans harms no request, and is logged once`, async t => {
    const up = await backend(t)
    const { url, lines } = await listening(t, { definitions: proxyTo(up.uri) })
    spans.misbehave = at => {
      if (at === event) throw new Error('a broken processor')
    }
    t.teardown(() => {
      spans.misbehave = undefined
    })
    for (let each = 0; each < 3; each++) t.equal(await post(`${url}/services/Orders`), 200)
    spans.misbehave = undefined
    t.equal(lines.filter(({ msg }) => /^tracing failed/.test(msg)).length, 1)
    await post(`${url}/services/Orders`)
    await spans.take(2)
  })
}

t.test('tracing: false makes no spans, and leaves the headers of the client as they are', async t => {
  const up = await backend(t)
  const { url } = await listening(t, { definitions: proxyTo(up.uri), tracing: false })
  const traced = await listening(t, { definitions: proxyTo(up.uri) })
  const traceparent = `00-${TRACE}-${PARENT}-01`
  await post(`${url}/services/Orders`, { traceparent })
  t.equal(up.requests[0]!.headers['traceparent'], traceparent)
  await post(`${traced.url}/services/Orders`)
  t.equal((await spans.take(2)).length, 2)
})
