import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { OriginPoolOptions } from '../../../plugins/http/client/client-options.js'
import { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import { socketPath } from '../../support/http/socket.js'
import { until } from '../../support/until.js'
import { respond, response, scriptedServer, turn, turns } from './scripted-server.js'
import { send, Sending } from './sending.js'

const poolOf = (t: Test, origin: string, options: OriginPoolOptions = {}): ConnectionPool => {
  const pool = new ConnectionPool(origin, options)
  t.teardown(() => pool.destroy())
  return pool
}

t.test('one connection carries one request after the other', async t => {
  const server = await scriptedServer(t, respond('x'))
  const pool = poolOf(t, server.origin)
  for (let count = 0; count < 20; count++) {
    const sending = new Sending(pool)
    t.equal((await sending.result).body, 'x')
    t.equal(sending.exchange.reused, count > 0)
  }
  t.match(pool.counters, { open: 1, idle: 1, connects: 1, reuses: 19, oldestStart: undefined })
  await pool.close()
  t.match(pool.counters, { open: 0, idle: 0 })
})

t.test('an idle connection is dead at its end, before it has closed', async t => {
  const server = await scriptedServer(t, respond('x'))
  const pool = poolOf(t, server.origin)
  await send(pool)
  await turn()
  server.connections[0]!.socket.end()
  await until(() => pool.counters.idle === 0)
  t.equal(pool.counters.open, 0)
  const next = new Sending(pool)
  t.equal((await next.result).body, 'x')
  t.equal(next.exchange.reused, false)
})

t.test('bytes on an idle connection end it', async t => {
  const server = await scriptedServer(t, respond('x'))
  const pool = poolOf(t, server.origin)
  await send(pool)
  await turns(3)
  server.connections[0]!.socket.write(response('poison'))
  await until(() => pool.counters.open === 0)
  t.equal((await send(pool)).body, 'x')
})

t.test('what comes after a response in the next poll phase ends the connection before it is used again', async t => {
  let count = 0
  const server = await scriptedServer(t, ({ socket }) => {
    socket.write(response(String(count++)))
    setImmediate(() => { socket.write(response('poison')) })
  })
  const pool = poolOf(t, server.origin)
  for (let expected = 0; expected < 50; expected++) {
    // At once after the response before: the surplus of that one is on its way.
    const { body, error } = await send(pool)
    t.same([body, error], [String(expected), undefined])
  }
  t.equal(pool.counters.reuses, 0)
})

t.test('a connection that ends with its response loses no request', async t => {
  const server = await scriptedServer(t, ({ socket }) => { socket.end(response('x')) })
  const pool = poolOf(t, server.origin)
  for (let count = 0; count < 200; count++) {
    const { body, error } = await send(pool)
    if (body !== 'x') t.match(error, undefined)
    if (count % 3 === 0) await turn()
  }
  t.equal(server.requests.length, 200)
})

t.test('requests that were queued go out on the connection that becomes free, in their order', async t => {
  const server = await scriptedServer(t, ({ socket }, { text }) => { socket.write(response(text.split(' ')[1]!)) })
  const pool = poolOf(t, server.origin, { maxInFlight: 2, maxQueued: 100 })
  const results = await Promise.all(Array.from({ length: 40 }, (_, at) => send(pool, { path: `/${at}` })))
  t.same(results.map(({ body }) => body), Array.from({ length: 40 }, (_, at) => `/${at}`))
  t.match(pool.counters, { open: 2, connects: 2, reuses: 38, queued: 0, inFlight: 0 })
})

t.test('a connection takes no request beyond its number of requests, or its age', async t => {
  const server = await scriptedServer(t, respond('x'))
  const counted = poolOf(t, server.origin, { maxRequests: 3 })
  for (let count = 0; count < 9; count++) await send(counted)
  t.match(counted.counters, { connects: 3, reuses: 6 })
  const aged = poolOf(t, server.origin, { maxAge: 1 })
  for (let count = 0; count < 3; count++) {
    await send(aged)
    const begin = performance.now()
    await until(() => performance.now() - begin > 2)
  }
  t.match(aged.counters, { connects: 3, reuses: 0, open: 1 })
})

t.test('an idle connection ends after its time, or a little before the endpoint ends it', async t => {
  const server = await scriptedServer(t, respond('x'))
  const own = poolOf(t, server.origin, { idleTimeout: 30 })
  await send(own)
  t.equal(own.counters.idle, 1)
  await until(() => own.counters.open === 0)
  const hinting = await scriptedServer(t, respond('x', 'Keep-Alive: timeout=1, max=3\r\n'))
  const hinted = poolOf(t, hinting.origin)
  const begin = performance.now()
  await send(hinted)
  // Timers end in the order of their times, however late they are on a busy machine.
  const openAtItsEnd = delay(1000).then(() => hinted.counters.open)
  await until(() => hinted.counters.open === 0)
  const age = performance.now() - begin
  t.ok(age >= 499, `closed after ${Math.round(age)} ms`)
  t.equal(await openAtItsEnd, 0, 'before the endpoint ends it')
})

t.test('a fresh request uses no idle connection, and its own is used again', async t => {
  const server = await scriptedServer(t, respond('x'))
  const pool = poolOf(t, server.origin)
  await send(pool)
  await turn()
  const sending = new Sending(pool, { fresh: true })
  await sending.result
  t.equal(sending.exchange.reused, false)
  t.match(pool.counters, { open: 2, idle: 2, connects: 2 })
})

t.test('Connection: close of a request ends its connection', async t => {
  const server = await scriptedServer(t, respond('x'))
  const pool = poolOf(t, server.origin)
  await send(pool, { headers: ['Connection', 'close'] })
  t.match(server.requests[0]!.text, /\r\nConnection: close\r\n/)
  t.equal(pool.counters.open, 0)
})

t.test('idle connections do not keep the process alive', async t => {
  const server = await scriptedServer(t, respond('x'))
  const pool = poolOf(t, server.origin)
  await send(pool)
  const active = process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length
  // The server's side of the connection is in this process too.
  t.equal(active, 1)
})

t.test('a process with an idle connection, over TCP or TLS, ends by itself', async t => {
  const pool = new URL('../../../plugins/http/client/connection-pool.js', import.meta.url)
  for (const secure of [false, true]) {
    const server = await scriptedServer(t, respond('x'), { secure })
    const code = `import { ConnectionPool } from ${JSON.stringify(pool.href)}
      const pool = new ConnectionPool('${server.origin}', { tls: { verify: false } })
      const ignore = () => {}
      pool.request({ method: 'GET', path: '/', headers: [], body: undefined }, {
        onHead: ignore, onBody: ignore, onError: console.log,
        onEnd: () => setImmediate(() => console.log(pool.counters.open, 'open'))
      })`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])
    t.equal(stdout, '1 open\n', secure ? 'over TLS' : 'in plain')
  }
})

