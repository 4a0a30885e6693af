/** TLS in an app with the plugin: `ServerTls`. */
import { writeFileSync } from 'node:fs'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import proxyServices, { ServerTls, type Definitions } from '../../plugins/index.js'
import { Authority, noOpenssl } from '../support/http/authority.js'
import { backend } from '../support/backend.js'
import { sendOverTls } from '../support/http/tls-client.js'

const definitions = (uri: string): Definitions => ({
  proxies: {
    A: {
      in: [
        { kind: 'header', name: 'X-Client', scope: 'transport', action: 'remove' },
        { kind: 'header', name: 'X-Client', scope: 'transport', expression: { xpath: '$axis2:CLIENT_CERT_SUBJECT' } }
      ],
      endpoint: { kind: 'address', uri }
    }
  }
})

t.test('an app presents its certificates, reads those of clients, and reloads both', { skip: noOpenssl }, async t => {
  const [ca, clients, others] = [new Authority(t), new Authority(t, 'Clients'), new Authority(t, 'Others')]
  const [own, alice, bob] = [ca.issue('/CN=own'), clients.issue('/CN=alice'), others.issue('/CN=bob')]
  const clientCa = join(t.testdir({ 'ca.pem': clients.pem }), 'ca.pem')
  const tls = new ServerTls({ certificates: [own], clientCa, minVersion: 'TLSv1.3' })
  const app = Fastify({ https: tls.serverOptions })
  t.teardown(async () => {
    await app.close()
  })
  const up = await backend(t, 'up')
  await app.register(proxyServices, { definitions: definitions(up.uri), forwarded: { clientCertificate: true } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const send = async (from: typeof alice) => await sendOverTls(port, '/services/A', { ca: ca.pem, ...from.pem })

  t.match(await send(alice), { status: 200, protocol: 'TLSv1.3', server: 'CN=own' })
  t.match(up.requests[0]?.headers, { 'x-client': 'CN=alice', 'client-cert': /^:MII.*:$/ })
  t.equal((await send(bob)).status, 0)
  t.same([...app.proxyServices.handshakeFailures.counts.values()], [1])
  writeFileSync(clientCa, 'broken')
  t.throws(() => tls.reload(app.server), {
    code: 'PROXY_SERVICES_INVALID_TLS',
    message: /ca\.pem contains no certificate/
  })
  t.equal((await send(alice)).status, 200, 'a broken file changes nothing')
  writeFileSync(clientCa, others.pem)
  tls.reload(app.server)
  t.match([(await send(alice)).status, (await send(bob)).status], [0, 200])
})

t.test('an app with mutual TLS knows its client over HTTP/2, too', { skip: noOpenssl }, async t => {
  const [ca, clients] = [new Authority(t), new Authority(t, 'Clients')]
  const tls = new ServerTls({ certificates: [ca.issue('/CN=own')], clientCa: clients.file })
  const app = Fastify({ http2: true, https: { ...tls.serverOptions, allowHTTP1: true } })
  t.teardown(async () => {
    await app.close()
  })
  const up = await backend(t, 'up')
  await app.register(proxyServices, { definitions: definitions(up.uri) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const session = connect(`https://localhost:${port}`, { ca: ca.pem, ...clients.issue('/CN=alice').pem })
  t.teardown(() => session.destroy())
  const stream = session.request({ ':method': 'POST', ':path': '/services/A', 'content-type': 'text/plain' })
  stream.end('x').resume()
  await new Promise((resolve, reject) => stream.on('close', resolve).on('error', reject))
  t.equal(up.requests[0]?.headers['x-client'], 'CN=alice')
})

t.test('options that do not belong together are refused', { skip: noOpenssl }, async t => {
  const ca = new Authority(t)
  const certificates = [ca.issue('/CN=own')]
  const rows: [options: ConstructorParameters<typeof ServerTls>[0], message: RegExp][] = [
    [{ certificates: [] }, /at least one certificate/],
    [{ certificates, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' }, /TLSv1\.3, is above the greatest, TLSv1\.2/],
    [{ certificates, clientAuth: 'required' }, /client certificates that are required need the authorities/],
    [{ certificates, clientCrl: ca.file }, /lists of revoked client certificates need the authorities/],
    [{ certificates, clientCa: ca.file, clientCrl: ca.file }, /ca\.pem contains no list of revoked certificates/],
    [{ certificates: [{ cert: ca.file, key: t.testdirName }] }, /cannot be read/]
  ]
  for (const [options, message] of rows) {
    t.throws(() => new ServerTls(options), { code: 'PROXY_SERVICES_INVALID_TLS', message })
  }
})
