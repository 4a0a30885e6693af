import { once } from 'node:events'
import { createServer, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import type { TlsOptions } from '../../../plugins/http/client/client-options.js'
import { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import type { NameResolver } from '../../../plugins/http/client/names/name-resolver.js'
import { CERTIFICATE, KEY } from '../../support/http/certificate.js'
import { response, scriptedServer, turns } from './scripted-server.js'
import { send, Sending } from './sending.js'

const LOOPBACK: NameResolver = {
  resolve (_, callback) {
    callback(undefined, [{ address: '127.0.0.1', family: 4 }])
    return () => {}
  }
}

const poolOf = (t: Test, origin: string, tls: TlsOptions): ConnectionPool => {
  const pool = new ConnectionPool(origin, { tls, resolver: LOOPBACK })
  t.teardown(() => pool.destroy())
  return pool
}

interface Seen {
  readonly names: (string | false | null)[]
  readonly resumed: boolean[]
  readonly authorized: boolean[]
}

async function secureServer (t: Test, options: object = {}): Promise<Seen & { port: number }> {
  const seen: Seen = { names: [], resumed: [], authorized: [] }
  const server = createServer({ key: KEY, cert: CERTIFICATE, ...options }, (socket: TLSSocket) => {
    // Node has the name that was sent (SNI) on sockets of servers.
    seen.names.push('servername' in socket ? socket.servername as string | false | null : null)
    seen.resumed.push(socket.isSessionReused())
    seen.authorized.push(socket.authorized)
    socket.on('error', () => {}).on('data', () => { socket.write(response('x')) })
  })
  server.on('tlsClientError', () => {})
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const sockets = new Set<TLSSocket>()
  server.on('secureConnection', socket => sockets.add(socket))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { ...seen, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

t.test('a certificate is verified, for the host of the origin or for another name', async t => {
  const server = await secureServer(t)
  const trusted = await send(poolOf(t, `https://localhost:${server.port}`, { ca: CERTIFICATE }))
  t.match(trusted, { body: 'x', error: undefined })
  const wrong = await send(poolOf(t, `https://other.test:${server.port}`, { ca: CERTIFICATE }))
  t.match(wrong.error, { kind: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID', phase: 'tls' })
  const named = await send(poolOf(t, `https://other.test:${server.port}`, { ca: CERTIFICATE, servername: 'localhost' }))
  t.match(named, { body: 'x', error: undefined })
  const untrusted = await send(poolOf(t, `https://localhost:${server.port}`, {}))
  t.match(untrusted.error, { kind: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const unverified = await send(poolOf(t, `https://localhost:${server.port}`, { verify: false }))
  t.match(unverified, { body: 'x', error: undefined })
  const address = await send(poolOf(t, `https://127.0.0.1:${server.port}`, { verify: false }))
  t.match(address, { body: 'x', error: undefined })
})

t.test('the name of the host is sent (SNI), without its last dot; an address is not', async t => {
  const server = await secureServer(t)
  for (const host of ['localhost', 'backend.test.', '127.0.0.1']) {
    await send(poolOf(t,
    `https://${host}:${server.port}`, { verify: false }))
  }
  t.same(server.names.map(name => name || ''), ['localhost', 'backend.test', ''])
})

for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
  t.test(`the next connection resumes the session of the last, with ${maxVersion}`, async t => {
    const server = await secureServer(t, { maxVersion })
    const pool = poolOf(t, `https://localhost:${server.port}`, { ca: CERTIFICATE })
    await send(pool)
    await turns(5)
    const second = new Sending(pool, { fresh: true })
    await second.result
    t.same(server.resumed, [false, true])
    t.ok(second.exchange.tlsTime > 0)
  })
}

t.test('the client presents its certificate', async t => {
  const server = await secureServer(t, { requestCert: true, rejectUnauthorized: true, ca: CERTIFICATE })
  const known = await send(poolOf(t, `https://localhost:${server.port}`,
    { ca: CERTIFICATE, cert: CERTIFICATE, key: KEY }))
  t.match(known, { body: 'x', error: undefined })
  t.same(server.authorized, [true])
  const unknown = await send(poolOf(t, `https://localhost:${server.port}`, { ca: CERTIFICATE }))
  t.ok(['tls', 'reset'].includes(unknown.error!.kind), `refused: ${unknown.error!.kind} ${unknown.error!.code}`)
})

t.test('a body that only the end delimits is complete after close_notify, and broken without', async t => {
  for (const notify of [true, false]) {
    for (const size of [5, 300_000]) {
      const server = await scriptedServer(t, ({ socket, tcp }) => {
        socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(size)}`, () => {
          if (notify) socket.end()
          else tcp.end()
        })
      }, { secure: true })
      const { body, error } = await send(poolOf(t, server.origin, { verify: false }))
      t.equal(body.length, size)
      if (notify) t.equal(error, undefined, 'whole')
      else t.match(error, { kind: 'truncated', code: 'EOF', phase: 'body' })
    }
  }
})
