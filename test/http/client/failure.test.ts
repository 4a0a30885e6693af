import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import t, { type Test } from 'tap'
import { connectFailure, endFailure } from '../../../plugins/http/client/client-error.js'
import type { OriginPoolOptions } from '../../../plugins/http/client/client-options.js'
import { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import { nameServer } from '../../support/http/dns-server.js'
import { DnsNameResolver } from '../../../plugins/http/client/names/name-resolver.js'
import { fullListener } from './full-listener.js'
import { until } from '../../support/until.js'
import { respond, response, scriptedServer, turns, type Script } from './scripted-server.js'
import { send, Sending } from './sending.js'
import { freePort } from '../../support/free-port.js'

const poolOf = (t: Test, origin: string, options: OriginPoolOptions = {}): ConnectionPool => {
  const pool = new ConnectionPool(origin, options)
  t.teardown(() => pool.destroy())
  return pool
}

const reset: Script = ({ tcp }) => { tcp.resetAndDestroy() }
const end: Script = ({ socket }) => { socket.end() }

t.test('a refused connection is a failure before anything was written', async t => {
  const port = await freePort()
  const pool = poolOf(t, `http://127.0.0.1:${port}`)
  const { error } = await send(pool)
  const evidence = { phase: 'connecting', reused: false, bytesWritten: 0, firstByteSeen: false, address: '127.0.0.1' }
  t.match(error, { kind: 'refused', code: 'ECONNREFUSED', ...evidence })
  t.match(pool.counters, { open: 0, idle: 0, inFlight: 0, queued: 0 })
})

t.test('a name that does not exist, and a name server that fails, are two failures', async t => {
  const server = await nameServer(t, { 'there.test': ['127.0.0.1'] })
  const resolver = new DnsNameResolver({ servers: [server.address], timeout: 10_000 })
  const unknown = await send(poolOf(t, 'http://nowhere.test', { resolver }))
  t.match(unknown.error, { kind: 'unknownHost', code: 'ENOTFOUND', phase: 'resolving', bytesWritten: 0 })
  server.working = false
  const failed = await send(poolOf(t, 'http://there.test', { resolver }))
  t.match(failed.error, { kind: 'nameServerFailed', phase: 'resolving', bytesWritten: 0 })
})

t.test('a connection that is not accepted in time is a failure', async t => {
  const port = await fullListener(t)
  const pool = poolOf(t, `http://127.0.0.1:${port}`, { connectTimeout: 60 })
  const { error } = await send(pool)
  const evidence = { phase: 'connecting', bytesWritten: 0, address: '127.0.0.1' }
  t.match(error, { kind: 'connectTimeout', code: 'CONNECT_TIMEOUT', ...evidence })
  t.equal(pool.counters.open, 0)
})

t.test('TLS fails: not trusted, and no TLS at all', async t => {
  const secure = await scriptedServer(t, respond(''), { secure: true })
  const untrusted = await send(poolOf(t, secure.origin))
  t.match(untrusted.error, { kind: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', phase: 'tls', bytesWritten: 0 })
  const plain = createTcpServer(socket => { socket.on('error', () => {}).end('SSH-2.0-OpenSSH\r\n') })
  await once(plain.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => plain.close())
  const address = plain.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const noTls = await send(poolOf(t, `https://127.0.0.1:${port}`))
  t.match(noTls.error, { kind: 'tls', phase: 'tls', bytesWritten: 0 })
})

t.test('a TLS handshake that stalls ends after its own time', async t => {
  const silent = createTcpServer(socket => { socket.on('error', () => {}) })
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => silent.close())
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const pool = poolOf(t, `https://127.0.0.1:${port}`, { tlsTimeout: 50 })
  const { error } = await send(pool)
  t.match(error, { kind: 'tlsTimeout', phase: 'tls', bytesWritten: 0, address: '127.0.0.1' })
  t.equal(pool.counters.open, 0)
})

t.test('a certificate that cannot be read is a failure of TLS, not of the process', async t => {
  const pool = poolOf(t, 'https://127.0.0.1:9', { tls: { cert: 'no certificate', key: 'no key' } })
  t.match((await send(pool)).error, { kind: 'tls', phase: 'connecting', bytesWritten: 0 })
  t.equal(pool.counters.open, 0)
})

t.test('a connection that is closed or reset before the head is a failure', async t => {
  for (const [script, kind, code] of [[end, 'closed', 'EOF'], [reset, 'reset', 'ECONNRESET']] as const) {
    const server = await scriptedServer(t, script)
    const pool = poolOf(t, server.origin)
    const { error } = await send(pool, { method: 'POST', body: Buffer.from('hello') })
    t.match(error, { kind, code, phase: 'waiting', reused: false, firstByteSeen: false, address: '127.0.0.1' })
    t.ok(error!.bytesWritten > 40, 'the request was written')
    t.match(pool.counters, { open: 0, inFlight: 0 })
  }
})

t.test('a reused connection that is closed or reset before the first byte is stale', async t => {
  for (const [script, code] of [[end, 'EOF'], [reset, 'ECONNRESET']] as const) {
    const server = await scriptedServer(t, (connection, received) => {
      if (received.onConnection === 0) respond('first')(connection, received)
      else script(connection, received)
    })
    const pool = poolOf(t, server.origin)
    t.equal((await send(pool)).body, 'first')
    const { error } = await send(pool)
    t.match(error, { kind: 'stale', code, phase: 'waiting', reused: true, firstByteSeen: false })
    const second = await send(pool, { fresh: true })
    t.equal(second.body, 'first', 'a fresh connection serves the second try')
  }
})

t.test('a reused connection that ends after the first byte is not stale', async t => {
  const server = await scriptedServer(t, (connection, received) => {
    if (received.onConnection === 0) respond('')(connection, received)
    else connection.socket.end('HTTP/1.1 2')
  })
  const pool = poolOf(t, server.origin)
  await send(pool)
  t.match((await send(pool)).error, { kind: 'closed', phase: 'head', reused: true, firstByteSeen: true })
})

t.test('a response that is not HTTP, and a head that is too large, are failures', async t => {
  const server = await scriptedServer(t, ({ socket }) => { socket.write('SSH-2.0-OpenSSH\r\n') })
  t.match((await send(poolOf(t, server.origin))).error,
    { kind: 'protocolError', code: 'NOT_HTTP', phase: 'head', firstByteSeen: true })
  const large = await scriptedServer(t, respond('', `A: ${'x'.repeat(1000)}\r\n`))
  t.match((await send(poolOf(t, large.origin, { headLimit: 500 }))).error,
    { kind: 'headTooLarge', code: 'HEAD_TOO_LARGE', phase: 'head' })
  t.match(await send(poolOf(t, large.origin)), { head: { status: 200 }, error: undefined })
})

t.test('a late response is a timeout', async t => {
  const server = await scriptedServer(t)
  const pool = poolOf(t, server.origin)
  const { error } = await send(pool, { headTimeout: 40 })
  t.match(error, { kind: 'responseTimeout', phase: 'waiting', firstByteSeen: false })
  t.match(pool.counters, { open: 0, inFlight: 0 })
  const dripping = await scriptedServer(t, ({ socket }) => { socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP') })
  const partial = await send(poolOf(t, dripping.origin), { headTimeout: 1_000 })
  t.match(partial.error, { kind: 'responseTimeout', phase: 'head', firstByteSeen: true })
  t.same(partial.interim, [100])
})

t.test('a truncated body, and one that stalls, are failures', async t => {
  const start = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'
  const cut = await scriptedServer(t, ({ socket }) => { socket.end(start) })
  t.match(await send(poolOf(t, cut.origin)),
    { body: 'hello', error: { kind: 'truncated', code: 'EOF', phase: 'body' } })
  const silent = await scriptedServer(t, ({ socket }) => { socket.write(start) })
  const pool = poolOf(t, silent.origin)
  t.match(await send(pool, { bodyTimeout: 40 }), { body: 'hello', error: { kind: 'bodyTimeout', phase: 'body' } })
  t.match(pool.counters, { open: 0, inFlight: 0 })
})

t.test('the response timeout does not run while the caller reads nothing', async t => {
  const server = await scriptedServer(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
  })
  const sending = new Sending(poolOf(t, server.origin), { bodyTimeout: 40 })
  sending.onPart = () => sending.exchange.pause()
  await sending.headIsHere
  const late = new Promise<string>(resolve => setTimeout(() => resolve('still there'), 120))
  t.equal(await Promise.race([late, sending.result]), 'still there')
  sending.exchange.resume()
  t.match((await sending.result).error, { kind: 'bodyTimeout' })
})

t.test('requests beyond the limit wait in a bounded queue for a bounded time', async t => {
  const server = await scriptedServer(t)
  const pool = poolOf(t, server.origin, { maxInFlight: 1, maxQueued: 1, queueTimeout: 1_000 })
  const first = new Sending(pool)
  const second = new Sending(pool)
  const third = await send(pool)
  t.match(third.error, { kind: 'queueFull', phase: 'queued', bytesWritten: 0 })
  t.match(pool.counters, { inFlight: 1, queued: 1 })
  t.match((await second.result).error, { kind: 'queueTimeout', phase: 'queued', bytesWritten: 0 })
  first.exchange.abort()
})

t.test('a request that waits for its turn is sent on the connection of the one before', async t => {
  const server = await scriptedServer(t)
  const pool = poolOf(t, server.origin, { maxInFlight: 1, maxQueued: 1 })
  const first = new Sending(pool)
  const waiting = new Sending(pool, { path: '/second' })
  const { socket } = await server.next()
  socket.write(response('first'))
  t.equal((await first.result).body, 'first')
  const next = await server.next()
  t.match(next.text, /^GET \/second /)
  t.equal(next.onConnection, 1, 'on the same connection')
  next.socket.write(response('second'))
  t.equal((await waiting.result).body, 'second')
  t.match(pool.counters, { inFlight: 0, queued: 0, connects: 1, reuses: 1 })
})

t.test('requests that HTTP does not allow are refused before a connection is made', async t => {
  const server = await scriptedServer(t, respond(''))
  const pool = poolOf(t, server.origin)
  for (const [code, request] of [
    ['METHOD', { method: 'GE T' }], ['METHOD', { method: '' }], ['METHOD', { method: 'GET\r\n' }],
    ['METHOD', { method: 'CONNECT' }], ['METHOD', { method: 'GÉT' }],
    ['TARGET', { path: '' }], ['TARGET', { path: 'x' }], ['TARGET', { path: '/a b' }], ['TARGET', { path: '/a\r\nb' }],
    ['TARGET', { path: '/a\0' }],
    ['TARGET', { path: '/\u0100' }], ['TARGET', { path: '/\x7F' }], ['TARGET', { path: '*' }],
    ['HEADER_NAME', { headers: ['', 'x'] }], ['HEADER_NAME', { headers: ['A b', 'x'] }],
    ['HEADER_NAME', { headers: ['A:', 'x'] }],
    ['HEADER_NAME', { headers: ['A\r\nB', 'x'] }], ['HEADER_NAME', { headers: ['\u0141', 'x'] }],
    ['HEADER_NAME', { headers: ['\xC9', 'x'] }],
    ['HEADER_VALUE', { headers: ['A', 'b\r\nC: d'] }], ['HEADER_VALUE', { headers: ['A', 'b\nC: d'] }],
    ['HEADER_VALUE', { headers: ['A', 'b\0'] }],
    ['HEADER_VALUE', { headers: ['A', '\u010D\u010A'] }], ['HEADER_VALUE', { headers: ['A', '\x7F'] }],
    ['HEADERS', { headers: ['A'] }], ['HOST', { headers: ['Host', 'a', 'host', 'b'] }],
    ['EXPECT', { headers: ['Expect', '100-continue'] }],
    ['CONNECTION', { headers: ['Connection', 'upgrade'] }],
    ['TRANSFER_ENCODING', { headers: ['Transfer-Encoding', 'chunked'] }],
    ['CONTENT_LENGTH', { headers: ['Content-Length', '6'], body: Buffer.from('hello') }],
    ['CONTENT_LENGTH', { headers: ['Content-Length', '1'] }],
    ['CONTENT_LENGTH', { headers: ['Content-Length', '5', 'content-length', '5'], body: Buffer.from('hello') }],
    ['CONTENT_LENGTH', { headers: ['Content-Length', '+5'], body: Buffer.from('hello') }]
  ] as const) {
    const { error } = await send(pool, request)
    t.match(error, { kind: 'invalidRequest', code, phase: 'queued', bytesWritten: 0 }, JSON.stringify(request))
  }
  t.match(pool.counters, { connects: 0, inFlight: 0, queued: 0 })
  t.equal(server.connections.length, 0)
})

t.test('a pool that is closed finishes its requests, one that is destroyed aborts them', async t => {
  const server = await scriptedServer(t)
  const pool = poolOf(t, server.origin)
  const sending = new Sending(pool)
  const { socket } = await server.next()
  const closed = pool.close()
  t.match((await send(pool)).error, { kind: 'poolClosed', code: 'CLOSED' })
  socket.write(response('whole'))
  t.equal((await sending.result).body, 'whole', 'what was in flight is not cut')
  await closed
  t.match(pool.counters, { open: 0, idle: 0 })
  const other = poolOf(t, server.origin)
  const cut = new Sending(other)
  await server.next()
  other.destroy()
  t.match((await cut.result).error, { kind: 'poolClosed', code: 'DESTROYED', phase: 'waiting' })
  t.match(other.counters, { open: 0, inFlight: 0 })
})

t.test('an abort ends a request in every phase, and releases everything', async t => {
  const silent = await scriptedServer(t)
  const headOnly = await scriptedServer(t, ({ socket }) => { socket.write('HTTP/1.1 200 OK\r\nContent-Le') })
  const bodyOnly = await scriptedServer(t,
    ({ socket }) => { socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe') })
  const stalled = createTcpServer(socket => { socket.on('error', () => {}) })
  await once(stalled.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => stalled.close())
  const address = stalled.address()
  const stalledPort = typeof address === 'object' && address !== null ? address.port : 0
  const resolver = { resolve: () => () => {} }
  const reason = new Error('The client left')
  for (const [phase, origin, options] of [
    ['queued', silent.origin, {}],
    ['resolving', 'http://name.test', { resolver }],
    ['connecting', silent.origin, {}],
    ['tls', `https://127.0.0.1:${stalledPort}`, {}],
    ['sending', silent.origin, {}],
    ['waiting', silent.origin, {}],
    ['head', headOnly.origin, {}],
    ['body', bodyOnly.origin, {}]
  ] as const) {
    const pool = poolOf(t, origin, options)
    const body = phase === 'sending' ? Buffer.alloc(20_000_000) : undefined
    const sending = new Sending(pool, { method: 'POST', body })
    await until(() => sending.exchange.phase === phase)
    sending.exchange.abort(reason)
    const { error } = await sending.result
    t.match(error, { kind: 'aborted', phase, message: 'The client left' }, phase)
    t.equal(error!.cause, reason)
    t.match(pool.counters, { open: 0, idle: 0, inFlight: 0, queued: 0, oldestStart: undefined },
      `${phase}: nothing is left`)
    sending.exchange.abort()
    await turns(3)
    await pool.close()
  }
})

t.test('an abort inside of any callback ends the exchange once', async t => {
  const server = await scriptedServer(t, ({ socket }) => {
    socket.write(`HTTP/1.1 100 x\r\n\r\n${response('hello')}`)
  })
  for (const callback of ['onSend', 'onInterim', 'onHead', 'onBody'] as const) {
    const pool = poolOf(t, server.origin)
    const calls: string[] = []
    await new Promise<void>(resolve => {
      const call = (name: string) => (): void => {
        calls.push(name)
        if (name === callback) exchange.abort()
      }
      const exchange = pool.request({ method: 'GET', path: '/', headers: [], body: undefined }, {
        onSend: call('onSend'),
        onInterim: call('onInterim'),
        onHead: call('onHead'),
        onBody: call('onBody'),
        onEnd: call('onEnd'),
        onError: () => { calls.push('onError'); resolve() }
      })
    })
    t.same(calls.slice(-2), [callback, 'onError'])
    t.match(pool.counters, { open: 0, inFlight: 0 }, callback)
  }
})

t.test('shortages of this machine count against no endpoint', async t => {
  const errorOf = (code: string): Error => Object.assign(new Error(code), { code })
  for (const code of ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']) {
    t.match(connectFailure(errorOf(code)), { kind: 'exhausted', code })
  }
  const phase = 'waiting'
  const evidence = { phase, reused: false, bytesWritten: 1, firstByteSeen: false, address: undefined } as const
  t.match(endFailure(errorOf('ENOBUFS'), evidence), { kind: 'exhausted' })
  t.match(endFailure(errorOf('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), evidence), { kind: 'tls' })
  t.match(endFailure(errorOf('EPIPE'), { ...evidence, reused: true }), { kind: 'stale' })
})
