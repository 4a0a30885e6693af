import { once } from 'node:events'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { rootCertificates } from 'node:tls'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { type EndpointFields, type ProxyServicesOptions } from '../../plugins/index.js'
import { tlsFailureText } from '../../plugins/http/upstream/tls-failure.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'

type Tls = NonNullable<EndpointFields['address']['tls']>

/** What the log and the status of the endpoint say after one message to a back-end that requires a certificate. */
async function refusal (
  t: Test,
  upstreamClient: NonNullable<ProxyServicesOptions['upstreamClient']>,
  server: ServerOptions,
  tls: Tls
): Promise<{ cause: unknown; log: string }> {
  const backend = createServer(
    { key: KEY, cert: CERTIFICATE, ca: rootCertificates[0]!, requestCert: true, ...server },
    (_, response) => response.end()
  )
  backend.on('tlsClientError', () => {})
  await once(backend.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    backend.close()
    backend.closeAllConnections()
  })
  const lines: string[] = []
  const app = Fastify({
    logger: {
      stream: {
        write: line => {
          lines.push(line)
        }
      }
    }
  })
  t.teardown(() => app.close())
  const uri = `https://localhost:${(backend.address() as AddressInfo).port}/`
  await app.register(proxyServices, {
    upstreamClient,
    definitions: { proxies: { P: { endpoint: { kind: 'address', name: 'A', uri, tls } } } }
  })
  t.equal((await app.inject('/services/P')).statusCode, 502)
  const { health } = app.endpointRegistry.endpoints.get('A')!
  return { cause: 'cause' in health && health.cause, log: lines.find(line => line.includes('suspended')) ?? '' }
}

const trusted = { ca: CERTIFICATE }
const certified = { ...trusted, cert: CERTIFICATE, key: KEY }

t.test('an endpoint that requires a certificate: status and log report it', async t => {
  const required = /TLS failed: the endpoint requires a certificate of the gateway \(mTLS\), and <tls> has none$/
  for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
    const { cause, log } = await refusal(t, 'own', { maxVersion }, trusted)
    t.match(
      cause,
      maxVersion === 'TLSv1.3' ? required : /requires a certificate of the gateway \(mTLS\)$/,
      maxVersion
    )
    t.match(log, /requires a certificate of the gateway \(mTLS\)/)
  }
  t.match((await refusal(t, 'undici', { maxVersion: 'TLSv1.2' }, trusted)).cause, /certificate of the gateway/)
})

t.test(
  'an endpoint that ends the connection after the certificate of the gateway: it may have refused that',
  async t => {
    const { cause, log } = await refusal(t, 'own', {}, certified)
    t.match(
      cause,
      /^The endpoint (closed|reset) the connection before it responded: it may have refused the certificate of the gateway/
    )
    t.match(log, /it may have refused the certificate of the gateway \(mTLS\)/)
    t.match(
      (await refusal(t, 'own', { maxVersion: 'TLSv1.2' }, certified)).cause,
      /ended the connection in the TLS handshake$/
    )
  }
)

t.test('each alert and each code of OpenSSL has words for an operator', async t => {
  const openSsl = (text: string, alert: number): Error =>
    Object.assign(
      new Error(
        `80BC:error:0A000415:SSL routines:ssl3_read_bytes:${text}:../ssl/rec.c:1601:SSL alert number ${alert}\n`
      ),
      { code: 'ERR_SSL_X' }
    )
  t.match(tlsFailureText(openSsl('sslv3 alert certificate expired', 45)), /\(mTLS\): it has expired$/)
  t.match(tlsFailureText(openSsl('tlsv1 alert unknown ca', 48)), /\(mTLS\): its authority is unknown there$/)
  t.match(tlsFailureText(openSsl('tlsv1 unrecognized name', 112)), /\(servername\)$/)
  t.equal(tlsFailureText(openSsl('tlsv1 alert user cancelled', 90)), 'tlsv1 alert user cancelled')
  t.equal(
    tlsFailureText(Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' })),
    'the certificate of the endpoint has expired'
  )
  t.equal(tlsFailureText(new Error('something new\nin two lines')), 'something new')
})
