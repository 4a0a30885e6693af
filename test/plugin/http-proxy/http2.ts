import { once } from 'node:events'
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { request as requestOverTls } from 'node:https'
import type { Test } from 'tap'
import { CERTIFICATE, KEY } from '../../support/http/certificate.js'
import { hook, install, notesOf, noting, url, type Row } from './row.js'
import { listening, type Side } from './sides.js'

interface Response {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends a request over HTTP/2. */
async function send (client: ClientHttp2Session, headers: object, body?: string): Promise<Response> {
  const stream = client.request({ ':path': url, ...headers }, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  const [received] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return { headers: received, body: text }
}

/** A client of an app over HTTP/2, without TLS. */
async function clientOf (t: Test, { app }: Pick<Side, 'app'>): Promise<ClientHttp2Session> {
  const client = connect(`http://127.0.0.1:${await listening(app)}`)
  t.teardown(() => client.destroy())
  return client
}

const sends =
  (headers: object, body: string | undefined, pick: (response: Response, side: Side) => unknown): Row['run'] =>
    async (side, t) => pick(await send(await clientOf(t, side), headers, body), side)

const http2 = { http2: true } as const
const secure = { http2: true, https: { key: KEY, cert: CERTIFICATE, allowHTTP1: true } } as const

/** Servers of HTTP/2. */
export const HTTP2: readonly Row[] = [
  {
    name: 'HTTP/2: a GET',
    http2,
    run: sends({}, undefined, ({ headers, body }) => [headers[':status'], headers['x-back-end'], body]),
    expected: [200, 'one', 'GET /base/x ']
  },
  {
    name: 'HTTP/2: a POST without Content-Length',
    http2,
    run: sends({ ':method': 'POST', 'content-type': 'text/plain' }, 'hello', ({ body }) => body),
    expected: 'POST /base/x hello'
  },
  {
    name: 'HTTP/2: HEAD',
    http2,
    run: sends({ ':method': 'HEAD' }, undefined, ({ headers, body }, { backend }) => [
      headers[':status'], body, backend.received[0]!.method
    ]),
    expected: [200, '', 'HEAD']
  },
  {
    name: 'HTTP/2: no pseudo-header reaches the back-end, and Host is its own',
    http2,
    run: sends({ ':authority': 'shop.example' }, undefined, (_, { backend }) => {
      const { headers } = backend.received[0]!
      return [Object.keys(headers).filter(name => name.startsWith(':')), headers.host === `127.0.0.1:${backend.port}`]
    }),
    expected: [[], true]
  },
  {
    name: 'HTTP/2: :authority is the host that hooks see',
    http2,
    host: app => hook('onRequest', ({ host }) => notesOf(app).push(host))(app),
    run: sends({ ':authority': 'shop.example' }, undefined, (_, { app }) => notesOf(app)),
    expected: ['shop.example']
  },
  {
    name: 'HTTP/2: several Set-Cookie of hooks and the back-end',
    http2,
    host: hook('onRequest', (_, reply) => reply.header('set-cookie', 'a=1')),
    behave: (_, response) => {
      response.setHeader('Set-Cookie', ['b=2', 'c=3']).end()
    },
    run: sends({}, undefined, ({ headers }) => headers['set-cookie']),
    expected: ['a=1', 'b=2', 'c=3']
  },
  {
    name: 'HTTP/2: headers about the connection of the back-end end at the gateway',
    http2,
    behave: (_, response) => {
      response.writeHead(200, { Connection: 'keep-alive', 'Keep-Alive': 'timeout=5' }).end('ok')
    },
    run: sends({}, undefined, ({ headers, body }) => [headers.connection, headers['keep-alive'], body]),
    expected: [undefined, undefined, 'ok']
  },
  {
    name: 'HTTP/2: a long body there and back',
    http2,
    behave: (request, response) => response.end(Buffer.alloc(1 << 20, request.method!)),
    run: sends(
      { ':method': 'POST', 'content-type': 'text/plain' }, 'x'.repeat(1 << 20),
      ({ body }, { backend }) => [body.length, backend.received[0]!.body.length]
    ),
    expected: [1 << 20, 1 << 20]
  },
  {
    name: 'HTTP/2: a header that a hook sets, and one of the reply',
    http2,
    host: hook('preHandler', (request, reply) => {
      request.headers['x-user'] = 'me'
      void reply.header('x-seen', '1')
    }),
    run: sends({}, undefined, ({ headers }, { backend }) => [
      headers['x-seen'],
      backend.received[0]!.headers['x-user']
    ]),
    expected: ['1', 'me']
  },
  {
    name: 'HTTP/2: an onSend hook replaces the payload',
    http2,
    host: app => {
      app.addHook('onSend', async () => 'mine')
    },
    run: sends({}, undefined, ({ body }) => body),
    expected: 'mine'
  },
  {
    name: 'HTTP/2: compress',
    needs: '@fastify/compress',
    http2,
    host: install('@fastify/compress', { threshold: 0 }),
    run: sends({ 'accept-encoding': 'gzip' }, undefined, ({ headers }) => headers['content-encoding']),
    expected: 'gzip'
  },
  {
    name: 'HTTP/2: a hook that refuses',
    http2,
    host: hook('onRequest', (_, reply) => reply.code(401).send('no')),
    run: sends({}, undefined, ({ headers, body }, { backend }) => [headers[':status'], body, backend.received.length]),
    expected: [401, 'no', 0]
  },
  {
    name: 'HTTP/2: a dot segment',
    http2,
    run: sends({ ':path': '/services/P/..%2fx' }, undefined, ({ headers }, { backend }) => [
      headers[':status'], backend.received.length
    ]),
    expected: [400, 0]
  },
  {
    name: 'HTTP/2: twenty requests at once on one connection',
    http2,
    async run (side, t) {
      const client = await clientOf(t, side)
      const all = await Promise.all(
        Array.from({ length: 20 }, async (_, at) => await send(client, { ':path': `/services/P/${at}` }))
      )
      return all.map(({ body }) => body)
    },
    expected: Array.from({ length: 20 }, (_, at) => `GET /base/${at} `)
  },
  {
    name: 'HTTP/2: a client that resets its stream while it waits',
    http2,
    host: noting('onRequestAbort'),
    behave: ({ url }, response) => {
      if (url === '/base/next') response.end('next')
    },
    async run (side, t) {
      const client = await clientOf(t, side)
      const stream = client.request({ ':path': url })
      stream.on('error', () => {})
      await side.backend.nextRequest()
      stream.close(8) // CANCEL
      await once(stream, 'close')
      return (await send(client, { ':path': '/services/P/next' })).body
    },
    expected: 'next'
  },
  {
    name: 'HTTP/2 over TLS with allowHTTP1: a client of HTTP/2',
    http2: secure,
    async run ({ app }, t) {
      const client = connect(`https://localhost:${await listening(app)}`, { ca: CERTIFICATE })
      t.teardown(() => client.destroy())
      const { body } = await send(client, { ':method': 'POST', 'content-type': 'text/plain' }, 'hello')
      return [client.alpnProtocol, body]
    },
    expected: ['h2', 'POST /base/x hello']
  },
  {
    name: 'HTTP/2 over TLS with allowHTTP1: a client of HTTP/1.1',
    http2: secure,
    async run ({ app }) {
      const port = await listening(app)
      const request = requestOverTls({
        host: 'localhost',
        port,
        path: url,
        ca: CERTIFICATE,
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        agent: false
      })
      request.end('hello')
      const [response] = await once(request, 'response')
      let body = ''
      for await (const chunk of response) body += chunk
      return [response.httpVersion, response.statusCode, body]
    },
    expected: ['1.1', 200, 'POST /base/x hello']
  }
]
