import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { type Definitions } from '../../plugins/index.js'
import { bodyOf, post, promised, whole, wire, type Wire } from '../support/http/bare-proxy.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'

/** A back-end that returns the body that it gets. */
const echo: RequestListener = (request, response) => {
  void bodyOf(request).then(body => response.setHeader('Content-Length', body.length).end(body))
}

interface Opened {
  readonly port: number
  /** The requests of the app, in their order. */
  readonly requests: IncomingMessage[]
}

/** An app with a proxy before this back-end. `prepare` adds hooks of the host. */
async function opened (t: Test, listener: RequestListener, prepare = (_app: FastifyInstance): void => {}) {
  const uri = await listenOnLoopback(t, createServer(listener))
  return await openedWith(t, { proxies: { P: { endpoint: { kind: 'address', uri } } } }, prepare)
}

async function openedWith (
  t: Test,
  definitions: Definitions,
  prepare = (_app: FastifyInstance): void => {}
): Promise<Opened> {
  const app = Fastify()
  t.teardown(() => app.close())
  const requests: IncomingMessage[] = []
  app.addHook('onRequest', async ({ raw }: FastifyRequest) => {
    requests.push(raw)
  })
  prepare(app)
  await app.register(proxyServices, { definitions })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: (app.server.address() as AddressInfo).port, requests }
}

const message = (body: string): string => post(body).replace('/x', '/services/P')
const bodyText = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4)

/** Sends pieces one by one: each arrives by itself. */
async function sendPieces ({ socket }: Wire, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>(resolve => socket.write(piece, () => resolve()))
    await new Promise(setImmediate)
  }
}

const WHOLE = message('a small body')
const HEAD = WHOLE.indexOf('\r\n\r\n') + 4

for (const [how, pieces] of [
  ['with its head', [WHOLE]],
  ['after its head', [WHOLE.slice(0, HEAD), WHOLE.slice(HEAD)]],
  ['in two parts', [WHOLE.slice(0, HEAD + 3), WHOLE.slice(HEAD + 3)]],
  ['byte by byte', [WHOLE.slice(0, HEAD), ...WHOLE.slice(HEAD)]]
] as const) {
  t.test(`a small body that comes ${how} reaches the endpoint, and the stream of its request ends`, async t => {
    const { port, requests } = await opened(t, echo)
    const client = wire(t, port, '')
    for (let count = 1; count <= 3; count++) {
      client.text = ''
      await sendPieces(client, pieces)
      t.equal(bodyText(await client.until(whole)), 'a small body')
      const request = requests[count - 1]!
      if (!request.closed) await once(request, 'close')
      t.match(request, { complete: true, readableEnded: true, aborted: false })
      t.equal(requests.length, count)
    }
  })
}

t.test('small bodies of pipelined requests reach the endpoint in their order', async t => {
  const { port, requests } = await opened(t, echo)
  const bodies = ['first', 'second', 'third']
  const client = wire(t, port, bodies.map(message).join(''))
  const text = await client.until(seen => seen.includes('third'))
  t.same(text.match(/first|second|third/g), bodies)
  for (const request of requests) {
    if (!request.closed) await once(request, 'close')
    t.equal(request.readableEnded, true)
  }
})

t.test('a hook that waits for the end of a small body sees it before the endpoint responds', async t => {
  const ended = promised()
  const whenEnded: RequestListener = (request, response) => {
    void ended.promise.then(() => echo(request, response))
  }
  const { port } = await opened(t, whenEnded, app => {
    app.addHook('onRequest', async ({ raw }: FastifyRequest) => {
      raw.on('end', ended.resolve)
    })
  })
  t.equal(bodyText(await wire(t, port, message('a small body')).until(whole)), 'a small body')
})

t.test('a hook that listens to the bytes of a small body sees what the endpoint gets', async t => {
  const seen: Buffer[] = []
  const { port } = await opened(t, echo, app => {
    app.addHook('onRequest', async ({ raw }: FastifyRequest) => {
      raw.on('data', (chunk: Buffer) => seen.push(chunk))
    })
  })
  t.equal(bodyText(await wire(t, port, message('a small body')).until(whole)), 'a small body')
  t.equal(Buffer.concat(seen).toString(), 'a small body')
})

t.test('a response that no endpoint makes ends the stream of a small body', async t => {
  const { port, requests } = await openedWith(t, { proxies: { P: { in: [{ kind: 'respond' }] } } })
  const client = wire(t, port, message('<a/>') + message('<a/>'))
  await client.until(text => text.split('HTTP/1.1 ').length === 3)
  for (const request of requests) {
    if (!request.closed) await once(request, 'close')
    t.match(request, { complete: true, readableEnded: true })
  }
})

t.test('a client that disconnects after its small body takes the request to the endpoint along', async t => {
  const arrived = promised()
  const aborted = promised()
  const { port, requests } = await opened(t, (_request, response) => {
    response.on('close', aborted.resolve)
    arrived.resolve()
  })
  const { socket } = wire(t, port, message('a small body'))
  await arrived.promise
  socket.destroy()
  await aborted.promise
  const request = requests[0]!
  if (!request.closed) await once(request, 'close')
  t.equal(request.destroyed, true)
})
