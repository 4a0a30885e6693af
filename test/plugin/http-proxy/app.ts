import { get, header, hook, notesOf, raw, response, url, type Row } from './row.js'

/** The app around the proxy. */
export const APP: readonly Row[] = [
  {
    name: 'onResponse sees the status',
    host: app => {
      app.addHook('onResponse', async (_request, reply) => {
        notesOf(app).push(String(reply.statusCode))
      })
    },
    async run (side) {
      await get(side)
      return notesOf(side.app)
    },
    expected: ['200']
  },
  {
    name: 'setNotFoundHandler',
    host: app => {
      app.setNotFoundHandler((_request, reply) => {
        void reply.code(404).send('mine')
      })
    },
    run: side => response(side, '/services/Q'),
    expected: [404, 'mine']
  },
  {
    name: 'handlerTimeout: a slow response body in time',
    server: { handlerTimeout: 60_000 },
    behave: (_, response) => {
      response.write('start')
      setTimeout(() => response.end(', end'), 100)
    },
    run: side => response(side),
    expected: [200, 'start, end']
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
