import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { serve, type Running } from '../support/processes/serve-process.js'
import { backend } from '../support/backend.js'

const SDK = new URL('../../../examples/opentelemetry/sdk.js', import.meta.url)

interface ExportedSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
}

interface Collector {
  readonly url: string
  readonly services: Set<string>
  readonly spans: ExportedSpan[]
  /** Resolves with the next export. */
  readonly next: () => Promise<unknown>
}

/** Receives spans by OTLP over HTTP. `hangs`: it never responds. */
async function collector (t: Test, hangs = false): Promise<Collector> {
  const spans: ExportedSpan[] = []
  const services = new Set<string>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString())
        for (const { resource, scopeSpans } of resourceSpans) {
          services.add(
            resource.attributes.find(({ key }: { key: string }) => key === 'service.name').value.stringValue
          )
          for (const scope of scopeSpans) spans.push(...scope.spans)
        }
        server.emit('export')
        if (!hangs) response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, services, spans, next: async () => await once(server, 'export') }
}

/** `serve` in a process of its own with the SDK of the example. Returns it and the URL that clients use. */
async function tracedGateway (t: Test, { url }: Collector, uri: string): Promise<{ gateway: Running; url: string }> {
  const config = t.testdir({
    'proxy-services.json': JSON.stringify({ proxies: { Orders: { endpoint: { kind: 'address', name: 'E', uri } } } })
  })
  const environment = {
    NODE_OPTIONS: `--import ${SDK.href}`,
    OTEL_SERVICE_NAME: 'orders-gateway',
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none'
  }
  const gateway = serve(t, `${config}/proxy-services.json`, [], { environment })
  const { msg } = await gateway.line(/listening at/)
  await gateway.line(/^requests are traced with OpenTelemetry$/)
  return { gateway, url: /http:\/\/\S+/.exec(msg)![0] }
}

async function post (url: string): Promise<number> {
  const response = await fetch(`${url}/services/Orders`, { method: 'POST', body: 'abc' })
  await response.arrayBuffer()
  return response.status
}

t.test('serve with an SDK and OTEL_* variables exports a span of the request and one of its attempt', async t => {
  const up = await backend(t, 'up')
  const receiver = await collector(t)
  const { gateway, url } = await tracedGateway(t, receiver, up.uri)
  t.equal(await post(url), 200)
  while (receiver.spans.length < 2) await receiver.next()
  const [server, client] = [2, 3].map(kind => receiver.spans.find(each => each.kind === kind)!)
  t.match(server, { name: 'POST /services/Orders' })
  t.equal(client!.parentSpanId, server!.spanId)
  t.equal(up.requests[0]!.headers['traceparent'], `00-${client!.traceId}-${client!.spanId}-01`)
  t.same([...receiver.services], ['orders-gateway'])

  t.equal(await post(url), 200)
  gateway.child.kill('SIGTERM')
  t.equal(await gateway.exited, 0)
  t.equal(receiver.spans.length, 4, 'the last spans are exported when it ends')
})

t.test('a collector that hangs delays neither requests nor the end of serve', async t => {
  const up = await backend(t, 'up')
  const receiver = await collector(t, true)
  const { gateway, url } = await tracedGateway(t, receiver, up.uri)
  const exported = receiver.next()
  t.equal(await post(url), 200)
  await exported
  for (let each = 0; each < 20; each++) t.equal(await post(url), 200)
  gateway.child.kill('SIGTERM')
  t.equal(await gateway.exited, 0)
})
