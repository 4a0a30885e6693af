import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { examine } from '../../lib/cli/configuration/check.js'
import { capture } from '../support/operation/captured-log.js'
import proxyServices, {
  admin,
  type Definitions,
  type EndpointFields,
  type ProxyServicesOptions
} from '../../plugins/index.js'
import { gateway } from '../support/gateway.js'
import { listenAtSocket, socketOrigin, socketPath } from '../support/http/socket.js'
import { until } from '../support/until.js'
import { roundTrip, open } from '../support/http/web-socket-backend.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'

type Address = EndpointFields['address']

const CLIENTS = ['own', 'undici'] as const

const proxyTo = (uri: string, more: Partial<Address> = {}): Definitions => ({
  proxies: { P: { websocket: true, endpoint: { kind: 'address', name: 'E', uri, ...more } } }
})

interface SocketBackend {
  readonly path: string
  readonly origin: string
  readonly requests: { readonly head: IncomingMessage, readonly body: string }[]
}

/** A back-end at a unix socket that echoes method, path and body. */
async function backendAtSocket (t: Test, respond?: RequestListener): Promise<SocketBackend> {
  const requests: SocketBackend['requests'] = []
  const server = createServer((head, response) => {
    const chunks: Buffer[] = []
    head.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const body = Buffer.concat(chunks).toString()
      requests.push({ head, body })
      if (respond !== undefined) return respond(head, response)
      response.setHeader('X-Path', head.url!)
      response.end(`${head.method} ${body.length}`)
    })
  })
  const path = await listenAtSocket(t, server)
  return { path, origin: socketOrigin(path), requests }
}

for (const upstreamClient of CLIENTS) {
  const through = (definitions: Definitions): ProxyServicesOptions => ({ definitions, upstreamClient })

  t.test(`a unix socket gets requests, bodies and the path after its own (${upstreamClient})`, async t => {
    const backend = await backendAtSocket(t)
    const { url, app } = await gateway(t, through(proxyTo(`${backend.origin}/base?a=1`)))
    const got = await fetch(`${url}/services/P/x?b=2`)
    t.same([got.headers.get('x-path'), await got.text()], ['/base/x?a=1&b=2', 'GET 0'])
    const posted = await fetch(`${url}/services/P`, { method: 'POST', body: 'x'.repeat(1_000_000) })
    t.equal(await posted.text(), 'POST 1000000')
    t.equal(backend.requests[0]!.head.headers.host, encodeURIComponent(backend.path), 'Host as of http-proxy')
    const [dispatcher] = app.proxyServices
    t.same([...dispatcher!.origins()].map(([origin]) => origin), [backend.origin])
    t.equal(app.endpointRegistry.endpoints.get('E')!.address, `${backend.origin}/base?a=1`)
  })

  t.test(`a socket where nothing listens is suspended, and the next member serves (${upstreamClient})`, async t => {
    const backend = await backendAtSocket(t)
    const members = [socketOrigin(socketPath(t)), backend.origin].map((uri, at) => ({
      kind: 'address' as const, name: `m${at}`, uri
    }))
    const { url, app } = await gateway(t, through({ proxies: { P: { endpoint: { kind: 'failover', members } } } }))
    t.equal((await fetch(`${url}/services/P`)).status, 200)
    const { health } = app.endpointRegistry.endpoints.get('m0')!
    t.match(health, { state: 'suspended', cause: /No connection to the endpoint: there is no such socket/ })
  })

  t.test(`TLS at a unix socket verifies the name localhost, or that of servername (${upstreamClient})`, async t => {
    const server = createSecureServer({ key: KEY, cert: CERTIFICATE }, (_, response) => response.end('secure'))
    const uri = `${socketOrigin(await listenAtSocket(t, server), 'unix+https')}/`
    const statusWith = async (tls: NonNullable<Address['tls']>) => {
      const { url } = await gateway(t, through(proxyTo(uri, { tls })))
      return (await fetch(`${url}/services/P`)).status
    }
    t.equal(await statusWith({ ca: CERTIFICATE }), 200)
    t.equal(await statusWith({ ca: CERTIFICATE, servername: 'localhost' }), 200)
    t.equal(await statusWith({ ca: CERTIFICATE, servername: 'other.example' }), 502)
  })

  t.test(`a WebSocket reaches a unix socket (${upstreamClient})`, async t => {
    const server = createServer()
    const webSockets = new WebSocketServer({ server })
    webSockets.on('connection', webSocket => webSocket.on('message', data => webSocket.send(`got ${String(data)}`)))
    t.teardown(() => webSockets.clients.forEach(each => each.terminate()))
    const { url } = await gateway(t, through(proxyTo(socketOrigin(await listenAtSocket(t, server)))))
    t.equal(await roundTrip(await open(t, `${url}/services/P`), 'hello'), 'got hello')
  })
}

