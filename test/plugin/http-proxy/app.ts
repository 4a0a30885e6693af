import { header, get, hook, raw, status, url, type Row } from './row.js'

/** The app around the proxy. */
export const APP: readonly Row[] = [
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
