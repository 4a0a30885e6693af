import type { Socket } from 'node:net'
import t from 'tap'
import { origin, post, rawBackend, whole, wire } from '../support/http/bare-proxy.js'
import { gateway } from '../support/gateway.js'
import { until } from '../support/until.js'

/** Clients that have waited for longer than this count. */
const MIN_WAIT_MS = 1_000
const request = (body: string): string => post(body).replace('/x', '/services/P')

t.test('frozen: five clients in a row that give up after more than a second count as a late response', async t => {
  const waiting = new Set<Socket>()
  const port = await rawBackend(t, socket => {
    socket
      .on('data', chunk => {
        if (chunk.includes('<well/>')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        else waiting.add(socket)
      })
      .on('close', () => waiting.delete(socket))
  })
  const { app, url } = await gateway(t, {
    definitions: {
      proxies: {
        P: {
          endpoint: {
            kind: 'address',
            name: 'E',
            uri: origin(port),
            markForSuspension: { retriesBeforeSuspension: 1, retryDelay: 600_000 }
          }
        }
      }
    }
  })
  const gatewayPort = Number(new URL(url).port)
  const endpoint = app.endpointRegistry.endpoints.get('E')!
  const giveUp = async (count: number): Promise<void> => {
    const clients = Array.from({ length: count }, () => wire(t, gatewayPort, request('<frozen/>')))
    await until(() => waiting.size === count)
    const begin = performance.now()
    await until(() => performance.now() > begin + MIN_WAIT_MS + 50)
    for (const { socket } of clients) socket.destroy()
    await until(() => waiting.size === 0, 'the gateway ends the connections to the endpoint')
    t.ok(clients.every(({ text }) => text === ''))
  }

  await giveUp(4)
  t.match(endpoint, { abandoned: 4, failures: 0, health: { state: 'active' } })
  t.match(await wire(t, gatewayPort, request('<well/>')).until(whole), /^HTTP\/1\.1 200 /)
  await giveUp(4)
  t.match(endpoint, { abandoned: 4, health: { state: 'active' } }, 'a response restarts the count')
  await giveUp(1)
  t.match(endpoint, {
    abandoned: 0,
    cancelled: 9,
    health: { state: 'timeout', cause: '5 clients in a row disconnected while they waited for a response' }
  })
})
