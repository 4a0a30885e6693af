import { readFileSync } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { exchange, optionalPlugin, sides, type Side, type SideOptions, type WireResponse } from './http-proxy.js'

/** What is compared of a row: anything that can be serialized. */
type Seen = unknown

interface Row extends SideOptions {
  readonly name: string
  /** A plugin that must be installed. */
  readonly needs?: string
  readonly run: (side: Side) => Promise<Seen>
  /** What both must give; undefined: what http-proxy gives. */
  readonly expected?: Seen
  /** A known difference: what this plugin gives instead, and why. */
  readonly differs?: { readonly own: Seen; readonly why: string }
}

const url = '/services/P/x'
const get = async (
  { app }: Side,
  path = url,
  headers = {}
): Promise<{ status: number; body: string; headers: object }> => {
  const { statusCode: status, body, headers: received } = await app.inject({ url: path, headers })
  return { status, body, headers: received }
}
const status = async (side: Side, path = url): Promise<number> => (await get(side, path)).status
const statuses = async (side: Side, count: number): Promise<number[]> => {
  const all: number[] = []
  for (let at = 0; at < count; at++) all.push(await status(side))
  return all
}
const hook =
  (name: string, run: (request: FastifyRequest, reply: FastifyReply) => unknown) =>
    (app: FastifyInstance): void => {
      app.addHook(name as 'preHandler', async (request, reply) => {
      // A reply is thenable, and would be awaited until it is sent.
        const result = run(request, reply)
        if (result instanceof Promise) await result
      })
    }
const onRoute =
  (add: (route: { url: string; preHandler?: unknown; onRequest?: unknown }) => void) =>
    (app: FastifyInstance): void => {
      app.addHook('onRoute', route => {
        if (route.url.startsWith('/services/P')) add(route)
      })
    }
const deny = (_request: FastifyRequest, reply: FastifyReply, _done: () => void): void => {
  void reply.code(401).send('no')
}
const raw = async (side: Side, lines: string, body = ''): Promise<WireResponse> =>
  await exchange(side, `${lines.replaceAll('\n', '\r\n')}\r\nConnection: close\r\n\r\n${body}`)
const target = (path: string): Pick<Row, 'run'> => ({
  async run (side) {
    const { status } = await raw(side, `GET ${path} HTTP/1.1\nHost: a`)
    return { status, received: side.backend.received.map(({ url }) => url) }
  }
})
const install =
  (name: string, options: object = {}) =>
    async (app: FastifyInstance): Promise<void> => {
      const plugin = await optionalPlugin(name)
      if (plugin !== undefined) await app.register(plugin, options)
    }
const header =
  (name: string) =>
    async (side: Side): Promise<Seen> =>
      ({ ...((await get(side)).headers as Record<string, unknown>) })[name]
const backEndSees =
  (name: string) =>
    async (side: Side): Promise<Seen> => {
      await get(side, url, { 'x-a': '1' })
      return side.backend.received[0]?.headers[name]
    }
const reset = (_: unknown, response: { socket: { resetAndDestroy(): void } | null }): void => {
  response.socket!.resetAndDestroy()
}

