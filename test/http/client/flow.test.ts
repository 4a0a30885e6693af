import { once } from 'node:events'
import { createServer as createTcpServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import { until } from '../../support/until.js'
import { scriptedServer, turn, turns } from './scripted-server.js'
import { send, Sending } from './sending.js'

const poolOf = (t: Test, origin: string): ConnectionPool => {
  const pool = new ConnectionPool(origin, { tls: { verify: false } })
  t.teardown(() => pool.destroy())
  return pool
}

/** Writes this many bytes as fast as the client takes them. */
function flood (socket: Socket, size: number, block = Buffer.alloc(65_536, 'x'), last = ''): void {
  let left = size
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      const part = left >= block.length ? block : block.subarray(0, left)
      left -= part.length
      if (socket.write(part)) continue
      socket.once('drain', more)
      return
    }
    if (last !== '') socket.write(last)
  }
  more()
}

for (const secure of [false, true]) {
  const over = secure ? 'over TLS' : 'in plain'

  t.test(`a caller that pauses slows the endpoint down, ${over}`, async t => {
    let socket: Socket | undefined
    const size = 60_000_000
    const server = await scriptedServer(t, connection => {
      socket = connection.socket
      connection.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      flood(connection.socket, size)
    }, { secure })
    const sending = new Sending(poolOf(t, server.origin))
    sending.onPart = () => {
      sending.chunks.length = 0
      if (sending.received < 200_000) sending.exchange.pause()
    }
    await sending.headIsHere
    await turns(50)
    const before = sending.received
    await turns(200)
    t.equal(sending.received, before, 'nothing comes while it is paused')
    t.ok(before < 300_000, `${before} bytes came`)
    t.ok(socket!.writableLength > 0, 'the endpoint has more, and waits')
    while (sending.received < 200_000) {
      sending.exchange.resume()
      await turn()
    }
    sending.exchange.resume()
    t.match(await sending.result, { error: undefined })
    t.equal(sending.received, size)
  })

  t.test(`a caller that pauses and resumes inside of each part gets all of it, once, ${over}`, async t => {
    const size = 5_000_000
    const block = Buffer.from(Array.from({ length: 65_536 }, (_, at) => at % 251))
    const server = await scriptedServer(t, connection => {
      connection.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      flood(connection.socket, size, block)
    }, { secure })
    const sending = new Sending(poolOf(t, server.origin))
    sending.onPart = () => {
      const { exchange } = sending
      exchange.pause()
      exchange.resume()
      if (sending.chunks.length % 3 !== 0) return
      exchange.pause()
      setImmediate(() => exchange.resume())
    }
    t.match(await sending.result, { error: undefined })
    const body = Buffer.concat(sending.chunks)
    t.equal(body.length, size)
    t.ok(body.every((byte, at) => byte === block[at % block.length]), 'in its order')
  })

  t.test(`a paused response that is complete in itself ends, and its connection serves the next, ${over}`, async t => {
    const server = await scriptedServer(t,
      ({ socket }) => { socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello') }, { secure })
    const pool = poolOf(t, server.origin)
    for (let count = 0; count < 3; count++) {
      const sending = new Sending(pool)
      sending.onPart = () => sending.exchange.pause()
      t.match(await sending.result, { body: 'hello', error: undefined })
    }
    t.match(pool.counters, { connects: 1, reuses: 2 })
    await turns(3)
    server.connections[0]!.socket.end()
    await until(() => pool.counters.open === 0)
  })
}

t.test('a response of 1 GB needs no more memory than a part of it', async t => {
  const size = 1_000_000_000
  const server = createTcpServer(socket => {
    socket.on('error', () => {}).once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      flood(socket, size)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const pool = poolOf(t, `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
  const sending = new Sending(pool)
  let most = 0
  const before = process.memoryUsage()
  sending.onPart = () => {
    sending.chunks.length = 0
    const { arrayBuffers, heapUsed } = process.memoryUsage()
    most = Math.max(most, arrayBuffers - before.arrayBuffers + heapUsed - before.heapUsed)
  }
  t.match(await sending.result, { error: undefined })
  t.equal(sending.received, size)
  t.ok(most < 100_000_000, `${Math.round(most / 1e6)} MB at most`)
})

t.test('a body in a million tiny chunks comes in few parts, in bounded time', async t => {
  const block = Buffer.from('1\r\nx\r\n'.repeat(10_000))
  const server = await scriptedServer(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    flood(socket, block.length * 100, block, '0\r\n\r\n')
  })
  const begin = process.cpuUsage()
  const { body, parts, error } = await send(poolOf(t, server.origin))
  const { user, system } = process.cpuUsage(begin)
  t.equal(error, undefined)
  t.equal(body.length, 1_000_000)
  t.ok(parts < 2000, `${parts} parts`)
  t.ok(user + system < 3_000_000, `${Math.round((user + system) / 1000)} ms of processor time`)
})

t.test('a small response comes in one part, and is marked as complete', async t => {
  const server = await scriptedServer(t, ({ socket }, { total }) => {
    socket.write(total === 0
      ? 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
      : 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n')
  })
  const pool = poolOf(t, server.origin)
  for (let count = 0; count < 2; count++) t.match(await send(pool), { whole: true, parts: 1, body: 'hello' })
})

t.test('neither side reads: a response is delivered while its request cannot be sent', async t => {
  const server = createTcpServer(socket => {
    socket.on('error', () => {}).pause()
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n${'x'.repeat(3_000_000)}`)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const pool = poolOf(t, `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`)
  const { body, error } = await send(pool, { method: 'POST', body: Buffer.alloc(20_000_000) })
  t.equal(error, undefined)
  t.equal(body.length, 3_000_000)
  await turns(2)
  t.match(pool.counters, { open: 0 })
})
