import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import t from 'tap'
import proxyServices from '../../plugins/index.js'
import { until } from '../support/until.js'
import { origin, post, rawBackend, whole, wire } from '../support/http/bare-proxy.js'

const LIMITS = { responseHeadLimit: 2_000, maxRequestsPerOrigin: 1, maxQueuedPerOrigin: 0 }

t.test('own-limits: what exceeds a limit of the gateway changes the state of no endpoint', async t => {
  const requests = [0, 0]
  const members = await Promise.all(requests.map(async (_, at) => {
    const port = await rawBackend(t, socket => {
      socket.on('data', chunk => {
        requests[at]!++
        if (String(chunk).includes('X-Hang')) return
        socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(3_000)}\r\nContent-Length: 0\r\n\r\n`)
      })
    })
    return { kind: 'address' as const, name: `m${at}`, uri: origin(port) }
  }))
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, {
    limits: LIMITS,
    definitions: { proxies: { P: { endpoint: { kind: 'loadbalance', members } } } }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const send = (headers = '') => wire(t, port, post('<a/>', headers).replace('/x', '/services/P'))

  t.match(await send().until(whole), /<code>101501</, 'the head of a response is too large')
  t.equal(requests[0]! + requests[1]!, 1, 'no other member gets the message')
  send('X-Hang: 1\r\n')
  send('X-Hang: 1\r\n')
  await until(() => requests[0]! + requests[1]! === 3, 'each member has a request')
  t.match(await send().until(whole), /<code>303000</, 'the requests in flight to both are at their limit')
  for (const { health, failures } of app.endpointRegistry.endpoints.values()) {
    t.same([health.state, failures], ['active', 0])
  }
})