t.test('connections to a unix socket are kept, and a long body of unknown length streams there', async t => {
  const backend = await backendAtSocket(t)
  const { url } = await gateway(t, { definitions: proxyTo(backend.origin) })
  for (let count = 0; count < 3; count++) await (await fetch(`${url}/services/P`)).text()
  t.equal(new Set(backend.requests.map(({ head }) => head.socket)).size, 1)
  const body = Readable.toWeb(Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(10_000, 'x'))))
  const posted = await fetch(`${url}/services/P`, { method: 'POST', body, duplex: 'half' } as RequestInit)
  t.equal(await posted.text(), 'POST 500000')
})

t.test('a redirect of a back-end at a unix socket leads to the proxy, whichever form it has', async t => {
  for (const location of [
    (_: string) => '/base/y',
    (host: string) => `http://${host}/base/y`,
    (host: string) => `unix+http://${host}/base/y`
  ]) {
    const backend = await backendAtSocket(t, ({ headers }, response) => {
      response.writeHead(303, { Location: location(headers.host!) }).end()
    })
    const { url } = await gateway(t, { definitions: proxyTo(`${backend.origin}/base`) })
    const { headers } = await fetch(`${url}/services/P`, { redirect: 'manual' })
    t.equal(headers.get('location'), '/services/P/y')
  }
})

t.test('health checks, metrics, the log and request.proxy name a unix socket by its address', async t => {
  const backend = await backendAtSocket(t)
  const { app, lines } = capture(t)
  const seen: unknown[] = []
  app.addHook('onResponse', async ({ proxy }) => {
    seen.push(proxy?.endpoint)
  })
  const healthCheck = { path: '/health', interval: 100, timeout: 10_000 }
  const definitions = proxyTo(`${backend.origin}/base`, { healthCheck })
  await app.register(proxyServices, { accessLog: true, definitions })
  await app.register(admin, { prefix: '/admin' })
  await app.listen({ port: 0, host: '127.0.0.1' })
  await app.inject('/services/P')
  await until(() => app.endpointRegistry.endpoints.get('E')!.checked?.isPassing === true, 'a health check has passed')
  t.ok(backend.requests.some(({ head }) => head.url === '/health'))
  t.equal(seen[0], backend.origin)
  t.ok(lines.some(line => JSON.stringify(line).includes(`"${backend.origin}"`)), 'the access log')
  const metrics = (await app.inject('/admin/metrics')).body
  t.match(metrics, `origin="${backend.origin}"`)
})

t.test('a unix socket in XML: check accepts it, and what it cannot be is an error with its line', async t => {
  const NS = 'xmlns="http://ws.apache.org/ns/synapse"'
  const problemsOf = async (element: string) => {
    const xml = `<definitions ${NS}><endpoint name="E">\n${element}\n</endpoint></definitions>`
    const folder = t.testdir({ 'e.xml': xml })
    return (await examine(join(folder, 'e.xml'))).problems.map(({ line, message }) => `${line} ${message}`)
  }
  t.same(await problemsOf('<address uri="unix+http://%2Frun%2Fapp.sock/orders"/>'), [])
  for (const [element, problem] of [
    ['<address uri="unix+http://%2Frun%2F${name}.sock/"/>', 'a unix socket is never computed'],
    ['<http uri-template="unix+http://%2Frun%2Fapp.sock/{uri.var.id}"/>', 'a unix socket is never computed'],
    ['<address uri="unix+http://run/app.sock"/>', 'a unix socket is named by its absolute path, percent-encoded'],
    ['<address uri="unix+http:///run/app.sock"/>', 'a unix socket is named by its absolute path, percent-encoded'],
    ['<address uri="unix+http://%2Frun%00/"/>', 'a unix socket is named by its absolute path, percent-encoded'],
    [`<address uri="unix+http://%2F${'x'.repeat(107)}/"/>`, 'the path of a unix socket has at most 107 bytes'],
    ['<address uri="unix://%2Frun%2Fapp.sock/"/>', 'addresses that begin with unix: are not supported']
  ] as const) {
    const found = await problemsOf(element)
    t.ok(found.some(each => each.startsWith(`1 ${problem}`)), `${element}: ${found.join()}`)
  }
})

t.test('no message chooses a unix socket: its address is refused, and the socket gets nothing', async t => {
  const backend = await backendAtSocket(t)
  const definitions: Definitions = {
    proxies: {
      To: {
        in: [
          { kind: 'header', name: 'To', expression: { xpath: '$trp:X-To' } },
          { kind: 'send', endpoint: { kind: 'default' } }
        ]
      },
      Template: {
        in: [
          { kind: 'property', name: 'uri.var.to', expression: { xpath: '$trp:X-To' } },
          { kind: 'send', endpoint: { kind: 'http', uriTemplate: '{+uri.var.to}' } }
        ]
      }
    }
  }
  const { url } = await gateway(t, { definitions })
  for (const proxy of ['To', 'Template']) {
    const { status } = await fetch(`${url}/services/${proxy}`, { headers: { 'x-to': `${backend.origin}/x` } })
    t.ok(status >= 500, `${proxy}: ${status}`)
  }
  t.same(backend.requests, [])
})
