import type { IncomingMessage, ServerResponse } from 'node:http'
import { header, get, hook, install, raw, response, url, type Row, type Seen } from './row.js'
import { gives } from './runs.js'
import type { Side } from './sides.js'

const backEndSees =
  (name: string) =>
    async (side: Side): Promise<Seen> => {
      await get(side, url, { 'x-a': '1' })
      return side.backend.received[0]?.headers[name]
    }

const reset = (_: IncomingMessage, response: ServerResponse): void => {
  response.socket!.resetAndDestroy()
}

/** Headers of requests and responses. */
export const HEADERS: readonly Row[] = [
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
    behave: reset,
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
    name: 'rate limit: its headers',
    needs: '@fastify/rate-limit',
    host: install('@fastify/rate-limit', { max: 10 }),
    run: header('x-ratelimit-remaining'),
    expected: '9'
  },
  {
    name: 'a session: its cookie, and the session of the next request',
    needs: '@fastify/session',
    host: async app => {
      await install('@fastify/cookie')(app)
      const cookie = { secure: false }
      await install('@fastify/session', { secret: 's'.repeat(32), cookie, idGenerator: () => 'id-1' })(app)
      hook('preHandler', (request, reply) => {
        const session = Reflect.get(request, 'session') as { count?: number }
        session.count = (session.count ?? 0) + 1
        void reply.header('x-count', String(session.count))
      })(app)
    },
    run: async ({ app }) => {
      const first = await app.inject(url)
      const { name, value } = first.cookies[0]!
      const second = await app.inject({ url, cookies: { [name]: value } })
      return [name, first.headers['x-count'], second.headers['x-count']]
    },
    expected: ['sessionId', '1', '2']
  },
  {
    name: 'a status and its headers',
    behave: (_, response) => {
      response.writeHead(303, { Location: '/elsewhere' }).end()
    },
    run: gives(({ statusCode, headers }) => [statusCode, headers.location]),
    expected: [303, '/elsewhere']
  },
  {
    name: '204',
    behave: (_, response) => {
      response.writeHead(204).end()
    },
    run: side => response(side),
    expected: [204, '']
  },
  {
    name: '304',
    behave: (_, response) => {
      response.writeHead(304, { ETag: '"1"' }).end()
    },
    run: gives(({ statusCode, headers }) => [statusCode, headers.etag]),
    expected: [304, '"1"']
  },
  {
    name: 'an error of the back-end is forwarded',
    behave: (_, response) => {
      response.writeHead(500).end('broken')
    },
    run: side => response(side),
    expected: [500, 'broken']
  }
]