t.test('evidence: when the oldest request began, the address, and how long it took to connect', async t => {
  const server = await scriptedServer(t)
  const pool = poolOf(t, server.origin)
  const before = performance.now()
  const first = new Sending(pool)
  const { socket } = await server.next()
  const second = new Sending(pool)
  await server.next()
  const { oldestStart } = pool.counters
  t.equal(oldestStart, first.exchange.startedAt)
  t.ok(oldestStart! >= before)
  t.equal(first.exchange.address, '127.0.0.1')
  t.ok(first.exchange.connectTime > 0)
  t.equal(first.exchange.tlsTime, 0)
  socket.write(response(''))
  await first.result
  t.equal(pool.counters.oldestStart, second.exchange.startedAt)
})

for (const [what, request, fields] of [
  ['a request that authenticates', { headers: ['Authorization', 'NTLM abc'] }, ''],
  ['a response that asks for it', { headers: [] }, 'WWW-Authenticate: Basic realm="x", Negotiate\r\n']
] as const) {
  t.test(`a connection belongs to its owner from ${what} on`, async t => {
    const server = await scriptedServer(t, respond('x', fields))
    const pool = poolOf(t, server.origin)
    const [alice, bob] = [{}, {}]
    await send(pool, { ...request, owner: alice })
    t.equal(pool.counters.idle, 1)
    const other = new Sending(pool, { owner: bob })
    await other.result
    t.equal(other.exchange.reused, false, 'another owner gets another connection')
    const withoutOwner = new Sending(pool)
    await withoutOwner.result
    const again = new Sending(pool, { owner: alice })
    await again.result
    t.equal(again.exchange.reused, true, 'its owner gets it, at once after its response')
    t.equal(server.requests.filter(({ onConnection }) => onConnection > 0).length, fields === '' ? 2 : 1)
    const before = pool.counters.open
    pool.releaseOwner(alice)
    t.equal(pool.counters.open, before - 1, 'it ends with its owner')
    pool.releaseOwner(bob)
    await send(pool, { ...request, owner: alice })
    await turns(3)
    const last = new Sending(pool, { owner: alice })
    await last.result
    t.notOk(last.exchange.reused && fields !== '', 'an owner that was released keeps no connection')
  })
}

t.test('without an owner, a connection that authenticates itself carries one exchange', async t => {
  const server = await scriptedServer(t, respond('x'))
  const pool = poolOf(t, server.origin)
  await send(pool, { headers: ['authorization', 'negotiate abc'] })
  t.match(pool.counters, { open: 0, idle: 0 })
})

t.test('an owner that is released while its request is in flight gets its response', async t => {
  const server = await scriptedServer(t)
  const pool = poolOf(t, server.origin)
  const owner = {}
  const sending = new Sending(pool, { owner, headers: ['Authorization', 'NTLM x'] })
  const { socket } = await server.next()
  pool.releaseOwner(owner)
  socket.write(response('x'))
  t.equal((await sending.result).body, 'x')
  t.equal(pool.counters.open, 0)
})

t.test('connections to unix sockets are reused', async t => {
  const path = socketPath(t)
  const server = await scriptedServer(t, respond('x'), { path })
  const pool = poolOf(t, 'http://backend', { socketPath: path })
  const sending = new Sending(pool)
  t.equal((await sending.result).body, 'x')
  t.equal(sending.exchange.address, path)
  t.match(server.requests[0]!.text, /\r\nHost: backend\r\n/)
})
