import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { SpanKind } from '@opentelemetry/api'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import FastifyOtel from '@fastify/otel'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import t, { type Test } from 'tap'
import { registerSdk, valuesIn } from '../support/operation/spans.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

const spans = registerSdk()
const http = new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url = '' }) => url.startsWith('/back-end') })
const undici = new UndiciInstrumentation({ ignoreRequestHook: ({ path }) => path.startsWith('/services') })
const fastify = new FastifyOtel.FastifyOtelInstrumentation()
for (const each of [http, undici, fastify]) each.setTracerProvider(spans.provider)
t.teardown(() => {
  for (const each of [http, undici, fastify]) each.disable()
})

// Instrumentations replace functions of modules when these are loaded.
const { createServer } = createRequire(import.meta.url)('node:http') as typeof import('node:http')
const { default: Fastify } = await import('fastify')
const { default: proxyServices } = await import('../../plugins/index.js')

interface Sent {
  readonly spans: readonly ReadableSpan[]
  readonly rawHeaders: readonly string[]
}

/** Sends one request with a trace of the client through an app. */
async function send (
  t: Test,
  upstreamClient: 'own' | 'undici',
  withFastifyOtel: boolean,
  count: number
): Promise<Sent> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    response.end('done')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const app = Fastify()
  t.teardown(() => app.close())
  if (withFastifyOtel) await app.register(fastify.plugin())
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/back-end`
  await app.register(proxyServices, {
    upstreamClient,
    definitions: { proxies: { Orders: { endpoint: { kind: 'address', name: 'E', uri } } } }
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const headers = { traceparent: `00-${TRACE}-${PARENT}-01` }
  await (await fetch(`${url}/services/Orders`, { method: 'POST', headers, body: 'abc' })).arrayBuffer()
  return { spans: await spans.take(count), rawHeaders: requests[0]!.rawHeaders }
}

const parentOf = (span: ReadableSpan, all: readonly ReadableSpan[]): ReadableSpan | undefined =>
  all.find(each => each.spanContext().spanId === span.parentSpanContext?.spanId)

/** Checks one trace: one SERVER span that continues the client's, ours below it, one CLIENT span, one header. */
function checkTrace (t: Test, { spans: all, rawHeaders }: Sent): void {
  const server = all.filter(({ kind }) => kind === SpanKind.SERVER)
  const client = all.filter(({ kind }) => kind === SpanKind.CLIENT)
  const own = all.find(({ name }) => name === 'proxy Orders')!
  t.equal(server.length, 1, 'one span of kind SERVER')
  t.equal(server[0]!.parentSpanContext!.spanId, PARENT)
  t.equal(own.kind, SpanKind.INTERNAL)
  t.match(own.attributes, { 'proxy_services.proxy': 'Orders', 'http.response.status_code': 200 })
  t.equal(client.length, 1, 'one span of kind CLIENT')
  t.equal(parentOf(client[0]!, all), own)
  for (const each of all) t.equal(each.spanContext().traceId, TRACE)
  t.same(valuesIn(rawHeaders, 'traceparent'), [`00-${TRACE}-${client[0]!.spanContext().spanId}-01`])
}

for (const upstreamClient of ['own', 'undici'] as const) {
  t.test(`beside the instrumentation of http, its span is the parent (upstreamClient ${upstreamClient})`, async t => {
    const sent = await send(t, upstreamClient, false, 3)
    checkTrace(t, sent)
    const own = sent.spans.find(({ name }) => name === 'proxy Orders')!
    t.equal(parentOf(own, sent.spans)!.instrumentationScope.name, '@opentelemetry/instrumentation-http')
  })

  t.test(
    `beside @fastify/otel, the span of its handler is the parent (upstreamClient ${upstreamClient})`,
    async t => {
      const sent = await send(t, upstreamClient, true, 5)
      checkTrace(t, sent)
      const own = sent.spans.find(({ name }) => name === 'proxy Orders')!
      t.equal(parentOf(own, sent.spans)?.instrumentationScope.name, '@fastify/otel')
    }
  )
}

t.test('beside @fastify/otel alone, its span of the request continues the trace of the client', async t => {
  http.disable()
  checkTrace(t, await send(t, 'own', true, 4))
})
