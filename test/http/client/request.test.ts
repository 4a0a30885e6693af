import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import t, { type Test } from 'tap'
import { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import type { RequestBodySink, RequestBodySource, StreamedRequestBody } from '../../../plugins/http/client/request.js'
import { until } from '../../support/until.js'
import { respond, response, scriptedServer, turn } from './scripted-server.js'
import { send, Sending } from './sending.js'

const poolOf = (t: Test, origin: string): ConnectionPool => {
  const pool = new ConnectionPool(origin)
  t.teardown(() => pool.destroy())
  return pool
}

/** A source whose bytes the test gives. */
class Given implements RequestBodySource {
  sink: RequestBodySink | undefined
  flows = 0
  discarded = false
  attach (sink: RequestBodySink): void { this.sink = sink }
  flow (): void { this.flows++ }
  discard (): void { this.discarded = true }
}

const streamed = (source: RequestBodySource, size?: number, start = Buffer.alloc(0)): StreamedRequestBody =>
  ({ start, source, size })

t.test('the head of a request is written as RFC 9112 requires', async t => {
  const server = await scriptedServer(t, respond(''))
  const pool = poolOf(t, server.origin)
  const host = `127.0.0.1:${server.port}`
  for (const [request, text] of [
    [{ path: '/a?b=\xE9' }, `GET /a?b=\xE9 HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`],
    [{ headers: ['X-b', '1', 'x-B', '\xE9 2', 'X-b', ''] },
    `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\nX-b: 1\r\nx-B: \xE9 2\r\nX-b: \r\n\r\n`],
    [{ headers: ['hOST', 'other', 'Connection', 'keep-alive'] },
      'GET / HTTP/1.1\r\nConnection: keep-alive\r\nhOST: other\r\n\r\n'],
    [{ method: 'OPTIONS', path: '*' }, `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`],
    [{ path: 'http://a/b' }, `GET http://a/b HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`],
    [{ method: 'POST' }, `POST / HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n`],
    [{ method: 'DELETE' }, `DELETE / HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`],
    [{ method: 'POST', headers: ['content-LENGTH', '5', 'A', 'b'], body: Buffer.from('hello') },
    `POST / HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\ncontent-LENGTH: 5\r\nA: b\r\n\r\nhello`],
    [{ method: 'PURGE', body: Buffer.from('\xFF\0', 'latin1') },
    `PURGE / HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n\xFF\0`]
  ] as const) {
    t.match(await send(pool, request), { error: undefined })
    t.equal(server.requests.at(-1)!.text, text)
  }
})

t.test('the host of an origin with an IPv6 address has brackets', async t => {
  const server = await scriptedServer(t, respond(''), { host: '::1' })
  await send(poolOf(t, `http://[::1]:${server.port}`))
  t.match(server.requests[0]!.text, `\r\nHost: [::1]:${server.port}\r\n`)
})

t.test('an invalid origin is refused', async t => {
  for (const origin of ['ftp://a', 'http://a:b@c', 'a', 'http://']) {
    t.throws(() => new ConnectionPool(origin),
      TypeError, origin)
  }
})

t.test('a large body arrives complete', async t => {
  const received: Buffer[] = []
  let size = 0
  const server = createTcpServer(socket => {
    socket.on('error', () => {}).on('data', (chunk: Buffer) => {
      received.push(chunk)
      size += chunk.length
      if (Buffer.concat(received).subarray(0,
        300).indexOf('\r\n\r\n') + 4 + 5_000_000 === size) socket.write(response('done'))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const pool = poolOf(t, `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
  const body = Buffer.alloc(5_000_000, 'abcdefg')
  t.equal((await send(pool, { method: 'PUT', body })).body, 'done')
  t.ok(Buffer.concat(received).subarray(-5_000_000).equals(body))
  t.equal(pool.counters.idle, 1)
})

for (const size of [11, undefined]) {
  t.test(`a streamed body, ${size === undefined ? 'in chunks' : 'with its length'}`, async t => {
    const server = await scriptedServer(t)
    const pool = poolOf(t, server.origin)
    const source = new Given()
    const sending = new Sending(pool, { method: 'POST', body: streamed(source, size, Buffer.from('hello')) })
    await until(() => source.sink !== undefined)
    t.equal(sending.exchange.phase, 'sending')
    t.equal(source.sink!.data(Buffer.from(' ')), true)
    source.sink!.data(Buffer.alloc(0))
    source.sink!.data(Buffer.from('world'))
    source.sink!.end()
    const { socket } = await server.next()
    const sent = size === undefined ? 'b\r\nhello world\r\n0\r\n\r\n' : 'hello world'
    const { text } = server.requests[0]!
    t.equal(text.slice(text.indexOf('\r\n\r\n') + 4), sent)
    t.match(text, size === undefined ? /\r\nTransfer-Encoding: chunked\r\n/ : /\r\nContent-Length: 11\r\n/)
    t.equal(sending.exchange.phase, 'waiting')
    t.equal(sending.exchange.bytesWritten, text.length)
    socket.write(response('ok'))
    t.equal((await sending.result).body, 'ok')
    t.equal(pool.counters.idle, 1)
    t.equal(source.discarded, false)
  })
}

t.test('a request body of another length than announced is a failure', async t => {
  const server = await scriptedServer(t)
  for (const [code, act] of [
    ['BODY_TOO_LONG', (sink: RequestBodySink) => sink.data(Buffer.from('123456'))],
    ['BODY_TOO_SHORT', (sink: RequestBodySink) => { sink.data(Buffer.from('1234')); sink.end() }],
    ['BODY_FAILED', (sink: RequestBodySink) => { sink.data(Buffer.from('1234')); sink.fail(new Error('gone')) }]
  ] as const) {
    const pool = poolOf(t, server.origin)
    const source = new Given()
    const sending = new Sending(pool, { method: 'POST', body: streamed(source, 5) })
    await until(() => source.sink !== undefined)
    act(source.sink!)
    t.match((await sending.result).error, { kind: 'requestBodyFailed', code, phase: 'sending' })
    t.match(pool.counters, { open: 0, inFlight: 0 })
    t.equal(source.sink!.data(Buffer.from('x')), false, 'nothing more is taken')
  }
})

t.test('an endpoint that does not read pauses the source, and its timeout runs', async t => {
  const server = createTcpServer(socket => { socket.on('error', () => {}).pause() })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const pool = poolOf(t, `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
  const source = new Given()
  const sending = new Sending(pool, { method: 'POST', body: streamed(source), headTimeout: 60 })
  await until(() => source.sink !== undefined)
  const slow = new Promise<string>(resolve => setTimeout(() => resolve('the source is slow'), 130))
  t.equal(await Promise.race([slow, sending.result]), 'the source is slow',
    'no time runs while the source gives nothing')
  let written = 0
  const chunk = Buffer.alloc(65_536)
  for (;;) {
    written += chunk.length
    if (source.sink!.data(chunk)) continue
    const { flows } = source
    await turn()
    await turn()
    if (source.flows === flows) break
  }
  t.ok(written < 30_000_000, `held back behind ${written} bytes`)
  t.match((await sending.result).error, { kind: 'responseTimeout', phase: 'sending' })
  t.equal(source.discarded, true)
})

t.test('a response before the end of the request ends the upload and the connection', async t => {
  const source = new Given()
  const server = await scriptedServer(t, ({ socket }) => {
    socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno')
  })
  const pool = poolOf(t, server.origin)
  const sending = new Sending(pool, { method: 'POST', body: streamed(source, 1000) })
  t.match(await sending.result, { head: { status: 413 }, body: 'no', error: undefined })
  t.equal(source.discarded, true)
  t.match(pool.counters, { open: 0, inFlight: 0 })
})

for (const when of ['a moment later', 'at once'] as const) {
  t.test(`a response before the end of the request, and a reset ${when}: it is whole, or a failure`, async t => {
    const source = new Given()
    const server = await scriptedServer(t, ({ socket, tcp }) => {
      socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno', () => {
        if (when === 'at once') tcp.resetAndDestroy()
        else setTimeout(() => tcp.resetAndDestroy(), 20)
      })
    })
    const pool = poolOf(t, server.origin)
    const sending = new Sending(pool, { method: 'POST', body: streamed(source, 10_000_000) })
    await until(() => source.sink !== undefined)
    while (source.sink!.data(Buffer.alloc(65_536)));
    const { head, body, error } = await sending.result
    if (error === undefined) t.same([head?.status, body], [413, 'no'])
    else t.ok(['reset', 'closed'].includes(error.kind), error.kind)
    t.equal(source.discarded, true)
    t.match(pool.counters, { open: 0, inFlight: 0 })
  })
}

t.test('a head and a small body are written at once', async t => {
  const pieces: Buffer[] = []
  const server = createTcpServer(socket => {
    socket.setNoDelay(true)
    socket.on('error', () => {}).on('data', (chunk: Buffer) => {
      pieces.push(chunk)
      if (chunk.subarray(-4).toString() === 'last') socket.write(response('x'))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const pool = poolOf(t, `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
  for (const size of [4, 700, 10_000, 30_000]) {
    const body = Buffer.from('last'.padStart(size, 'x'))
    for (let count = 0; count < 10; count++) await send(pool, { method: 'POST', body })
    t.equal(pieces.splice(0).length, 10, `a body of ${size} bytes`)
  }
})

t.test('a head before the end of the request lets the upload continue', async t => {
  const source = new Given()
  const server = await scriptedServer(t, ({ socket }, { total }) => {
    if (total === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n')
  })
  const pool = poolOf(t, server.origin)
  const sending = new Sending(pool, { method: 'POST', body: streamed(source, 9) })
  await sending.headIsHere
  source.sink!.data(Buffer.from('hello'))
  source.sink!.data(Buffer.from('\r\n\r\n'))
  source.sink!.end()
  const [connection] = server.connections
  await until(() => server.requests.length === 2)
  connection!.socket.write('done')
  t.equal((await sending.result).body, 'done')
  await turn()
  t.equal(pool.counters.idle, 1)
})
