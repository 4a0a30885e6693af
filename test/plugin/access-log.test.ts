import { createServer } from 'node:http'
import { connect } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { startGateway } from '../../lib/cli/serve/gateway.js'
import proxyServices, { type ProxyServicesOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'
import { until } from '../support/until.js'

const SECRET = 'very-secret'
const DOWN = 'http://127.0.0.1:1'

interface Logged {
  readonly lines: Record<string, any>[]
  /** Resolves with so many lines of the access log. */
  readonly accesses: (count: number) => Promise<Record<string, any>[]>
}

/** A stream for a log whose lines can be waited for. */
function logged (): Logged & { stream: { write: (line: string) => void } } {
  const lines: Record<string, any>[] = []
  let onLine = (): void => {}
  return {
    lines,
    stream: {
      write (line) {
        lines.push(JSON.parse(line))
        onLine()
      }
    },
    async accesses (count) {
      const found = (): Record<string, any>[] => lines.flatMap(({ access }) => access ?? [])
      while (found().length < count) {
        await new Promise<void>(resolve => {
          onLine = resolve
        })
      }
      return found()
    }
  }
}

/** A back-end that echoes, and hangs at `/hang`. */
async function origin (t: Test): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/hang') return
    request.pipe(response)
  })
  return await listenOnLoopback(t, server)
}

async function app (
  t: Test,
  options: ProxyServicesOptions,
  trustProxy = true
): Promise<Logged & { app: FastifyInstance; url: string }> {
  const log = logged()
  const app = Fastify({ logger: { level: 'info', stream: log.stream }, trustProxy })
  t.teardown(() => app.close())
  await app.register(proxyServices, options)
  return { ...log, app, url: await app.listen({ port: 0, host: '127.0.0.1' }) }
}

const group = (...uris: readonly string[]): any => ({
  kind: 'loadbalance',
  name: 'G',
  session: { kind: 'header', name: 'X-Session' },
  members: uris.map(uri => ({ kind: 'address', uri }))
})

t.test('a line has the client, bytes, times, the fault, the session and every attempt, and no secret', async t => {
  const up = await origin(t)
  const { url, accesses, lines } = await app(t, {
    accessLog: true,
    definitions: {
      proxies: { A: { endpoint: group(`${DOWN}/${SECRET}?key=${SECRET}`, up) }, B: { endpoint: group(DOWN) } }
    }
  })
  const send = async (name: string): Promise<void> => {
    const response = await fetch(`${url}/services/${name}/${SECRET}?key=${SECRET}`, {
      method: 'POST',
      headers: { 'x-session': SECRET, 'x-forwarded-for': '192.0.2.7' },
      body: 'x'.repeat(100)
    })
    await response.arrayBuffer()
  }
  for (const name of ['A', 'A', 'B']) await send(name)
  const [first, second, third] = await accesses(3)
  t.match(first, {
    client: '192.0.2.7',
    method: 'POST',
    proxy: 'A',
    endpoint: up,
    status: 200,
    fault: undefined,
    session: 'new',
    sessionKind: 'header',
    attempts: [
      { endpoint: DOWN, outcome: 101503, ms: Number },
      { endpoint: up, outcome: 'response', reused: false }
    ],
    requestBytes: 100,
    responseBytes: 100
  })
  for (const field of ['ms', 'waitMs', 'upstreamMs']) t.type(first![field], 'number', field)
  t.match(second, { session: 'bound', attempts: [{ endpoint: up, outcome: 'response', reused: true }] })
  t.match(third, { proxy: 'B', status: Number, fault: 101503, session: 'new', attempts: [{ outcome: 101503 }] })
  t.notMatch(JSON.stringify(lines.filter(({ access }) => access !== undefined)), SECRET)
})

t.test('the address of a client is that of its connection, where no proxy in front is trusted', async t => {
  const definitions = { proxies: { A: { endpoint: { kind: 'address', uri: await origin(t) } as const } } }
  const { url, accesses } = await app(t, { accessLog: true, definitions }, false)
  const headers = { 'x-forwarded-for': '192.0.2.7' }
  await (await fetch(`${url}/services/A`, { method: 'POST', headers, body: 'x' })).arrayBuffer()
  t.equal((await accesses(1))[0]!['client'], '127.0.0.1')
})

