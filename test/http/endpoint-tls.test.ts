import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { rootCertificates, type TLSSocket } from 'node:tls'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { examine } from '../../lib/cli/configuration/check.js'
import { parseStatusRanges } from '../../lib/state/health-check.js'
import { performCheck } from '../../plugins/health-checks/perform-check.js'
import proxyServices, {
  admin, ConfigurationError, type Definitions, type EndpointFields, type EndpointState, type ProxyServicesOptions
} from '../../plugins/index.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'

type Tls = NonNullable<EndpointFields['address']['tls']>

/** A back-end with a self-signed certificate for `localhost`. It responds with the name in its client's certificate. */
async function secureBackend (t: Test, options: ServerOptions = {}, body?: string): Promise<number> {
  const server = createServer({ key: KEY, cert: CERTIFICATE, ...options }, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    response.end(body ?? `client: ${subject?.CN ?? 'unknown'}`)
  })
  server.on('tlsClientError', () => {})
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

async function appOf (t: Test, options: ProxyServicesOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, options)
  return app
}

const proxyTo = (port: number, tls?: Tls): Definitions => ({
  proxies: {
    P: {
      endpoint: {
        kind: 'address',
        uri: `https://127.0.0.1:${port}/`,
        suspendOnFailure: { initialDuration: 0 },
        ...tls && { tls }
      }
    }
  }
})

const send = async (app: FastifyInstance): Promise<[status: number, body: string]> => {
  const { statusCode, body } = await app.inject('/services/P')
  return [statusCode, statusCode === 200 ? body : '']
}

const REFUSED = [502, '']
const SERVED = [200, 'client: unknown']
const TRUSTED: Tls = { ca: CERTIFICATE, servername: 'localhost' }
const MUTUAL: ServerOptions = { requestCert: true, rejectUnauthorized: true, ca: CERTIFICATE }

for (const upstreamClient of ['own', 'undici'] as const) {
  t.test(`TLS of an endpoint (${upstreamClient})`, async t => {
    const port = await secureBackend(t)
    const sendWith = async (tls?: Tls, to = port) =>
      await send(await appOf(t, { upstreamClient, definitions: proxyTo(to, tls) }))
    t.same(await sendWith(), REFUSED, 'a certificate of an unknown authority is refused')
    t.same(await sendWith(TRUSTED), SERVED, 'one of an authority in ca is accepted')
    t.same(await sendWith({ ca: CERTIFICATE }), REFUSED, 'it must be for the host of the address')
    t.same(await sendWith({ ca: rootCertificates[0]!, servername: 'localhost' }), REFUSED, 'ca replaces all authorities')
    const mutual = await secureBackend(t, MUTUAL)
    t.same(await sendWith(TRUSTED, mutual), REFUSED, 'an endpoint may require a certificate')
    t.same(await sendWith({ ...TRUSTED, cert: CERTIFICATE, key: KEY }, mutual), [200, 'client: localhost'],
      'the gateway presents cert')
  })

  t.test(`TLS of an endpoint: a reload reads the files again (${upstreamClient})`, async t => {
    const folder = t.testdir({ 'ca.pem': rootCertificates[0]! })
    const port = await secureBackend(t)
    const app = await appOf(t, {
      upstreamClient, baseDir: folder, definitions: proxyTo(port, { ca: 'ca.pem', servername: 'localhost' })
    })
    t.same(await send(app), REFUSED)
    await writeFile(join(folder, 'ca.pem'), CERTIFICATE)
    t.same(await send(app), REFUSED, 'not before the reload')
    await app.proxyServices.reload()
    t.same(await send(app), SERVED)
    await writeFile(join(folder, 'ca.pem'), 'broken')
    await t.rejects(app.proxyServices.reload(), /tls\.ca: the file "ca\.pem" is not PEM/)
    t.same(await send(app), SERVED, 'a reload that fails changes nothing')
  })
}

t.test('TLS of an endpoint in XML: files are relative to the folder of the configuration', async t => {
  const port = await secureBackend(t, MUTUAL)
  const folder = t.testdir({
    tls: { 'ca.pem': CERTIFICATE, 'gateway.pem': CERTIFICATE, 'gateway-key.pem': KEY },
    'p.xml': `<proxy name="P" xmlns="http://ws.apache.org/ns/synapse"><target><endpoint>
      <address uri="https://127.0.0.1:${port}/">
        <tls ca="tls/ca.pem" cert="tls/gateway.pem" key="tls/gateway-key.pem" servername="localhost"/>
      </address></endpoint></target></proxy>`
  })
  t.same(await send(await appOf(t, { config: join(folder, 'p.xml') })), [200, 'client: localhost'])
  t.same((await examine(join(folder, 'p.xml'))).problems, [])
})

const MISTAKES: readonly (readonly [tls: Tls, message: string])[] = [
  [{ ca: 'none.pem' }, 'tls.ca: the file "none.pem" cannot be read: ENOENT: no such file or directory'],
  [{ ca: 'text' }, 'tls.ca: the file "text" is not PEM'],
  [{ ca: '.' }, 'tls.ca: the file "." cannot be read: it is not a file'],
  [{ cert: CERTIFICATE }, 'tls needs both cert and key, or neither'],
  [{ key: KEY }, 'tls needs both cert and key, or neither']
]

