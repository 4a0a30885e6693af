import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Test } from 'tap'
import { whole, wire, type Wire } from '../../support/http/bare-proxy.js'
import { until } from '../../support/until.js'
import { notesOf, noting, response, url, type Row } from './row.js'
import { hasNoClients, listening, type Side } from './sides.js'

const GET = `GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`
const POST = `POST ${url} HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: 2000000\r\n\r\n`

const hooks = noting('onRequest', 'onRequestAbort', 'onResponse')

interface Phase {
  readonly name: string
  readonly request: string
  /** More than what a gateway may buffer is sent before the client leaves. */
  readonly body?: string
  readonly behave?: (request: IncomingMessage, response: ServerResponse) => void
  /** Resolves when the request is in this phase. */
  readonly when: (client: Wire, side: Side) => Promise<unknown>
}

const isConnected = (_: Wire, { app }: Side): Promise<void> =>
  until(() => notesOf(app).includes('connection'), 'the client is connected')
const hasBegun = (_: Wire, { app }: Side): Promise<void> =>
  until(() => notesOf(app).includes('onRequest'), 'the request has begun')
const hasArrived = (_: Wire, { backend }: Side): Promise<void> =>
  until(() => backend.received.length > 0, 'the back-end has the request')
const isReceived = (text: string) => (client: Wire): Promise<string> =>
  client.until(received => received.includes(text))

const PHASES: Phase[] = [
  { name: 'inside the head', request: `GET ${url} HTTP/1.1\r\nHo`, when: isConnected },
  { name: 'after the head of a POST', request: POST, when: hasBegun },
  { name: 'inside a body that is buffered', request: `${POST}half`, when: hasBegun },
  { name: 'inside a body that streams', request: POST + 'x'.repeat(1_000_000), when: hasBegun },
  { name: 'while it waits', request: GET, behave: () => {}, when: hasArrived },
  {
    name: 'inside the body of the response',
    request: GET,
    behave: (_, response) => { response.writeHead(200, { 'Content-Length': 100 }).write('start') },
    when: isReceived('start')
  },
  {
    name: 'inside a long body that it does not read',
    request: GET,
    behave: (_, response) => response.end(Buffer.alloc(32 << 20, 'x')),
    when: isReceived('xxx')
  }
]

type Leave = (client: Wire) => unknown

/** How a client leaves: with a FIN or with a reset. */
const WAYS: readonly [name: string, leave: Leave][] = [
  ['closes', ({ socket }) => socket.destroy()],
  ['resets', ({ socket }) => socket.resetAndDestroy()]
]

async function notesAfter (side: Side, t: Test, { request, when }: Phase, leave: Leave): Promise<string[]> {
  side.app.server.on('connection', () => notesOf(side.app).push('connection'))
  const client = wire(t, await listening(side.app), request)
  await when(client, side)
  leave(client)
  await until(() => hasNoClients(side.app), 'the gateway has closed the connection')
  return notesOf(side.app).filter(each => each !== 'connection')
}

/** The listeners of a connection and its server, by event. */
const listenersOf = ({ app }: Side, socket: Socket): number =>
  [socket, app.server].reduce(
    (sum, emitter) => sum + emitter.eventNames().reduce((count, name) => count + emitter.listenerCount(name), 0),
    0
  )

/** Sends requests one after the other on one connection. Returns how many listeners the last twenty have added. */
const addedListeners =
  (request: string): Row['run'] =>
    async (side, t) => {
      const port = await listening(side.app)
      const connected = once(side.app.server, 'connection') as Promise<[Socket]>
      const client = wire(t, port, '')
      const [socket] = await connected
      const counts: number[] = []
      for (let at = 0; at < 25; at++) {
        client.text = ''
        client.socket.write(request)
        await client.until(whole)
        counts.push(listenersOf(side, socket))
      }
      return counts.at(-1)! - counts[4]!
    }

const LISTENERS: Row[] = [
  { name: 'many requests on one connection add no listeners', run: addedListeners(GET), expected: 0 },
  {
    name: 'many requests with hooks for timeouts and aborts on one connection add no listeners',
    server: { handlerTimeout: 60_000, connectionTimeout: 60_000 },
    host: noting('onTimeout', 'onRequestAbort', 'onSend', 'onResponse'),
    run: addedListeners(GET),
    expected: 0
  },
  {
    name: 'many requests with bodies on one connection add no listeners',
    run: addedListeners(POST.replace('2000000', '5') + 'hello'),
    expected: 0
  },
  {
    name: 'many requests that hooks refuse on one connection add no listeners',
    host: app => {
      app.addHook('preHandler', async (_, reply) => await reply.code(401).send('no'))
    },
    run: addedListeners(GET),
    expected: 0
  },
  {
    name: 'many requests to a back-end that fails on one connection add no listeners',
    behave: (_, response) => response.writeHead(500).end('no'),
    run: addedListeners(GET),
    expected: 0
  }
]

/** After a client has left: the connection is closed, hooks have run, the next client is served. */
const LEAVING: Row[] = PHASES.flatMap(phase =>
  WAYS.map(([way, leave]): Row => ({
    name: `a client that ${way} ${phase.name}`,
    host: hooks,
    behave: (request, response) => {
      if (request.url === '/base/next') response.end('next')
      else if (phase.behave === undefined) response.end('ok')
      else phase.behave(request, response)
    },
    async run (side, t) {
      const notes = await notesAfter(side, t, phase, leave)
      return [[...notes], await response(side, '/services/P/next')]
    }
  }))
)

/** Clients that leave, and what is left of them. */
export const DISCONNECTS: readonly Row[] = [...LEAVING, ...LISTENERS]