t.test('a session that loses its member is moved or refused, and each line has the id of its request', async t => {
  const members = await Promise.all(['one', 'two'].map(async name => await backend(t, name)))
  const sticky = (name: string, onLost: string): any => ({
    ...group(...members.map(({ uri }) => uri)),
    name,
    session: { kind: 'header', name: 'X-Session', onLost }
  })
  const { url, accesses, lines } = await app(t, {
    accessLog: true,
    definitions: {
      proxies: {
        Moves: { endpoint: sticky('M', 'redispatch') },
        Stays: { endpoint: sticky('S', 'strict') }
      }
    }
  })
  const send = async (name: string): Promise<void> => {
    const headers = { 'x-session': SECRET, 'content-type': 'text/xml' }
    await (await fetch(`${url}/services/${name}`, { method: 'POST', headers, body: '<a/>' })).arrayBuffer()
  }
  for (const name of ['Moves', 'Stays']) await send(name)
  await members[0]!.stop()
  for (const name of ['Moves', 'Stays', 'Stays']) await send(name)
  const seen = await accesses(5)
  t.same(
    [seen[0], seen[1], seen[2], seen[4]].map(each => each?.['session']),
    ['new', 'new', 'moved', 'refused']
  )
  t.match(seen[4], { proxy: 'Stays', fault: Number, attempts: [] })
  const ids = lines.filter(({ access }) => access !== undefined).map(({ reqId }) => reqId)
  t.equal(new Set(ids).size, 5)
  for (const id of ids) t.match(id, /^req-/)
})

t.test('a request through app.inject is complete', async t => {
  const { app: host, accesses } = await app(t, {
    accessLog: true,
    definitions: { proxies: { A: { endpoint: { kind: 'address', uri: await origin(t) } } } }
  })
  await host.inject({ method: 'POST', url: '/services/A', payload: 'x', headers: { 'content-type': 'text/plain' } })
  t.match((await accesses(1))[0], { status: 200, left: undefined, aborted: undefined, responseBytes: 1 })
})

t.test('a session that its client carries is new, and bound with its next message', async t => {
  const { url, accesses } = await app(t, {
    accessLog: true,
    definitions: {
      proxies: {
        A: { endpoint: { ...group(await origin(t)), session: { kind: 'cookie', keys: ['k'.repeat(32)] } } }
      }
    }
  })
  const first = await fetch(`${url}/services/A`, { method: 'POST', body: 'abc' })
  await first.arrayBuffer()
  const [cookie] = first.headers.getSetCookie()[0]!.split(';')
  await (
    await fetch(`${url}/services/A`, { method: 'POST', headers: { cookie: cookie! }, body: 'abc' })
  ).arrayBuffer()
  t.match(await accesses(2), [
    { session: 'new', sessionKind: 'cookie' },
    { session: 'bound', sessionKind: 'cookie' }
  ])
})