const ROWS: Row[] = [
  // Policies
  {
    name: 'rate limit in preHandler',
    needs: '@fastify/rate-limit',
    host: install('@fastify/rate-limit', { max: 1, hook: 'preHandler' }),
    run: side => statuses(side, 4),
    expected: [200, 429, 429, 429]
  },
  {
    name: 'rate limit in onRequest',
    needs: '@fastify/rate-limit',
    host: install('@fastify/rate-limit', { max: 2 }),
    run: side => statuses(side, 4),
    expected: [200, 200, 429, 429]
  },
  {
    name: 'rate limit in preValidation',
    needs: '@fastify/rate-limit',
    host: install('@fastify/rate-limit', { max: 1, hook: 'preValidation' }),
    run: side => statuses(side, 2),
    expected: [200, 429]
  },
  {
    name: 'a preHandler that an onRoute hook appends',
    host: onRoute(route => {
      route.preHandler = [route.preHandler ?? [], deny].flat()
    }),
    run: side => status(side),
    expected: 401
  },
  {
    name: 'a preHandler that an onRoute hook prepends',
    host: onRoute(route => {
      route.preHandler = [deny, route.preHandler ?? []].flat()
    }),
    run: side => status(side),
    expected: 401
  },
  {
    name: 'an onRequest that an onRoute hook appends',
    host: onRoute(route => {
      route.onRequest = [route.onRequest ?? [], deny].flat()
    }),
    run: side => status(side),
    expected: 401
  },
  {
    name: 'a global onRequest hook that replies',
    host: hook('onRequest', (_, reply) => reply.code(401).send('no')),
    run: side => get(side).then(({ status, body }) => [status, body]),
    expected: [401, 'no']
  },
  {
    name: 'a global preHandler hook that replies',
    host: hook('preHandler', (_, reply) => reply.code(401).send('no')),
    run: side => status(side),
    expected: 401
  },
  {
    name: 'a hook that throws',
    host: hook('preHandler', () => {
      throw Object.assign(new Error('teapot'), { statusCode: 418 })
    }),
    run: side => get(side).then(({ status, body }) => [status, body])
  },
  {
    name: 'a hook that rejects with a text',
    host: hook('onRequest', () => {
      throw new Error('broken')
    }),
    run: side => status(side),
    expected: 500
  },
  {
    name: 'an error handler of the host sees hooks that fail',
    host: app => {
      app.setErrorHandler((_error, _request, reply) => reply.code(499).send('handled'))
      hook('onRequest', () => {
        throw new Error('x')
      })(app)
    },
    run: side => status(side),
    expected: 499
  },
  {
    name: 'hooks run in their order',
    host: app => {
      for (const name of ['preHandler', 'onRequest', 'preValidation']) { hook(name, (_, reply) => reply.header(`x-${name}`, String(Object.keys(reply.getHeaders()).length)))(app) }
    },
    run: async side =>
      Object.entries((await get(side)).headers)
        .filter(([name]) => name.startsWith('x-'))
        .filter(([name]) => name !== 'x-back-end')
        .sort()
  },

  // Targets
  { name: 'a dot segment', ...target('/services/P/../private'), expected: { status: 400, received: [] } },
  {
    name: 'an encoded dot segment',
    ...target('/services/P/%2e%2e/private'),
    expected: { status: 400, received: [] }
  },
  {
    name: 'a dot segment before an encoded slash',
    ...target('/services/P/..%2fprivate'),
    expected: { status: 400, received: [] }
  },
  {
    name: 'a dot segment before a backslash',
    ...target('/services/P/..\\private'),
    expected: { status: 400, received: [] }
  },
  {
    name: 'a dot segment before an encoded backslash',
    ...target('/services/P/..%5cprivate'),
    expected: { status: 400, received: [] }
  },
  {
    name: 'a dot segment in the middle',
    ...target('/services/P/a/../../b'),
    expected: { status: 400, received: [] }
  },
  { name: 'a malformed escape', ...target('/services/P/%zz'), expected: { status: 400, received: [] } },
  {
    name: 'dots that are no segment',
    ...target('/services/P/a..b/...'),
    differs: {
      own: { status: 200, received: ['/base/a..b/...'] },
      why: 'only a whole segment of two dots is refused'
    }
  },
  {
    name: 'a dot segment in the query',
    ...target('/services/P/a?b=../c'),
    expected: { status: 200, received: ['/base/a?b=../c'] }
  },
  { name: 'double slashes', ...target('/services/P//a//b'), expected: { status: 200, received: ['/base//a//b'] } },
  {
    name: 'path parameters',
    ...target('/services/P/a;jsessionid=1'),
    expected: { status: 200, received: ['/base/a;jsessionid=1'] }
  },
  {
    name: 'encoded characters',
    ...target('/services/P/a%2Fb%20c'),
    expected: { status: 200, received: ['/base/a%2Fb%20c'] }
  },
  {
    name: 'an absolute-form target',
    ...target('http://a/services/P/x'),
    differs: { own: { status: 200, received: ['/base/x'] }, why: 'RFC 9112, section 3.2.2: a server must accept it' }
  },
  { name: 'the prefix alone', ...target('/services/P'), expected: { status: 200, received: ['/base'] } },
  { name: 'the prefix with a slash', ...target('/services/P/'), expected: { status: 200, received: ['/base/'] } },
  { name: 'a query alone', ...target('/services/P?a=1'), expected: { status: 200, received: ['/base?a=1'] } },
  { name: 'an encoded prefix', ...target('/serv%69ces/P/x'), expected: { status: 200, received: ['/base/x'] } },
  {
    name: 'two different Host headers',
    run: async side => (await raw(side, `GET ${url} HTTP/1.1\nHost: a\nHost: b`)).status,
    differs: { own: 400, why: 'RFC 9112, section 3.2' }
  },
  { name: 'another prefix', run: side => status(side, '/services/PP/x'), expected: 404 },

  // Methods and bodies
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method): Row => ({
    name: `${method} with a body`,
    async run (side) {
      const { statusCode, body } = await side.app.inject({
        method: method as 'POST',
        url,
        headers: { 'content-type': 'text/plain' },
        payload: 'hello'
      })
      return [statusCode, body]
    },
    expected: [200, `${method} /base/x hello`]
  })),
  {
    name: 'HEAD',
    async run (side) {
      const { statusCode, body } = await side.app.inject({ method: 'HEAD', url })
      return [statusCode, body, side.backend.received[0]?.method]
    },
    expected: [200, '', 'HEAD']
  },
  {
    name: 'POST without a body',
    async run (side) {
      const { statusCode, body } = await side.app.inject({ method: 'POST', url })
      return [statusCode, body]
    },
    expected: [200, 'POST /base/x ']
  },
  {
    name: 'a body in chunks',
    async run (side) {
      const { status, body } = await raw(
        side,
        `POST ${url} HTTP/1.1\nHost: a\nContent-Type: text/plain\nTransfer-Encoding: chunked`,
        '5\r\nhello\r\n0\r\n\r\n'
      )
      return [status, body]
    },
    expected: [200, 'POST /base/x hello']
  },
  {
    name: 'a stream through inject',
    async run (side) {
      const { statusCode, body } = await side.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'text/plain' },
        payload: Readable.from([Buffer.from('hel'), Buffer.from('lo')])
      })
      return [statusCode, body]
    },
    expected: [200, 'POST /base/x hello']
  },
  {
    name: 'a JSON body is forwarded as it came',
    async run (side) {
      const { body } = await side.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        payload: '{"a": 1}'
      })
      return body
    },
    expected: 'POST /base/x {"a": 1}'
  },
  {
    name: 'a preParsing hook that replaces the payload',
    host: app => {
      app.addHook('preParsing', async (_request, _reply, payload) =>
        payload.pipe(
          new Transform({
            transform (chunk: Buffer, _encoding, done) {
              done(null, chunk.toString().toUpperCase())
            }
          })
        )
      )
    },
    async run (side) {
      const { body } = await side.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'text/plain' },
        payload: 'hello'
      })
      return body
    },
    expected: 'POST /base/x HELLO'
  },
  {
    name: 'a preParsing hook that fails',
    host: app => {
      app.addHook('preParsing', async () => {
        throw new Error('no')
      })
    },
    async run (side) {
      return (
        await side.app.inject({ method: 'POST', url, headers: { 'content-type': 'text/plain' }, payload: 'hello' })
      ).statusCode
    },
    expected: 500
  },
  {
    name: 'a gzip request with compress',
    needs: '@fastify/compress',
    host: install('@fastify/compress'),
    async run (side) {
      const { body } = await side.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
        payload: gzipSync('hello')
      })
      return body
    },
    expected: 'POST /base/x hello'
  },

  // Headers of the request
  {
    name: 'a header that a hook sets',
    host: hook('onRequest', request => {
      request.headers['x-a'] = '2'
    }),
    run: backEndSees('x-a'),
    expected: '2'
  },
  {
    name: 'a header that a hook adds',
    host: hook('preHandler', request => {
      request.headers['x-user'] = 'me'
    }),
    run: backEndSees('x-user'),
    expected: 'me'
  },
  {
    name: 'a header that a hook deletes',
    host: hook('preHandler', request => {
      delete request.headers['x-a']
    }),
    run: backEndSees('x-a')
  },
  {
    name: 'headers that a hook replaces as a whole',
    host: hook('preHandler', request => {
      request.headers = { ...request.headers, 'x-a': '3' }
    }),
    run: backEndSees('x-a'),
    differs: { own: '3', why: 'http-proxy forwards the headers of the raw request' }
  },
  {
    name: 'repeated headers that a hook reduces to the first one',
    host: hook('onRequest', request => {
      request.headers['x-role'] = 'user'
    }),
    async run (side) {
      await raw(side, `GET ${url} HTTP/1.1\nHost: a\nX-Role: user\nX-Role: admin`)
      return side.backend.received[0]?.headers['x-role']
    },
    expected: 'user'
  },
  {
    name: 'casing and order of the others stay',
    host: hook('onRequest', request => {
      request.headers['x-a'] = '2'
    }),
    async run (side) {
      await raw(side, `GET ${url} HTTP/1.1\nHost: a\nX-B: 1\nX-A: 1\nX-C: 1`)
      return side.backend.received[0]?.rawHeaders.filter(name => /^X-/i.test(name))
    },
    differs: { own: ['X-B', 'X-A', 'X-C'], why: 'http-proxy writes names in lower case' }
  },
  {
    name: 'hop-by-hop headers',
    async run (side) {
      await raw(side, `GET ${url} HTTP/1.1\nHost: a\nProxy-Authorization: x\nTE: trailers`)
      return [side.backend.received[0]?.headers['proxy-authorization'], side.backend.received[0]?.headers['te']]
    },
    differs: { own: [undefined, undefined], why: 'they end at the gateway: RFC 9110, section 7.6.1' }
  },

  // Headers of the response
  {
    name: 'a reply header of a hook',
    host: hook('onRequest', (_, reply) => reply.header('x-h', '1')),
    run: header('x-h'),
    expected: '1'
  },
  {
    name: 'a header on the raw response',
    host: hook('onRequest', (_, reply) => {
      reply.raw.setHeader('x-h', '1')
    }),
    run: header('x-h'),
    expected: '1'
  },
  {
    name: 'a reply header that the back-end sends too',
    host: hook('onRequest', (_, reply) => reply.header('x-back-end', 'host')),
    run: header('x-back-end'),
    expected: 'one'
  },
  {
    name: 'several Set-Cookie of hooks and the back-end',
    host: hook('onRequest', (_, reply) => reply.header('set-cookie', 'a=1').header('set-cookie', 'b=2')),
    behave: (_, response) => {
      response.setHeader('Set-Cookie', ['c=3', 'd=4'])
      response.end()
    },
    run: header('set-cookie'),
    expected: ['a=1', 'b=2', 'c=3', 'd=4']
  },
  {
    name: 'CORS',
    needs: '@fastify/cors',
    host: install('@fastify/cors', { origin: 'http://o' }),
    run: header('access-control-allow-origin'),
    expected: 'http://o'
  },
  {
    name: 'a CORS preflight',
    needs: '@fastify/cors',
    host: install('@fastify/cors', { origin: 'http://o' }),
    async run (side) {
      const { statusCode, headers } = await side.app.inject({
        method: 'OPTIONS',
        url,
        headers: { origin: 'http://o', 'access-control-request-method': 'POST' }
      })
      return [statusCode, headers['access-control-allow-origin'], side.backend.received.length]
    },
    expected: [204, 'http://o', 0]
  },
  {
    name: 'CORS on a failure of the back-end',
    needs: '@fastify/cors',
    host: install('@fastify/cors', { origin: 'http://o' }),
    behave: reset as never,
    run: header('access-control-allow-origin'),
    expected: 'http://o'
  },
  {
    name: 'helmet',
    needs: '@fastify/helmet',
    host: install('@fastify/helmet'),
    run: header('x-content-type-options'),
    expected: 'nosniff'
  },
  {
    name: 'cookies',
    needs: '@fastify/cookie',
    host: async app => {
      await install('@fastify/cookie')(app)
      hook('onRequest', (_, reply) =>
        (reply as unknown as { setCookie(name: string, value: string): void }).setCookie('k', 'v')
      )(app)
    },
    run: header('set-cookie'),
    expected: 'k=v; SameSite=Lax'
  },
  {
    name: 'a status and its headers',
    behave: (_, response) => {
      response.writeHead(303, { Location: '/elsewhere' }).end()
    },
    async run (side) {
      const { statusCode, headers } = await side.app.inject(url)
      return [statusCode, headers.location]
    },
    expected: [303, '/elsewhere']
  },
  {
    name: '204',
    behave: (_, response) => {
      response.writeHead(204).end()
    },
    run: side => get(side).then(({ status, body }) => [status, body]),
    expected: [204, '']
  },
  {
    name: '304',
    behave: (_, response) => {
      response.writeHead(304, { ETag: '"1"' }).end()
    },
    async run (side) {
      const { statusCode, headers } = await side.app.inject(url)
      return [statusCode, headers.etag]
    },
    expected: [304, '"1"']
  },
  {
    name: 'an error of the back-end is forwarded',
    behave: (_, response) => {
      response.writeHead(500).end('broken')
    },
    run: side => get(side).then(({ status, body }) => [status, body]),
    expected: [500, 'broken']
  },

  // onSend
  {
    name: 'onSend replaces the payload',
    host: app => {
      app.addHook('onSend', async () => 'replaced')
    },
    async run (side) {
      const { statusCode, body, headers } = await side.app.inject(url)
      return [statusCode, body, headers['content-length']]
    },
    expected: [200, 'replaced', '8']
  },
  {
    name: 'onSend sets a header',
    host: app => {
      app.addHook('onSend', async (_request, reply, payload) => {
        void reply.header('x-sent', '1')
        return payload
      })
    },
    run: header('x-sent'),
    expected: '1'
  },
  {
    name: 'onSend fails',
    host: app => {
      app.addHook('onSend', async (_request, reply) => {
        if (reply.statusCode === 200) throw new Error('no')
      })
    },
    run: side => status(side),
    expected: 500
  },
  {
    name: 'onSend of one route',
    host: onRoute(route => {
      Object.assign(route, {
        onSend: async (_request: unknown, reply: FastifyReply, payload: unknown) => {
          void reply.header('x-sent', '1')
          return payload
        }
      })
    }),
    run: header('x-sent'),
    expected: '1'
  },
  {
    name: 'etag',
    needs: '@fastify/etag',
    host: install('@fastify/etag'),
    behave: (_, response) => {
      response.setHeader('Content-Length', 3).end('abc')
    },
    async run (side) {
      return (await side.app.inject(url)).statusCode
    },
    expected: 200
  },
  {
    name: 'compress',
    needs: '@fastify/compress',
    host: install('@fastify/compress', { threshold: 0 }),
    behave: (_, response) => {
      response.setHeader('Content-Type', 'text/plain')
      response.end('x'.repeat(5000))
    },
    async run (side) {
      const { headers, rawPayload } = await side.app.inject({ url, headers: { 'accept-encoding': 'gzip' } })
      return [
        headers['content-encoding'],
        headers['content-encoding'] === 'gzip' ? gunzipSync(rawPayload).length : rawPayload.length
      ]
    },
    expected: ['gzip', 5000]
  },
  {
    name: 'compress with a stream',
    needs: '@fastify/compress',
    host: install('@fastify/compress', { threshold: 0 }),
    behave: (_, response) => {
      response.setHeader('Content-Type', 'text/plain')
      for (let at = 0; at < 20; at++) response.write('y'.repeat(20_000))
      response.end()
    },
    async run (side) {
      const { headers, rawPayload } = await side.app.inject({ url, headers: { 'accept-encoding': 'gzip' } })
      return [headers['content-encoding'], gunzipSync(rawPayload).length]
    },
    expected: ['gzip', 400_000]
  },

  // The app
  {
    name: 'onResponse sees the status',
    host: app => {
      app.decorate('statuses', [])
      app.addHook('onResponse', async (_request, reply) => {
        ;(app as unknown as { statuses: number[] }).statuses.push(reply.statusCode)
      })
    },
    async run (side) {
      await get(side)
      return (side.app as unknown as { statuses: number[] }).statuses
    },
    expected: [200]
  },
  {
    name: 'setNotFoundHandler',
    host: app => {
      app.setNotFoundHandler((_request, reply) => {
        void reply.code(404).send('mine')
      })
    },
    run: side => get(side, '/services/Q').then(({ status, body }) => [status, body]),
    expected: [404, 'mine']
  },
  {
    name: 'ignoreDuplicateSlashes',
    server: { routerOptions: { ignoreDuplicateSlashes: true } },
    run: side => get(side, '//services//P/x').then(({ status, body }) => [status, body]),
    expected: [200, 'GET /base/x ']
  },
  {
    name: 'caseSensitive: false',
    server: { routerOptions: { caseSensitive: false } },
    run: side => get(side, '/SERVICES/p/x').then(({ status, body }) => [status, body]),
    expected: [200, 'GET /base/x ']
  },
  {
    name: 'rewriteUrl',
    server: { rewriteUrl: request => (request.url ?? '').replace('/old', '/services/P') },
    run: side => get(side, '/old/x').then(({ status, body }) => [status, body]),
    expected: [200, 'GET /base/x ']
  },
  {
    name: 'handlerTimeout',
    server: { handlerTimeout: 100 },
    behave: () => {},
    run: side => status(side),
    expected: 503
  },
  {
    name: 'handlerTimeout of a slow response body',
    server: { handlerTimeout: 5_000 },
    run: side => status(side),
    expected: 200
  },
  {
    name: 'request ids in responses',
    host: hook('onRequest', (request, reply) => reply.header('x-request-id', request.id)),
    server: { genReqId: () => 'id-1' },
    run: header('x-request-id'),
    expected: 'id-1'
  },
  {
    name: 'a WebSocket upgrade without websocket',
    async run (side) {
      const { status } = await raw(
        side,
        `GET ${url} HTTP/1.1\nHost: a\nUpgrade: websocket\nSec-WebSocket-Key: x\nSec-WebSocket-Version: 13`
      )
      return [status, side.backend.received.length]
    },
    differs: { own: [426, 0], why: 'http-proxy fails with 500; the request is never forwarded as a plain GET' }
  }
]