for (const [tls, message] of MISTAKES) {
  t.test(`TLS of an endpoint: ${message}`, async t => {
    const baseDir = t.testdir({ text: 'secret-content' })
    const error = await appOf(t, { baseDir, definitions: proxyTo(1, tls) }).catch((error: unknown) => error)
    t.ok(error instanceof ConfigurationError)
    t.equal((error as Error).message, `definitions.proxies.P.endpoint ${message}`)
  })
}

t.test('TLS of an endpoint: material that OpenSSL refuses is a failure of the endpoint', async t => {
  const port = await secureBackend(t)
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const app = await appOf(t, { definitions: proxyTo(port, { ca: CERTIFICATE, cert: broken, key: KEY }) })
  t.same(await send(app), REFUSED)
})

t.test('TLS of an endpoint: its WSDL is read with the same certificates', async t => {
  const port = await secureBackend(t, {}, WSDL)
  const endpoint = (tls?: Tls): EndpointFields['wsdl'] & { kind: 'wsdl' } => ({
    kind: 'wsdl', uri: `https://127.0.0.1:${port}/a?wsdl`, service: 'S', port: 'P', ...tls && { tls }
  })
  const folder = t.testdir({
    'trusting.json': JSON.stringify({ endpoints: { e: endpoint(TRUSTED) } }),
    'plain.json': JSON.stringify({ endpoints: { e: endpoint() } })
  })
  t.same((await examine(join(folder, 'trusting.json'))).problems, [])
  t.match((await examine(join(folder, 'plain.json'))).problems, [{ message: /cannot be reached/ }])
})

t.test('endpointDefaults.tls holds for endpoints without certificates of their own, and is read by each reload', async t => {
  const folder = t.testdir({ 'ca.pem': rootCertificates[0]!, 'cert.pem': CERTIFICATE, 'key.pem': KEY })
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map(name => join(folder, name)) as [string, string, string]
  const mutual = await secureBackend(t, MUTUAL)
  // Its certificate is for this name, not for the address.
  const definitions = proxyTo(mutual, { servername: 'localhost' })
  const app = await appOf(t, { definitions, endpointDefaults: { tls: { ca, cert, key } } })
  t.same(await send(app), REFUSED, 'an authority that it does not have')
  await writeFile(ca, CERTIFICATE)
  await app.proxyServices.reload()
  t.same(await send(app), [200, 'client: localhost'])
  await writeFile(ca, 'broken')
  await t.rejects(app.proxyServices.reload(), /tls\.ca: the file ".*ca\.pem" is not PEM/)
  t.same(await send(app), [200, 'client: localhost'], 'a reload that fails changes nothing')

  const plain = await secureBackend(t)
  const tls = { ca: rootCertificates[0]! }
  const own = await appOf(t, { definitions: proxyTo(plain, TRUSTED), endpointDefaults: { tls } })
  t.same(await send(own), SERVED, 'an authority of its own counts instead')
  const half = appOf(t, { definitions: proxyTo(plain), endpointDefaults: { tls: { cert } } })
  await t.rejects(half, /tls needs both cert and key, or neither/)
})

t.test('TLS of an endpoint: health checks use it', async t => {
  const port = await secureBackend(t)
  const app = await appOf(t, { definitions: proxyTo(port, TRUSTED) })
  const [{ checks }] = [...app.endpointRegistry.endpoints.values()] as [EndpointState]
  const url = new URL(`https://127.0.0.1:${port}/`)
  const policy = { path: '/', expect: parseStatusRanges('200')!, interval: 1000, timeout: 10_000, rise: 1, fall: 1 }
  t.match(await performCheck({ url, policy, ...checks }), { kind: 'passed' })
  t.match(await performCheck({ url, policy, verify: true }), { kind: 'failed' })
})

t.test('TLS of an endpoint: no view and no log has the key', async t => {
  const lines: string[] = []
  const app: FastifyInstance = Fastify({ logger: { level: 'trace', stream: { write: line => { lines.push(line) } } } })
  t.teardown(() => app.close())
  const port = await secureBackend(t, MUTUAL)
  await app.register(proxyServices, {
    accessLog: true, definitions: proxyTo(port, { ca: rootCertificates[0]!, cert: CERTIFICATE, key: KEY })
  })
  await app.register(admin)
  t.same(await send(app), REFUSED)
  const views = await Promise.all(['/endpoints', '/proxies', '/metrics'].map(async url => (await app.inject(url)).body))
  t.ok(lines.length > 0)
  t.notMatch([...lines, ...views].join(''), /PRIVATE KEY|MIGHAgEA/)
})

const WSDL = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  targetNamespace="urn:t" xmlns:t="urn:t">
  <binding name="B" type="t:T"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/></binding>
  <service name="S"><port name="P" binding="t:B"><soap:address location="https://127.0.0.1/a"/></port></service>
</definitions>`
