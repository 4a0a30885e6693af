import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { whole, wire, type Wire } from '../../support/http/bare-proxy.js'
import { until } from '../../support/until.js'
import { hook, notesOf, noting, onRoute, raw, response, status, url, type Row } from './row.js'
import { hasNoClients, listening, type Side } from './sides.js'

/** Sends bytes on a connection of their own. */
const connected = async (t: Test, side: Side, request: string): Promise<Wire> =>
  wire(t, await listening(side.app), request)

/** Milliseconds of which the test needs some before they are over, also on a slow machine. */
const TIME_LIMIT = 1_500

const GET = `GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`
const HALF_POST = `POST ${url} HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: 100\r\n\r\nhalf`

const silent = (): void => {}
/** Sends the head and the start of a body, and nothing more. */
const stalls = (_: IncomingMessage, response: ServerResponse): void => {
  response.setHeader('Content-Type', 'text/plain').write('start')
}
/** Sends a body that never ends. */
const trickles = (_: IncomingMessage, response: ServerResponse): void => {
  const timer = setInterval(() => response.write('x'), 20)
  response.on('close', () => clearInterval(timer))
}

/** What a client gets until its connection ends: the status, whether the response is whole, and what hooks noted. */
const untilClosed =
  (request: string): Row['run'] =>
    async (side, t) => {
      const client = await connected(t, side, request)
      await client.closed
      await until(() => hasNoClients(side.app), 'the gateway has closed the connection')
      const status = /^HTTP\/1.1 (\d+)/.exec(client.text)?.[1] ?? 'none'
      return { status, whole: whole(client.text), notes: notesOf(side.app) }
    }

const CONNECTION_TIMEOUT: Row[] = [
  {
    name: 'connectionTimeout: a back-end that is silent, with an onTimeout hook',
    server: { connectionTimeout: TIME_LIMIT },
    host: noting('onTimeout'),
    behave: silent,
    run: untilClosed(GET),
    expected: { status: 'none', whole: false, notes: ['onTimeout'] }
  },
  {
    name: 'connectionTimeout: a response body that stalls, with an onTimeout hook',
    server: { connectionTimeout: TIME_LIMIT },
    host: noting('onTimeout'),
    behave: stalls,
    run: untilClosed(GET),
    expected: { status: '200', whole: false, notes: ['onTimeout'] }
  },
  {
    name: 'connectionTimeout: a request body that stalls, with onTimeout and onRequestAbort hooks',
    server: { connectionTimeout: TIME_LIMIT },
    host: noting('onTimeout', 'onRequestAbort'),
    behave: silent,
    async run (side, t) {
      const seen = await untilClosed(HALF_POST)(side, t)
      await until(() => notesOf(side.app).includes('onRequestAbort'), 'the hook runs')
      return seen
    },
    expected: { status: 'none', whole: false, notes: ['onTimeout', 'onRequestAbort'] }
  },
  {
    name: 'connectionTimeout without hooks',
    server: { connectionTimeout: TIME_LIMIT },
    behave: silent,
    run: untilClosed(GET),
    expected: { status: 'none', whole: false, notes: [] }
  },
  {
    name: 'connectionTimeout: the second request of a connection is the one that its onTimeout hook gets',
    server: { connectionTimeout: TIME_LIMIT },
    host: app => {
      app.addHook('onTimeout', async request => {
        notesOf(app).push(request.url)
      })
    },
    behave: ({ url }, response) => {
      if (url === '/base/first') response.end('ok')
    },
    async run (side, t) {
      const client = await connected(t, side, GET.replace('/x', '/first'))
      await client.until(whole)
      client.socket.write(GET.replace('/x', '/second'))
      await client.closed
      return notesOf(side.app)
    },
    expected: ['/services/P/second']
  }
]

/** A client that leaves when this has happened. */
const leaving =
  (request: string, when: (client: Wire, side: Side) => Promise<unknown>): Row['run'] =>
    async (side, t) => {
      const client = await connected(t, side, request)
      await when(client, side)
      client.socket.destroy()
      await until(() => notesOf(side.app).includes('onRequestAbort'), 'the hook runs')
      return notesOf(side.app)
    }

const requestArrives = async (_: Wire, { backend }: Side): Promise<void> => {
  await until(() => backend.received.length > 0, 'the back-end has the request')
}
const responseBegins = async (client: Wire): Promise<void> => {
  await client.until(text => text.includes('start'))
}
const handlerBegins = async (_: Wire, { app }: Side): Promise<void> => {
  await until(() => notesOf(app).includes('preHandler'), 'the handler begins')
}

