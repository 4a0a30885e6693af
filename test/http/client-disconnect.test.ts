import t from 'tap'
import { freePort } from '../support/free-port.js'
import { backend, bareProxy, origin, post, promised, rawBackend, wire } from '../support/http/bare-proxy.js'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

t.test("when the client disconnects, the back-end's connection closes at once", async t => {
  const stages: Array<[string, string, string]> = [
    ['while it sends', post('x'.repeat(500_000)).slice(0, 300_000), ''],
    ['before the response', post('x'), ''],
    ['inside the response', get, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<half'],
    ['inside a response in chunks', get, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n']
  ]
  for (const [name, request, start] of stages) {
    const [arrived, closed] = [promised(), promised()]
    const port = await rawBackend(t, socket => {
      socket.on('close', closed.resolve).on('data', () => {
        socket.write(start)
        arrived.resolve()
      })
    })
    const proxy = await bareProxy(t, { origins: [origin(port)] })
    const outcome = proxy.nextOutcome()
    const client = wire(t, proxy.port, request)
    if (start === '') await arrived.promise
    else await client.until(text => text.includes('\r\n\r\n'))
    client.socket.resetAndDestroy()
    await closed.promise
    t.match(
      await outcome,
      start === ''
        ? { kind: 'failed', retry: 'none', fault: { reason: 'The client disconnected', requestSent: true } }
        : { kind: 'answered' },
      name
    )
    t.ok(proxy.exchanges[0]!.disconnected)
    t.equal(proxy.budget.inUse, 0)
    t.equal(proxy.budget.retriesImpossible, 0)
  }
})

t.test('a listener is called when the client disconnects', async t => {
  const [arrived, disconnected] = [promised(), promised()]
  const proxy = await bareProxy(t, {
    handle: async (_, message, exchange) => {
      exchange.onDisconnect = disconnected.resolve
      arrived.resolve()
      await disconnected.promise
      return message
    }
  })
  const client = wire(t, proxy.port, get)
  await arrived.promise
  client.socket.end()
  await disconnected.promise
  t.ok(proxy.exchanges[0]!.disconnected)
})

t.test('no listener is called when the client has its response', async t => {
  const port = await backend(t, (_, response) => {
    response.end('ok')
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(t, proxy.port, get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
  await client.closed
  t.notOk(proxy.exchanges[0]!.disconnected)
})

t.test('a client that has disconnected is not served', async t => {
  const port = await freePort()
  const [arrived, left] = [promised(), promised()]
  const proxy = await bareProxy(t, {
    handle: async (self, message, exchange) => {
      exchange.onDisconnect = left.resolve
      arrived.resolve()
      await left.promise
      const outcome = await self.forwarder.forward(self.call(origin(port), message), exchange, 'nothing')
      t.match(outcome, {
        kind: 'failed',
        retry: 'none',
        fault: { requestSent: false, reason: 'The client disconnected' }
      })
      return message
    }
  })
  const client = wire(t, proxy.port, get)
  await arrived.promise
  client.socket.destroy()
  await left.promise
})

t.test('pipelined requests after a slow one are notified when their client disconnects', async t => {
  const [two, closed] = [promised(), promised()]
  let [open, arrived] = [0, 0]
  const port = await rawBackend(t, socket => {
    open++
    socket
      .on('close', () => {
        if (--open === 0) closed.resolve()
      })
      .on('data', () => {
        if (++arrived === 2) two.resolve()
      })
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(t, proxy.port, get + get)
  await two.promise
  client.socket.resetAndDestroy()
  await closed.promise
  t.ok(proxy.exchanges.every(({ disconnected: gone }) => gone))
})
