import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { ServerResponse } from 'node:http'
import { backend, bareProxy, origin, promised, wire } from '../support/http/bare-proxy.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const SIZE = 64 * 1024 * 1024
const CHUNK = Buffer.alloc(65_536)

const resident = (): number => {
  collect()
  return process.memoryUsage().rss
}

/** What the other side has taken out of the pipe once it stands still. */
async function still (written: () => number): Promise<number> {
  let last = -1
  for (let same = 0; same < 50;) {
    await new Promise(resolve => setTimeout(resolve, 2))
    const now = written()
    if (now === last) same++
    else [same, last] = [0, now]
  }
  return last
}

/** Responds as fast as it is read, and counts. */
function pour (response: ServerResponse, counted: (bytes: number) => void): void {
  let left = SIZE
  const more = (): void => {
    while (left > 0) {
      left -= CHUNK.length
      counted(CHUNK.length)
      if (!response.write(CHUNK)) return
    }
    response.end()
  }
  response.writeHead(200, { 'Content-Length': String(SIZE) }).on('drain', more)
  more()
}

t.test('a response that the client has not read yet waits at the back-end', async t => {
  let written = 0
  const port = await backend(t, (_, response) => pour(response, bytes => { written += bytes }))
  const proxy = await bareProxy(t, {
    handle: async (self, message, exchange) => {
      const outcome = await self.forwarder.forward(self.call(origin(port), message), exchange, 'nothing')
      await still(() => written)
      t.ok(written < SIZE, 'it waits')
      if (outcome.kind !== 'answered') throw new Error(outcome.fault.reason)
      return outcome.message
    }
  })
  const client = wire(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const all = promised()
  let read = 0
  client.socket.removeAllListeners('data').on('data', chunk => { if ((read += chunk.length) > SIZE) all.resolve() })
  await all.promise
})

t.test('a response to a client that does not read waits at the back-end', async t => {
  let written = 0
  const port = await backend(t, (_, response) => pour(response, bytes => { written += bytes }))
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const before = resident()
  const client = wire(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  client.socket.removeAllListeners('data').pause()
  await still(() => written)
  t.ok(written < SIZE, 'it waits')
  t.ok(resident() - before < 32 * 1024 * 1024)
  let [read, peak] = [0, 0]
  const all = promised()
  client.socket.on('data', chunk => {
    read += chunk.length
    if (read % 16 === 0) peak = Math.max(peak, process.memoryUsage().rss)
    if (read >= SIZE) all.resolve()
  })
  client.socket.resume()
  await all.promise
  t.ok(peak - before < 64 * 1024 * 1024, `${(peak - before) / 1e6} MB`)
})

t.test('a request to a back-end that does not read waits at the client', async t => {
  let [got, written] = [0, 0]
  const [go, all] = [promised(), promised()]
  const port = await backend(t, async (request, response) => {
    await go.promise
    request.on('data', chunk => { got += chunk.length }).on('end', () => { response.end('ok'); all.resolve() })
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const before = resident()
  const client = wire(t, proxy.port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${SIZE}\r\n\r\n`)
  const more = (): void => {
    while (written < SIZE) {
      written += CHUNK.length
      if (!client.socket.write(CHUNK)) return
    }
  }
  client.socket.on('drain', more)
  more()
  await still(() => written)
  t.ok(written < SIZE, 'it waits')
  t.ok(resident() - before < 32 * 1024 * 1024)
  go.resolve()
  await all.promise
  t.equal(got, SIZE)
  await client.until(text => text.endsWith('ok'))
})