const ON_REQUEST_ABORT: Row[] = [
  {
    name: 'onRequestAbort: a client that leaves while it waits',
    host: noting('onRequestAbort'),
    behave: silent,
    run: leaving(GET, requestArrives),
    expected: ['onRequestAbort']
  },
  {
    name: 'onRequestAbort: a client that leaves inside the response body',
    host: noting('onRequestAbort'),
    behave: stalls,
    run: leaving(GET, responseBegins),
    expected: ['onRequestAbort']
  },
  {
    name: 'onRequestAbort: a client that leaves inside its own body',
    host: noting('preHandler', 'onRequestAbort'),
    behave: silent,
    run: leaving(HALF_POST, handlerBegins),
    expected: ['preHandler', 'onRequestAbort']
  },
  {
    name: 'onRequestAbort: no client has left',
    host: noting('onRequestAbort'),
    async run (side) {
      await raw(side, `GET ${url} HTTP/1.1\nHost: a`)
      return notesOf(side.app)
    },
    expected: []
  }
]

const slowRoute = (milliseconds: number) =>
  onRoute(route => Object.assign(route, { handlerTimeout: milliseconds }))

const noteAbort = (app: FastifyInstance): void =>
  hook('onRequest', request => {
    request.signal.addEventListener('abort', () => notesOf(app).push('aborted'))
  })(app)

/** Whether the request to a back-end that is silent is aborted. */
function abortedByTimeout (): Pick<Row, 'behave' | 'run'> {
  let unanswered: ServerResponse | undefined
  return {
    behave: (_, response) => {
      unanswered = response
    },
    async run (side) {
      const closed = side.backend.nextAbort()
      await status(side)
      if (side.name === 'http-proxy') {
        // What it aborted would be over within these turns of the event loop.
        for (let count = 0; count < 100; count++) await turn()
        unanswered?.end('late')
      }
      return await closed
    }
  }
}

const HANDLER_TIMEOUT: Row[] = [
  {
    name: 'handlerTimeout: a back-end that is silent',
    server: { handlerTimeout: 300 },
    behave: silent,
    run: side => status(side),
    expected: 503
  },
  {
    name: 'handlerTimeout: a response in time',
    server: { handlerTimeout: 60_000 },
    run: side => response(side),
    expected: [200, 'GET /base/x ']
  },
  {
    name: 'handlerTimeout: a response body that takes longer is truncated',
    since: '5.12.8',
    server: { handlerTimeout: TIME_LIMIT },
    behave: trickles,
    run: untilClosed(GET),
    expected: { status: '200', whole: false, notes: [] }
  },
  {
    name: 'handlerTimeout: a request body that takes longer',
    server: { handlerTimeout: 300 },
    behave: silent,
    async run (side, t) {
      const client = await connected(t, side, HALF_POST)
      return (await client.until(whole)).slice(0, 12)
    },
    expected: 'HTTP/1.1 503'
  },
  {
    name: 'handlerTimeout of one route, by an onRoute hook',
    host: slowRoute(300),
    behave: silent,
    run: side => status(side),
    expected: 503
  },
  {
    name: 'handlerTimeout: an error handler of the host gets it',
    server: { handlerTimeout: 300 },
    host: app => app.setErrorHandler((error: { code?: string }, _request, reply) => reply.code(504).send(error.code)),
    behave: silent,
    run: side => response(side),
    expected: [504, 'FST_ERR_HANDLER_TIMEOUT']
  },
  {
    name: 'handlerTimeout: request.signal is aborted',
    server: { handlerTimeout: 300 },
    host: noteAbort,
    behave: silent,
    async run (side) {
      return [await status(side), notesOf(side.app)]
    },
    expected: [503, ['aborted']]
  },
  {
    name: 'handlerTimeout: the request to the back-end is aborted',
    server: { handlerTimeout: TIME_LIMIT },
    ...abortedByTimeout(),
    differs: { own: true, why: 'http-proxy lets the back-end work on' }
  }
]

/** Limits of time, and clients that leave. */
export const TIME_LIMITS: readonly Row[] = [...CONNECTION_TIMEOUT, ...ON_REQUEST_ABORT, ...HANDLER_TIMEOUT]
