import { gunzipSync } from 'node:zlib'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { install, url, type Row } from './row.js'

/**
 * Headers that are not compared: values that depend on the time; the connection of the back-end, which http-proxy
 * describes to the client; length and ETag, which small responses have here alone, since they are buffered.
 */
const NOT_COMPARED = new Set([
  'date',
  'x-ratelimit-reset',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'etag'
])

/** An app as it is in production: policies, security headers, compression, an API description. */
async function wholeApp (app: FastifyInstance): Promise<void> {
  await install('@fastify/rate-limit', { max: 100 })(app)
  await install('@fastify/helmet')(app)
  await install('@fastify/cors', { origin: 'http://shop.example', credentials: true })(app)
  await install('@fastify/cookie')(app)
  await install('@fastify/etag')(app)
  await install('@fastify/compress', { threshold: 100 })(app)
  await install('@fastify/under-pressure', { maxHeapUsedBytes: 2 ** 40, exposeStatusRoute: true })(app)
  await install('@fastify/swagger', { openapi: { info: { title: 'shop', version: '1' } } })(app)
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', 'id-1')
    if (request.headers.authorization !== 'Bearer good') return await reply.code(401).send({ error: 'no token' })
    request.headers['x-user'] = 'me'
  })
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ error: 'of the app' })
  )
  app.get('/health', async () => ({ ok: true }))
}

const auth = { authorization: 'Bearer good', origin: 'http://shop.example' }

const REQUESTS: readonly [name: string, request: InjectOptions, status: number][] = [
  ['a GET', { url, headers: auth }, 200],
  ['a GET without a token', { url }, 401],
  ['a compressed response', { url: '/services/P/large', headers: { ...auth, 'accept-encoding': 'gzip' } }, 200],
  ['a POST of JSON', { url, method: 'POST', headers: auth, payload: { a: 1 } }, 200],
  ['HEAD', { url, method: 'HEAD', headers: auth }, 200],
  ['a status of the back-end', { url: '/services/P/missing', headers: auth }, 404],
  ['cookies of the back-end', { url: '/services/P/login', headers: auth }, 200],
  ['a path that leaves the proxy', { url: '/services/P/..%2fx', headers: auth }, 400],
  ['a route of the app', { url: '/health', headers: auth }, 200],
  ['a route of a plugin', { url: '/status', headers: auth }, 200]
]

const COMPARED: Row[] = REQUESTS.map(([name, request, status]): Row => ({
  name:
    'an app with rate limit, helmet, CORS, cookies, ETag, compression, under-pressure, swagger and authentication: ' +
    name,
  host: wholeApp,
  behave: ({ url = '', method, headers }, response) => {
    response.setHeader('Content-Type', 'text/plain')
    if (url.endsWith('/login')) response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    if (url.endsWith('/missing')) response.statusCode = 404
    response.end(url.endsWith('/large') ? 'x'.repeat(5_000) : `${method} ${url} ${headers['x-user']}`)
  },
  async run ({ app, backend }) {
    const { statusCode, headers, rawPayload } = await app.inject(request)
    const seen = Object.entries(headers)
      .filter(([name]) => !NOT_COMPARED.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
    if (statusCode !== status) throw new Error(`${name}: ${statusCode}`)
    const body = headers['content-encoding'] === 'gzip' ? gunzipSync(rawPayload) : rawPayload
    return [statusCode, seen, body.toString(), backend.received.map(({ url, body }) => [url, body])]
  }
}))

/** An app with many plugins: status, headers and body are compared. */
export const WHOLE_APP: readonly Row[] = [
  ...COMPARED,
  {
    name: 'a rate limit for a name without a proxy',
    needs: '@fastify/rate-limit',
    host: install('@fastify/rate-limit', { max: 100 }),
    run: async ({ app }) => (await app.inject('/services/Q')).headers['x-ratelimit-limit'],
    differs: { own: '100', why: 'unknown names reach the route /services/* of the plugin, whose policies apply' }
  }
]
