import { get, hook, notesOf, raw, url, type Row } from './row.js'

async function handlersIn (work: () => Promise<unknown>): Promise<string[]> {
  const { channel } = await import('node:diagnostics_channel')
  const started = channel('tracing:fastify.request.handler:start')
  const seen: string[] = []
  const listen = (message: unknown): void => {
    seen.push((message as { route: { url: string } }).route.url)
  }
  started.subscribe(listen)
  try {
    await work()
  } finally {
    started.unsubscribe(listen)
  }
  return seen
}

/** A back-end that waits for this many requests, and answers the last one first. */
function lastFirst (count: number): NonNullable<Row['behave']> {
  const waiting: (() => void)[] = []
  return ({ url }, response) => {
    waiting.unshift(() => response.setHeader('Content-Length', 1).end(url!.at(-1)))
    if (waiting.length === count) for (const respond of waiting.splice(0)) respond()
  }
}

/** What hooks and back-ends learn of a client, and the connection of a client. */
export const CLIENTS: readonly Row[] = [
  {
    name: 'requestIdHeader',
    server: { requestIdHeader: 'x-id' },
    host: app => hook('onRequest', ({ id }) => notesOf(app).push(id))(app),
    async run (side) {
      await get(side, url, { 'x-id': 'seven' })
      return notesOf(side.app)
    },
    expected: ['seven']
  },
  {
    name: 'trustProxy',
    server: { trustProxy: true },
    host: app => hook('onRequest', ({ ip, host, protocol }) => notesOf(app).push(`${ip} ${host} ${protocol}`))(app),
    async run (side) {
      await get(side, url, {
        'x-forwarded-for': '192.0.2.7',
        'x-forwarded-host': 'shop.example',
        'x-forwarded-proto': 'https'
      })
      return notesOf(side.app)
    },
    expected: ['192.0.2.7 shop.example https']
  },
  {
    name: 'X-Forwarded headers of the client reach the back-end',
    async run (side) {
      await get(side, url, { 'x-forwarded-for': '192.0.2.7', forwarded: 'for=192.0.2.7' })
      const { headers } = side.backend.received[0]!
      return [headers['x-forwarded-for'], headers['forwarded']]
    },
    expected: ['192.0.2.7', 'for=192.0.2.7']
  },
  {
    name: 'Expect: 100-continue',
    async run (side) {
      const { text } = await raw(
        side,
        `POST ${url} HTTP/1.1\nHost: a\nContent-Type: text/plain\nContent-Length: 4\nExpect: 100-continue`,
        'text'
      )
      return [text.startsWith('HTTP/1.1 100 Continue\r\n'), text.includes('POST /base/x text')]
    },
    differs: { own: [true, true], why: 'http-proxy forwards Expect, which its client refuses: 500' }
  },
  {
    name: 'a client of HTTP/1.0',
    async run (side) {
      const { status, body } = await raw(side, `GET ${url} HTTP/1.0\nHost: a`)
      return [status, body]
    },
    expected: [200, 'GET /base/x ']
  },
  {
    name: 'pipelined requests are answered in their order',
    behave: lastFirst(3),
    async run (side) {
      const { text } = await raw(
        side,
        ['1', '2'].map(path => `GET /services/P/${path} HTTP/1.1\nHost: a\n\n`).join('') +
          'GET /services/P/3 HTTP/1.1\nHost: a'
      )
      return text.match(/\r\n\r\n\d/g)
    },
    expected: ['\r\n\r\n1', '\r\n\r\n2', '\r\n\r\n3']
  },
  {
    name: 'the handler is on the diagnostics channel of Fastify',
    run: async ({ app }) => await handlersIn(async () => await app.inject(url)),
    expected: ['/services/P/*']
  }
]
