import { notesOf, url, type Row } from './row.js'
import { gives, injected, receives, TEXT } from './runs.js'

const REQUESTS: Row[] = [
  {
    name: 'inject: a query that is an object',
    run: receives({ query: { a: '1', b: ['2', '3'] } }, ({ url }) => url),
    expected: ['/base/x?a=1&b=2&b=3']
  },
  {
    name: 'inject: a query that is a text',
    run: receives({ query: 'a=1&b=2' }, ({ url }) => url),
    expected: ['/base/x?a=1&b=2']
  },
  {
    name: 'inject: an address in parts',
    async run ({ app, backend }) {
      await app.inject({ url: { pathname: url, query: { a: '1' } } })
      return backend.received.map(({ url }) => url)
    },
    expected: ['/base/x?a=1']
  },
  {
    name: 'inject: an address with scheme and host',
    async run ({ app, backend }) {
      await app.inject(`http://shop.example:81${url}?a=1`)
      return backend.received.map(({ url }) => url)
    },
    expected: ['/base/x?a=1']
  },
  {
    name: 'inject: cookies by name',
    run: receives({ cookies: { a: '1', b: '2' } }, ({ headers }) => headers.cookie),
    expected: ['a=1; b=2']
  },
  {
    name: 'inject: an authority is the host that hooks see, and the back-end gets its own',
    host: app => {
      app.addHook('onRequest', async ({ host }) => {
        notesOf(app).push(host)
      })
    },
    async run ({ app, backend }) {
      await app.inject({ url, authority: 'shop.example:81' })
      return [notesOf(app), backend.received.map(({ headers }) => headers.host === `127.0.0.1:${backend.port}`)]
    },
    expected: [['shop.example:81'], [true]]
  },
  {
    name: 'inject: a remoteAddress is the ip that hooks see',
    host: app => {
      app.addHook('onRequest', async ({ ip }) => {
        notesOf(app).push(ip)
      })
    },
    async run ({ app }) {
      await app.inject({ url, remoteAddress: '192.0.2.7' })
      return notesOf(app)
    },
    expected: ['192.0.2.7']
  },
  {
    name: 'inject: HEAD has the headers of GET, and no body',
    run: gives(({ statusCode, body, headers }) => [statusCode, body, headers['x-back-end']], { method: 'HEAD' }),
    expected: [200, '', 'one']
  },
  {
    name: 'inject: OPTIONS is forwarded',
    run: injected({ method: 'OPTIONS' }),
    expected: [200, 'OPTIONS /base/x ']
  },
  {
    name: 'inject: DELETE without a body',
    run: receives({ method: 'DELETE' }, ({ method, headers, body }) => [method, headers['content-length'], body])
  },
  {
    name: 'inject: a method in lower case',
    run: injected({ method: 'patch' as 'PATCH', headers: TEXT, payload: 'text' }),
    expected: [200, 'PATCH /base/x text']
  },
  {
    name: 'inject: headers with several values',
    run: receives({ headers: { 'x-many': ['1', '2'] } }, ({ headers }) => headers['x-many']),
    expected: ['1, 2']
  },
  {
    name: 'inject: headers with empty values and numbers',
    run: receives({ headers: { 'x-empty': '', 'x-number': 5 } }, ({ headers }) => [
      headers['x-empty'],
      headers['x-number']
    ]),
    expected: [['', '5']]
  },
  {
    name: 'inject: the chained form',
    async run ({ app }) {
      const { statusCode, body } = await app.inject().post(url).headers(TEXT).query({ a: '1' }).body('text')
      return [statusCode, body]
    },
    expected: [200, 'POST /base/x?a=1 text']
  },
  {
    name: 'inject: a callback',
    run: async ({ app }) =>
      await new Promise((resolve, reject) =>
        app.inject({ url }, (error, response) => (error == null ? resolve(response!.body) : reject(error)))
      ),
    expected: 'GET /base/x '
  },
  {
    name: 'inject: twenty requests at once',
    async run ({ app }) {
      const all = await Promise.all(
        Array.from({ length: 20 }, async (_, at) => (await app.inject(`${url}?${at}`)).body)
      )
      return all
    },
    expected: Array.from({ length: 20 }, (_, at) => `GET /base/x?${at} `)
  }
]

const RESPONSES: Row[] = [
  {
    name: 'inject: the body as bytes',
    behave: (_, response) => response.end(Buffer.from([0, 255, 13, 10])),
    run: gives(({ rawPayload }) => [...rawPayload]),
    expected: [0, 255, 13, 10]
  },
  {
    name: 'inject: the body as JSON',
    behave: (_, response) => response.setHeader('content-type', 'application/json').end('{"a":1}'),
    run: gives(response => response.json()),
    expected: { a: 1 }
  },
  {
    name: 'inject: the body as a stream',
    behave: (_, response) => {
      for (let at = 0; at < 10; at++) response.write('x'.repeat(10_000))
      response.end()
    },
    async run ({ app }) {
      const { statusCode, stream } = await app.inject({ url, payloadAsStream: true })
      let length = 0
      for await (const chunk of stream()) length += (chunk as Buffer).length
      return [statusCode, length]
    },
    expected: [200, 100_000]
  },
  {
    name: 'inject: cookies of the response',
    behave: (_, response) => response.setHeader('set-cookie', ['a=1', 'b=2; Path=/']).end(),
    run: gives(({ cookies }) => cookies.map(({ name, value }) => [name, value])),
    expected: [
      ['a', '1'],
      ['b', '2']
    ]
  },
  {
    name: 'inject: the reason phrase is the one of the status',
    behave: (_, response) => response.writeHead(404, 'Nowhere').end(),
    run: gives(({ statusCode, statusMessage }) => [statusCode, statusMessage]),
    expected: [404, 'Not Found']
  },
  {
    name: 'inject: a response header with several values',
    behave: (_, response) => response.setHeader('x-many', ['1', '2']).end(),
    run: gives(({ headers }) => headers['x-many'])
  },
  {
    name: 'inject: Content-Length of the response',
    behave: (_, response) => response.setHeader('content-length', 3).end('abc'),
    run: gives(({ headers, body }) => [headers['content-length'], body]),
    expected: ['3', 'abc']
  }
]

/** A signal that is aborted when the back-end has the request. */
const ABORTS: Row[] = [
  {
    name: 'inject: a signal that is aborted while the back-end works',
    behave: () => {},
    async run ({ app, backend }) {
      const controller = new AbortController()
      const response = app.inject({ url, signal: controller.signal }).then(
        ({ statusCode }) => statusCode,
        (error: Error) => error.name
      )
      await backend.nextRequest()
      controller.abort()
      return await response
    }
  },
  {
    name: 'inject: a signal that was aborted before',
    async run ({ app, backend }) {
      const signal = AbortSignal.abort()
      const outcome = await app.inject({ url, signal }).then(
        ({ statusCode }) => statusCode,
        (error: Error) => error.name
      )
      return [outcome, backend.received.length]
    }
  },
  {
    name: 'inject: a client whose connection fails inside its body',
    async run ({ app, backend }) {
      const outcome = await app
        .inject({
          method: 'POST',
          url,
          headers: { 'content-type': 'application/octet-stream', 'content-length': '100' },
          payload: 'half',
          simulate: { end: false, split: false, error: true, close: false }
        })
        .then(
          ({ statusCode }) => statusCode,
          () => 'no response'
        )
      return [outcome, backend.received.length]
    },
    expected: [500, 0]
  }
]

/** What `app.inject` takes and gives, beside bodies of requests. */
export const INJECT: readonly Row[] = [...REQUESTS, ...RESPONSES, ...ABORTS]
