import { Readable, Transform } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { promised, whole, wire } from '../../support/http/bare-proxy.js'
import { broken, failingAtOnce } from './broken.js'
import { get, response, status, url, type Row } from './row.js'
import { TEXT } from './runs.js'
import { listening } from './sides.js'

const post = { method: 'POST' as const, url, headers: TEXT, payload: 'hello' }

/** Status of a POST, and how many requests reached the back-end. */
const posted: Row['run'] = async ({ app, backend }) => {
  const { statusCode, body } = await app.inject(post)
  return [statusCode, statusCode < 500 ? body : '', backend.received.length]
}

const PRE_PARSING: Row[] = [
  {
    name: 'preParsing that gives nothing leaves the payload',
    host: app => {
      app.addHook('preParsing', async () => {})
    },
    run: posted,
    expected: [200, 'POST /base/x hello', 1]
  },
  {
    name: 'preParsing with a payload that fails at once',
    host: app => {
      app.addHook('preParsing', async () => failingAtOnce())
    },
    async run ({ app }) {
      return (await app.inject(post)).statusCode >= 400
    },
    expected: true
  },
  {
    name: 'preParsing with a payload that fails midway',
    host: app => {
      app.addHook('preParsing', async () =>
        Readable.from(
          (async function * () {
            yield Buffer.from('hel')
            await new Promise(resolve => setImmediate(resolve))
            throw new Error('broken')
          })()
        )
      )
    },
    async run ({ app, backend }) {
      return [(await app.inject(post)).statusCode >= 400, backend.received.length]
    },
    expected: [true, 0]
  },
  {
    name: 'preParsing with a payload that never ends, with handlerTimeout',
    server: { handlerTimeout: 300 },
    host: app => {
      app.addHook('preParsing', async () => new Readable({ read () {} }))
    },
    run: async ({ app }) => (await app.inject(post)).statusCode,
    expected: 503
  },
  {
    name: 'preParsing with an empty payload',
    host: app => {
      app.addHook('preParsing', async () => Readable.from([]))
    },
    async run ({ app }) {
      const { statusCode, body } = await app.inject({
        ...post,
        headers: { ...TEXT, 'transfer-encoding': 'chunked' },
        payload: Readable.from([Buffer.from('hello')])
      })
      return [statusCode, body]
    },
    expected: [200, 'POST /base/x ']
  },
  {
    name: 'preParsing with a payload of texts',
    host: app => {
      app.addHook('preParsing', async (_request, _reply, payload) => {
        payload.resume()
        return Object.assign(Readable.from(['HEL', 'LO']), { receivedEncodedLength: 5 })
      })
    },
    run: posted,
    expected: [200, 'POST /base/x HELLO', 1]
  }
]

/** Runs when the response of the proxy is sent, and not again for the error that it makes. */
const onSend =
  (run: (payload: unknown, reply: FastifyReply) => unknown) =>
    (app: FastifyInstance): void => {
      let isFirst = true
      app.addHook('onSend', async (_request, reply, payload) => {
        if (!isFirst) return payload
        isFirst = false
        return await run(payload, reply)
      })
    }

const FIRST_PART = 'x'.repeat(100)
/** Resolves when the client of the present run has the first part of its response. */
let firstPart = promised()

/** Status and body of a response that may break inside. */
const received: Row['run'] = async (side, t) => {
  firstPart = promised()
  const { resolve } = firstPart
  const client = wire(t, await listening(side.app), `GET ${url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  client.until(text => text.includes(FIRST_PART)).then(() => resolve(), () => {})
  // Fastify keeps the connection after an error, whatever the client asks for.
  await Promise.race([client.closed, client.until(whole).catch(() => {})])
  return [client.text.slice(9, 12), whole(client.text)]
}

const ON_SEND: Row[] = [
  {
    name: 'onSend that replaces the payload with an error',
    since: '5.12.8',
    host: onSend(() => new Error('broken')),
    run: side => status(side),
    expected: 500
  },
  {
    name: 'onSend that replaces the payload with an object',
    since: '5.12.8',
    host: onSend(() => ({ a: 1 })),
    run: side => status(side),
    expected: 500
  },
  {
    name: 'onSend that replaces the payload with a number',
    since: '5.12.8',
    host: onSend(() => 5),
    run: side => status(side),
    expected: 500
  },
  {
    name: 'onSend that replaces the payload with a Buffer',
    host: onSend(() => Buffer.from('mine')),
    run: side => response(side),
    expected: [200, 'mine']
  },
  {
    name: 'onSend that replaces the payload with an empty text',
    host: onSend(() => ''),
    run: side => response(side),
    expected: [200, '']
  },
  {
    name: 'onSend that replaces the payload with null',
    host: onSend(() => null),
    run: side => response(side),
    expected: [200, '']
  },
  {
    name: 'onSend that replaces the payload with a stream',
    host: onSend(() => Readable.from([Buffer.from('mi'), Buffer.from('ne')])),
    run: side => response(side),
    expected: [200, 'mine']
  },
  {
    name: 'onSend with a stream that fails at once',
    host: onSend(failingAtOnce),
    run: received
  },
  {
    name: 'onSend with a stream that fails midway',
    host: onSend((_payload, reply) => {
      void reply.removeHeader('content-length')
      return Readable.from(
        (async function * () {
          yield Buffer.from(FIRST_PART)
          await firstPart.promise
          throw new Error('broken')
        })()
      )
    }),
    run: received,
    expected: ['200', false]
  },
  {
    name: 'onSend with a transformation that fails midway',
    behave: (_, response) => {
      response.write(FIRST_PART)
      void firstPart.promise.then(() => response.end('y'))
    },
    host: onSend(payload =>
      (payload as Readable).pipe(
        new Transform({
          transform: (chunk: Buffer, _encoding, done) => done(chunk.includes('y') ? new Error('broken') : null, chunk)
        })
      )
    ),
    run: received,
    expected: ['200', false]
  },
  {
    name: 'onSend with a stream, where the back-end breaks midway',
    behave: (_, response) => {
      response.write(FIRST_PART)
      void firstPart.promise.then(() => response.destroy())
    },
    host: onSend(payload => payload),
    run: received,
    expected: ['200', false]
  },
  {
    name: 'onSend that sets a status and headers',
    host: onSend((payload, reply) => {
      void reply.code(299).header('x-sent', '1')
      return payload
    }),
    async run (side) {
      const { status, body, headers } = await get(side)
      return [status, body, Reflect.get(headers, 'x-sent')]
    },
    expected: [299, 'GET /base/x ', '1']
  },
  {
    name: 'onSend that never calls back, with handlerTimeout',
    server: { handlerTimeout: 300 },
    host: app => {
      let isFirst = true
      app.addHook('onSend', (_request, _reply, payload, done) => {
        if (!isFirst) done(null, payload)
        isFirst = false
      })
    },
    run: side => status(side),
    expected: 503
  },
  {
    name: 'onSend that throws for a response of the host, too',
    host: app => {
      app.addHook('onSend', async () => broken())
    },
    run: side => response(side)
  }
]

/** Hooks of the host that break a payload. */
export const BROKEN_PAYLOADS: readonly Row[] = [...PRE_PARSING, ...ON_SEND]
