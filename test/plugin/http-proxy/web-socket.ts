import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import {
  open, refusal, roundTrip, type webSocketBackend, type WebSocketBackend
} from '../../support/http/web-socket-backend.js'
import { onRoute } from './row.js'
import type { SideOptions } from './sides.js'

/** One upgrade, to `@fastify/http-proxy` and to this plugin in its place. */
export interface WebSocketRow {
  readonly name: string
  readonly backend?: Parameters<typeof webSocketBackend>[2]
  readonly isDown?: boolean
  readonly host?: NonNullable<SideOptions['host']>
  readonly run: (t: Test, url: string, backend: WebSocketBackend) => Promise<unknown>
  readonly expected?: unknown
  /** A known difference: what this plugin gives instead, and why. */
  readonly differs?: { readonly own: unknown; readonly why: string }
}

/** How a WebSocket fails that does not open: a status, or the code with which it is closed. */
async function failureOf (url: string): Promise<string> {
  const webSocket = new WebSocket(url.replace(/^http/, 'ws'))
  webSocket.on('error', () => {})
  return await new Promise(resolve => {
    webSocket.once('unexpected-response', (_, response) => resolve(`status ${response.statusCode}`))
    webSocket.once('open', () => webSocket.once('close', () => resolve('opened, then closed')))
  })
}

/** Upgrades to WebSocket. */
export const WEB_SOCKET: readonly WebSocketRow[] = [
  {
    name: 'WebSocket: a message there and back',
    run: async (t, url) => await roundTrip(await open(t, url), 'x'),
    expected: 'a: x'
  },
  {
    name: 'WebSocket: path and query',
    run: async (t, url, { upgrades }) => {
      await roundTrip(await open(t, `${url}/y?z=1`), 'x')
      return upgrades[0]?.url
    },
    expected: '/base/x/y?z=1'
  },
  {
    name: 'WebSocket: cookies',
    run: async (t, url, { upgrades }) => {
      await roundTrip(await open(t, url, { headers: { cookie: 'a=1' } }), 'x')
      return upgrades[0]?.headers.cookie
    },
    expected: 'a=1'
  },
  {
    name: 'WebSocket: other headers of the client',
    run: async (t, url, { upgrades }) => {
      await roundTrip(await open(t, url, { headers: { authorization: 'Bearer b' } }), 'x')
      return upgrades[0]?.headers.authorization
    },
    differs: { own: 'Bearer b', why: 'http-proxy forwards cookies only' }
  },
  {
    name: 'WebSocket: the subprotocol',
    run: async (t, url) => (await open(t, url, { protocols: ['other', 'chat'] })).protocol,
    differs: { own: 'chat', why: 'the endpoint chooses; http-proxy takes the first of the client' }
  },
  {
    name: 'WebSocket: a hook that refuses',
    host: app => {
      app.addHook('onRequest', async (_, reply) => await reply.code(401).send('no'))
    },
    run: async (t, url, { upgrades }) => [(await refusal(t, url)).status, upgrades.length],
    expected: [401, 0]
  },
  {
    name: 'WebSocket: a hook that fails',
    host: app => {
      app.addHook('preHandler', async () => {
        throw new Error('no')
      })
    },
    run: async (t, url) => (await refusal(t, url)).status,
    expected: 500
  },
  {
    name: 'WebSocket: a path that leaves its prefix',
    run: async (t, url) => (await refusal(t, `${url}/..%2f..%2fprivate`)).status,
    expected: 400
  },
  {
    name: 'WebSocket: another path',
    run: async (t, url) => (await refusal(t, url.replace('/P/', '/Q/'))).status,
    expected: 404
  },
  {
    name: 'WebSocket: an endpoint that refuses the upgrade',
    backend: (_, socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
      return true
    },
    run: async (_, url) => await failureOf(url),
    differs: { own: 'status 403', why: 'http-proxy accepts the client before it connects' }
  },
  {
    name: 'WebSocket: an endpoint that is down',
    isDown: true,
    run: async (_, url) => await failureOf(url),
    differs: { own: 'status 502', why: 'http-proxy accepts the client before it connects' }
  },
  {
    name: 'WebSocket: handlerTimeout ends when it is open',
    host: onRoute(route => Object.assign(route, { handlerTimeout: 2_000 })),
    run: async (t, url) => {
      const client = await open(t, url)
      await setTimeout(2_500)
      return await roundTrip(client, 'x')
    },
    expected: 'a: x'
  },
  {
    name: 'WebSocket: the code of a client that closes',
    run: async (t, url, backend) => {
      const client = await open(t, url)
      await roundTrip(client, 'x')
      const [endpoint] = backend.open
      const closed = once(endpoint!, 'close')
      client.close(4001)
      return (await closed)[0]
    },
    expected: 4001
  },
  {
    name: 'WebSocket: the code of an endpoint that closes',
    run: async (t, url, { open: endpoints }) => {
      const client = await open(t, url)
      await roundTrip(client, 'x')
      const closed = once(client, 'close')
      for (const each of endpoints) each.close(4002)
      return (await closed)[0]
    },
    expected: 4002
  }
]
