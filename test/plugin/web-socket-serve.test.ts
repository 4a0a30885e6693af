import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { startGateway, type Gateway } from '../../lib/cli/serve/gateway.js'
import proxyServices, { ServerTls, type Definitions } from '../../plugins/index.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import { roundTrip, open, webSocketBackend } from '../support/http/web-socket-backend.js'
import { capture } from '../support/operation/captured-log.js'

const definitionsOf = (uri: string): Definitions => ({
  proxies: { P: { websocket: true, endpoint: { kind: 'address', uri } } }
})

async function serve (t: Test, uri: string, shutdownTimeout = 25_000): Promise<Gateway> {
  const folder = t.testdir({ 'cert.pem': CERTIFICATE, 'key.pem': KEY })
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const running = await startGateway({
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
    https: { port: 0, tls: new ServerTls({ certificates: [files] }) },
    definitions: definitionsOf(uri),
    shutdownTimeout
  })
  t.teardown(() => running.close())
  return running
}

t.test('serve passes WebSockets on its http and on its https port, and closes them with 1001', async t => {
  const backend = await webSocketBackend(t, 'a')
  const gateway = await serve(t, backend.uri)
  const plain = await open(t, `http://127.0.0.1:${gateway.port}/services/P`)
  t.equal(await roundTrip(plain, 'x'), 'a: x')
  const secure = new WebSocket(`wss://127.0.0.1:${gateway.securePort}/services/P`, { rejectUnauthorized: false })
  t.teardown(() => secure.terminate())
  await once(secure, 'open')
  t.equal(await roundTrip(secure, 'y'), 'a: y')
  const closed = Promise.all([plain, secure].map(async each => (await once(each, 'close'))[0] as number))
  await gateway.close()
  t.strictSame(await closed, [1001, 1001])
})

t.test('a WebSocket whose client does not respond ends with the time that a shutdown has', async t => {
  const backend = await webSocketBackend(t, 'a')
  const gateway = await serve(t, backend.uri, 300)
  const socket = connect(gateway.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(
    'GET /services/P HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
  )
  await once(socket, 'data')
  const ended = once(socket, 'close')
  const begun = performance.now()
  await gateway.close()
  await ended
  const took = performance.now() - begun
  t.ok(took < 4_000, `${took} ms: shorter than the 5 s after a Close frame`)
})

t.test('the access log has one line for each WebSocket, at its end', async t => {
  const backend = await webSocketBackend(t, 'a')
  const { app, lines } = capture(t)
  await app.register(proxyServices, { definitions: definitionsOf(backend.uri), accessLog: true })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const client = await open(t, `${url}/services/P`)
  await roundTrip(client, 'hello')
  t.notOk(
    lines.some(({ access }) => access !== undefined),
    'it is open'
  )
  const closed = once(client, 'close')
  client.close()
  await closed
  await app.close()
  const [line, ...others] = lines.flatMap(({ access }) => access ?? []) as Record<string, unknown>[]
  t.equal(others.length, 0)
  t.match(line, { proxy: 'P', status: 101, endpoint: `http://127.0.0.1:${backend.port}` })
  t.equal(line!['left'], undefined)
  t.ok(Number(line!['requestBytes']) >= 11 && Number(line!['responseBytes']) >= 10)
})
