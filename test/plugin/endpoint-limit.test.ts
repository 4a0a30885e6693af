import { connect } from 'node:net'
import { createServer, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import type { Definitions } from '../../plugins/index.js'
import type { EndpointState } from '../../lib/state/endpoint-state.js'
import { gateway, type Gateway } from '../support/gateway.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'
import { until } from '../support/until.js'

/** A back-end that holds each request until it is released. */
async function holding (
  t: Test
): Promise<{ uri: string; held: ServerResponse[]; holds: (count: number) => Promise<void> }> {
  const held: ServerResponse[] = []
  const uri = await listenOnLoopback(t, createServer((_, response) => held.push(response)))
  const holds = async (count: number): Promise<void> => await until(() => held.length >= count, `request ${count}`)
  return { uri: `${uri}/`, held, holds }
}

const proxyOf = (...members: object[]): Definitions =>
  ({ proxies: { P: { endpoint: { kind: 'loadbalance', name: 'G', members } } } }) as Definitions

const member = (name: string, uri: string, more: object): object => ({ kind: 'address', name, uri, ...more })

const send = async ({ url }: Gateway): Promise<{ status: number; text: string; retryAfter: string | null }> => {
  const response = await fetch(`${url}/services/P`, { method: 'POST', body: 'x' })
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') }
}

const endpointOf = ({ app }: Gateway, name: string): EndpointState => app.endpointRegistry.endpoints.get(name)!

t.test('beyond maxRequests messages wait in their order, and those beyond maxQueued get 503 at once', async t => {
  const { uri, held, holds } = await holding(t)
  const app = await gateway(t, {
    definitions: proxyOf(member('A', uri, { maxRequests: 1, maxQueued: 2, queueTimeout: 0 }))
  })
  const endpoint = endpointOf(app, 'A')
  const responses = [send(app)]
  await holds(1)
  for (const queued of [1, 2]) {
    responses.push(send(app))
    await until(() => endpoint.queued >= queued)
  }
  t.match(await send(app), { status: 503, retryAfter: '1' })
  for (const count of [1, 2, 3]) {
    await holds(count)
    t.equal(held.length, count, 'one at a time')
    held[count - 1]!.end(String(count))
  }
  t.same(
    (await Promise.all(responses)).map(({ text }) => text),
    ['1', '2', '3']
  )
  t.match(endpoint, { inFlight: 0, queued: 0, failures: 0, health: { state: 'active' } })
})

t.test('a message waits no longer than queueTimeout', async t => {
  const { uri, held, holds } = await holding(t)
  const app = await gateway(t, {
    definitions: proxyOf(member('A', uri, { maxRequests: 1, maxQueued: 2, queueTimeout: 30 }))
  })
  const first = send(app)
  await holds(1)
  t.match(await send(app), { status: 503, retryAfter: '1' })
  t.equal(endpointOf(app, 'A').queued, 0)
  held[0]!.end('one')
  t.match(await first, { text: 'one' })
})

t.test(
  'a message takes the first free place in its group, and a member that is suspended releases its waiting messages',
  async t => {
    const [a, b] = [await holding(t), await holding(t)]
    const limit = { maxRequests: 1, maxQueued: 5, queueTimeout: 0 }
    const app = await gateway(t, { definitions: proxyOf(member('A', a.uri, limit), member('B', b.uri, limit)) })
    const first = [send(app), send(app)]
    await Promise.all([a.holds(1), b.holds(1)])
    const third = send(app)
    await until(() => endpointOf(app, 'B').queued >= 1)
    t.equal(endpointOf(app, 'A').queued, 1, 'it waits at both')
    b.held[0]!.end('b1')
    await b.holds(2)
    t.same([endpointOf(app, 'A').queued, endpointOf(app, 'B').queued], [0, 0])
    const fourth = send(app)
    await until(() => endpointOf(app, 'B').queued >= 1)
    app.app.endpointRegistry.switchOff('G')
    t.match(await fourth, { status: 503 })
    a.held[0]!.end('a1')
    b.held[1]!.end('b2')
    t.same((await Promise.all([...first, third])).map(({ text }) => text).sort(), ['a1', 'b1', 'b2'])
  }
)

t.test('a client that disconnects leaves the queue at once', async t => {
  const { uri, held, holds } = await holding(t)
  const app = await gateway(t, {
    definitions: proxyOf(member('A', uri, { maxRequests: 1, maxQueued: 1, queueTimeout: 0 }))
  })
  const first = send(app)
  await holds(1)
  const client = connect(Number(new URL(app.url).port), '127.0.0.1')
  client.write('GET /services/P HTTP/1.1\r\nHost: a\r\n\r\n')
  const endpoint = endpointOf(app, 'A')
  await until(() => endpoint.queued >= 1)
  client.destroy()
  await until(() => endpoint.queued === 0)
  held[0]!.end('one')
  t.match(await first, { text: 'one' })
  t.equal(held.length, 1, 'its message reached no endpoint')
})

t.test('endpointDefaults hold for endpoints without a limit of their own', async t => {
  const { uri, held, holds } = await holding(t)
  const app = await gateway(t, {
    definitions: proxyOf(member('A', uri, {})),
    endpointDefaults: { maxRequests: 1 }
  })
  const first = send(app)
  await holds(1)
  t.match(await send(app), { status: 503 })
  held[0]!.end('one')
  await first
})

t.test('a limit that a reload adds lets messages pass once those before it have ended', async t => {
  const { uri, held, holds } = await holding(t)
  let limit = {}
  const app = await gateway(t, { definitions: () => proxyOf(member('A', uri, limit)) })
  const first = send(app)
  await holds(1)
  limit = { maxRequests: 1, maxQueued: 1, queueTimeout: 0 }
  await app.app.proxyServices.reload()
  const second = send(app)
  await until(() => endpointOf(app, 'A').queued >= 1)
  held[0]!.end('1')
  await holds(2)
  held[1]!.end('2')
  t.same([(await first).text, (await second).text], ['1', '2'])
})