/** A row that hangs must not hide the others. */
const orTimeout = async (seen: Promise<Seen>): Promise<Seen> =>
  await Promise.race([seen, setTimeout(4_000, 'no response within 4 s', { ref: false })])

const page = readFileSync(new URL('../../../docs/fastify.md', import.meta.url), 'utf8')

t.test('the comparison has at least 60 rows', async t => {
  t.ok(ROWS.length >= 60, `${ROWS.length} rows`)
})

for (const { name, needs, run, expected, differs, ...options } of ROWS) {
  t.test(`beside @fastify/http-proxy: ${name}`, async t => {
    if (needs !== undefined && (await optionalPlugin(needs)) === undefined) {
      t.pass(`skipped: ${needs} is not installed`)
      return
    }
    const [reference, own] = await sides(t, options)
    const theirs = await orTimeout(run(reference))
    const ours = await orTimeout(run(own))
    if (differs !== undefined) t.strictSame(ours, differs.own, differs.why)
    else {
      t.strictSame(ours, theirs, 'as http-proxy')
      if (expected !== undefined) t.strictSame(ours, expected)
    }
    const row = `| ${name} | ${differs === undefined ? 'the same' : differs.why} |`
    t.ok(page.includes(row), `docs/fastify.md: ${row}`)
  })
}