for (const format of ['json', 'combined'] as const) {
  t.test(`an address that a client invents does not end the line or add fields (format ${format})`, async t => {
    const { url, lines } = await app(t, {
      accessLog: { format },
      definitions: { proxies: { A: { endpoint: group(await origin(t)) } } }
    })
    const headers = { 'x-forwarded-for': 'a\x85b" 200 "' }
    await (await fetch(`${url}/services/A`, { method: 'POST', headers, body: 'abc' })).arrayBuffer()
    const isAccess = ({ msg, access }: Record<string, any>): boolean => access !== undefined || msg.includes('HTTP/')
    await until(() => lines.some(isAccess))
    const { msg, access } = lines.find(isAccess)!
    t.notMatch(JSON.stringify([msg, access]), /\x85/)
    if (format === 'combined') t.match(msg, /^a%C2%85b%22%20200%20%22 - - \[/)
    else t.equal(access.client, 'a\\u0085b" 200 "')
  })
}

t.test('a line in combined format has the proxy instead of the path', async t => {
  const { url, lines } = await app(t, {
    accessLog: { format: 'combined' },
    definitions: { proxies: { A: { endpoint: group(await origin(t)) } } }
  })
  await (await fetch(`${url}/services/A/${SECRET}?key=${SECRET}`, { method: 'POST', body: 'abc' })).arrayBuffer()
  await until(() => lines.some(({ msg }) => msg.includes('HTTP/')))
  const { msg } = lines.find(({ msg }) => msg.includes('HTTP/'))!
  t.match(msg, /^127\.0\.0\.1 - - \[\d{4}-\S+Z\] "POST \/services\/A HTTP\/1\.1" 200 3 "-" "-"$/)
})

t.test('a sample leaves out successes, never failures', async t => {
  const { url, accesses } = await app(t, {
    accessLog: { sample: 0 },
    definitions: { proxies: { A: { endpoint: group(await origin(t)) }, B: { endpoint: group(DOWN) } } }
  })
  for (const name of ['A', 'A', 'B', 'A', 'B']) {
    await (await fetch(`${url}/services/${name}`, { method: 'POST', body: 'abc' })).arrayBuffer()
  }
  t.same(
    (await accesses(2)).map(({ proxy }) => proxy),
    ['B', 'B']
  )
})

/** Sends a request to the proxy A, whose endpoint is the first one and hangs, and disconnects while it waits. */
async function sendAndLeave (gateway: FastifyInstance, url: string): Promise<void> {
  const client = connect(Number(new URL(url).port), '127.0.0.1')
  client.write('POST /services/A HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  const endpoint = [...gateway.endpointRegistry.endpoints.values()][0]!
  await until(() => endpoint.inFlight > 0)
  client.destroy()
  await until(() => endpoint.inFlight === 0)
}

t.test('a client that disconnected is distinguished from one whose request a shutdown has aborted', async t => {
  const up = await origin(t)
  const { app: gateway, url, accesses } = await app(t, {
    accessLog: true,
    definitions: { proxies: { A: { endpoint: group(`${up}/hang`) } } }
  })
  await sendAndLeave(gateway, url)
  t.match((await accesses(1))[0], { left: true, aborted: undefined, attempts: [{ endpoint: up }] })
  gateway.endpointRegistry.isStopping = true
  await sendAndLeave(gateway, url)
  t.match((await accesses(2))[1], { left: undefined, aborted: 'shutdown' })
})

t.test('in combined format the status is 499 if the client disconnected, and - if the gateway aborted it', async t => {
  const up = await origin(t)
  const truncating = createServer((_, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('x', () => response.socket?.destroy())
  })
  const { app: gateway, url, lines } = await app(t, {
    accessLog: { format: 'combined' },
    definitions: {
      proxies: {
        A: { endpoint: group(`${up}/hang`) },
        B: { endpoint: { kind: 'address', uri: await listenOnLoopback(t, truncating) } }
      }
    }
  })
  const statuses = (): string[] => lines.flatMap(({ msg }) => / HTTP\/1\.1" (\S+) \d+ "-" "-"$/.exec(msg)?.[1] ?? [])
  await sendAndLeave(gateway, url)
  await until(() => statuses().length === 1)
  await t.rejects(fetch(`${url}/services/B`, { method: 'POST', body: 'x' }).then(async each => await each.text()))
  await until(() => statuses().length === 2)
  gateway.endpointRegistry.isStopping = true
  await sendAndLeave(gateway, url)
  await until(() => statuses().length === 3)
  t.same(statuses(), ['499', '-', '-'])
})

t.test('requests that outlast the grace of a shutdown are marked as aborted by it', async t => {
  const up = await origin(t)
  const { stream, accesses } = logged()
  const gateway = await startGateway({
    accessLog: true,
    definitions: { proxies: { A: { endpoint: group(`${up}/hang`) } } },
    port: 0,
    host: '127.0.0.1',
    logStream: stream,
    shutdownTimeout: 10
  })
  const client = connect(gateway.port, '127.0.0.1').on('error', () => {})
  client.write('POST /services/A HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  const { endpointRegistry } = gateway.app
  const [dispatcher] = gateway.app.proxyServices
  const endpoint = [...endpointRegistry.endpoints.values()][0]!
  await until(() => endpoint.inFlight > 0)
  t.equal(endpointRegistry.isStopping, false)
  await gateway.close()
  t.equal(endpointRegistry.isStopping, true)
  t.match((await accesses(1))[0], { status: undefined, left: undefined, aborted: 'shutdown', fault: undefined })
  t.same([endpoint.inFlight, endpoint.cancelled, endpoint.failures], [0, 0, 0])
  t.equal(endpoint.health.state, 'active')
  t.same([...dispatcher!.trafficOf('A').requests()], [{ statusClass: 'aborted', faultCode: '', count: 1 }])
})
