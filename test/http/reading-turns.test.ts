import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { READ_DEPTHS } from '../../lib/message/message.js'
import type { BodySource } from '../../plugins/http/message/body-source.js'
import { TINY_CHUNK, TINY_CHUNKS } from '../../plugins/http/server/reading-turns.js'
import { Random } from '../support/random.js'
import { backend, bareProxy, made, origin, wire, type BareProxy, type Wire } from '../support/http/bare-proxy.js'
import { until } from '../support/until.js'

/** The bytes that one read of a socket brings, at most, as chunks of one byte. */
const CHUNKS_OF_READ = Math.ceil(65_536 / 6)
const HEAD = 'POST /first HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n'
const NEXT = 'POST /next HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nnext'

const digest = (body: string): string => createHash('sha256').update(body, 'latin1').digest('hex')
const text = (size: number): string =>
  Array.from({ length: size }, (_, at) => String.fromCharCode(33 + at % 90)).join('')
const chunked = (pieces: readonly string[], trailers = ''): string =>
  pieces.map(piece => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('') + `0\r\n${trailers}\r\n`

/** Resolves with the digest of a body. */
const digestOf = (request: IncomingMessage): Promise<string> => new Promise(resolve => {
  const hash = createHash('sha256')
  request.on('data', part => hash.update(part)).on('end', () => resolve(hash.digest('hex')))
})

const connected = async (client: Wire): Promise<Wire> => {
  await once(client.socket, 'connect')
  return client
}

/** How many bytes of each body came in each turn of the event loop. */
function bytesPerTurn (proxy: BareProxy): { turns: number[][], stop: () => void } {
  const turns: number[][] = []
  let before: number[] = []
  const next = (): void => {
    const now = proxy.exchanges.map(({ requestBytes }) => requestBytes)
    turns.push(now.map((bytes, at) => bytes - (before[at] ?? 0)))
    before = now
    timer = setImmediate(next)
  }
  let timer = setImmediate(next)
  return { turns, stop: () => clearImmediate(timer) }
}

t.setTimeout(600_000)

t.test('tiny chunks: one read of a connection in a turn, and one connection of those that wait', async t => {
  const body = text(80_000)
  const port = await backend(t, async (request, response) => { response.end(await digestOf(request)) })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const clients = await Promise.all([1, 2, 3, 4].map(() => connected(wire(t, proxy.port, ''))))
  const { turns, stop } = bytesPerTurn(proxy)
  for (const { socket } of clients) socket.write(HEAD + chunked([...body]))
  for (const client of clients) await client.until(all => all.includes(digest(body)))
  stop()
  const most = Math.max(...turns.flat())
  t.ok(most < TINY_CHUNKS + CHUNKS_OF_READ, `${most} chunks in one turn`)
  const received = clients.map(() => 0)
  let together = 0
  for (const turn of turns) {
    if (received.every(bytes => bytes >= TINY_CHUNKS)) {
      together = Math.max(together, turn.filter(bytes => bytes > 0).length)
    }
    for (const [at, bytes] of turn.entries()) received[at]! += bytes
  }
  t.equal(together, 1)
  t.strictSame(received, clients.map(() => body.length))
})

for (let seed = 1; seed <= 3; seed++) {
  t.test(`tiny chunks: bodies come whole, with trailers and a request after them (${seed})`, async t => {
    const { next: random } = new Random(seed)
    const port = await backend(t, async (request, response) => { response.end(await digestOf(request)) })
    const proxy = await bareProxy(t, {
      origins: [origin(port)],
      request: READ_DEPTHS[seed % 3]!,
      limits: { replayBufferLimit: Math.floor(random() * 20_000) }
    })
    await Promise.all([1, 2, 3].map(async () => {
      const pieces: string[] = []
      for (let count = 0; count < 15_000; count++) pieces.push(text(1 + Math.floor(random() ** 12 * 2 * TINY_CHUNK)))
      const body = pieces.join('')
      const trailers = random() < 0.5 ? 'X-Checksum: 1\r\n' : ''
      const client = wire(t, proxy.port, HEAD + chunked(pieces, trailers) + NEXT)
      await client.until(all => all.includes(digest(body)) && all.includes(digest('next')))
      client.text = ''
      client.socket.write(NEXT)
      await client.until(all => all.includes(digest('next')))
    }))
    t.strictSame(proxy.errors, [])
    t.equal(proxy.budget.inUse, 0)
  })
}

t.test('tiny chunks: a client that disconnects while its connection waits leaves the others', async t => {
  const body = text(60_000)
  const port = await backend(t, async (request, response) => {
    request.on('error', () => {})
    response.end(await digestOf(request))
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const clients = await Promise.all([1, 2, 3, 4, 5].map(() => connected(wire(t, proxy.port, ''))))
  for (const { socket } of clients) socket.write(HEAD + chunked([...body]))
  await until(() => proxy.exchanges.length === 5 && proxy.exchanges.every(each => each.requestBytes >= TINY_CHUNKS))
  const gone = clients.filter((_, at) => at % 2 === 0)
  for (const { socket } of gone) socket.resetAndDestroy()
  for (const client of clients) if (!gone.includes(client)) await client.until(all => all.includes(digest(body)))
  await until(() => proxy.exchanges.every(each => each.requestBytes === body.length || each.closed))
  t.equal(proxy.budget.inUse, 0)
})

t.test('tiny chunks: a reader that takes one chunk in a turn gets all, and nothing while it takes none', async t => {
  const body = text(20_000)
  let [takes, unwanted] = [true, 0]
  const proxy = await bareProxy(t, {
    limits: { replayBufferLimit: 0 },
    handle: (_, { body: taken }) => new Promise((resolve, reject) => {
      if (taken.kind !== 'stream') return reject(new Error('not a stream'))
      const source = taken.rest as BodySource
      const hash = createHash('sha256').update(taken.head)
      source.attach({
        data: part => {
          if (!takes) unwanted++
          takes = false
          hash.update(part)
          setImmediate(() => {
            takes = true
            source.flow()
          })
          return false
        },
        end: () => resolve(made(200, [], hash.digest('hex'))),
        fail: reject
      })
    })
  })
  const client = wire(t, proxy.port, HEAD + chunked([...body]))
  await client.until(all => all.includes(digest(body)))
  t.equal(unwanted, 0)
})

t.test('tiny chunks: an early response reaches a client that sends on', async t => {
  const proxy = await bareProxy(t, {
    limits: { replayBufferLimit: 0 },
    handle: async () => made(403, [], 'no')
  })
  const client = await connected(wire(t, proxy.port, ''))
  client.socket.write(HEAD + chunked([...text(200_000)]))
  await client.until(all => all.startsWith('HTTP/1.1 403 '))
  await client.closed
  t.equal(proxy.budget.inUse, 0)
})
