import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { serve, type Running } from '../support/processes/serve-process.js'
import {
  backend,
  bodyOf,
  origin,
  post,
  promised,
  rawBackend,
  whole,
  wire,
  type Wire
} from '../support/http/bare-proxy.js'

/** A gateway with one proxy, whose path is `/services/P`. Returns its port. */
async function gateway (t: Test, uri: string, flags: readonly string[]): Promise<{ port: number, running: Running }> {
  const file = join(t.testdir({
    'p.json': JSON.stringify({ proxies: { P: { in: [{ kind: 'send', endpoint: { kind: 'address', uri } }] } } })
  }), 'p.json')
  const running = serve(t, file, flags)
  return { port: await running.port('Server'), running }
}

const request = (body: string): string => post(body).replace(/^POST \S+/, 'POST /services/P')

t.test('half-closed: a client that has ended its side gets the responses to its requests, and then the end', async t => {
  const isEndRead = promised()
  const port = await backend(t, async (request, response) => {
    if (await bodyOf(request) !== '<later/>') await isEndRead.promise
    response.end('ok')
  })
  const { port: served } = await gateway(t, origin(port), [])
  const client = wire(t, served, request('<a/>') + request('<b/>'))
  await once(client.socket.end(), 'finish')
  // The gateway serves a request that follows the end only when it has read the end.
  await wire(t, served, request('<later/>')).until(whole)
  isEndRead.resolve()
  await client.closed
  t.equal(client.text.match(/HTTP\/1\.1 200 /g)?.length, 2)
  t.match(client.text, /ok$/)
})

/** A client ends its side while it waits for a response. Resolves when the connection to the endpoint is closed. */
async function abandoned (t: Test, timeout: number): Promise<Wire> {
  const [arrived, closed] = [promised(), promised()]
  const port = await rawBackend(t, socket => { socket.on('data', arrived.resolve).on('close', closed.resolve) })
  const { port: served } = await gateway(t, origin(port), ['--client-half-closed-timeout', String(timeout)])
  const client = wire(t, served, request('<a/>'))
  await arrived.promise
  client.socket.end()
  await closed.promise
  return client
}

t.test('a half-closed client whose time is over counts as disconnected, and the connection to the endpoint closes', async t => {
  const client = await abandoned(t, 200)
  t.equal(client.text, '')
})

t.test('0: a client that ends its side has disconnected', async t => {
  const client = await abandoned(t, 0)
  await client.closed
  t.equal(client.text, '')
})

t.test('an idle connection that a client ends is closed at once, and a request without its end is refused', async t => {
  const port = await backend(t, (_, response) => response.end('ok'))
  const { port: served } = await gateway(t, origin(port), ['--client-half-closed-timeout', '60000'])
  const idle = wire(t, served, request('<a/>'))
  await idle.until(whole)
  idle.socket.end()
  await idle.closed
  const broken = wire(t, served, request('<abc/>').slice(0, -3))
  broken.socket.end()
  await broken.closed
  t.notMatch(broken.text, / 200 /)
})
