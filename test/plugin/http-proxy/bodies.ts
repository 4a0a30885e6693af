import { Readable, Transform } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { install, raw, url, type Row } from './row.js'
import { gives, injected, TEXT } from './runs.js'

/** Methods and bodies. */
export const BODIES: readonly Row[] = [
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method): Row => ({
    name: `${method} with a body`,
    run: injected({ method: method as 'POST', headers: TEXT, payload: 'hello' }),
    expected: [200, `${method} /base/x hello`]
  })),
  {
    name: 'HEAD',
    async run (side) {
      const { statusCode, body } = await side.app.inject({ method: 'HEAD', url })
      return [statusCode, body, side.backend.received[0]?.method]
    },
    expected: [200, '', 'HEAD']
  },
  {
    name: 'POST without a body',
    run: injected({ method: 'POST' }),
    expected: [200, 'POST /base/x ']
  },
  {
    name: 'a body in chunks',
    async run (side) {
      const { status, body } = await raw(
        side,
        `POST ${url} HTTP/1.1\nHost: a\nContent-Type: text/plain\nTransfer-Encoding: chunked`,
        '5\r\nhello\r\n0\r\n\r\n'
      )
      return [status, body]
    },
    expected: [200, 'POST /base/x hello']
  },
  {
    name: 'a stream through inject',
    run: injected(() => ({
      method: 'POST',
      headers: TEXT,
      payload: Readable.from([Buffer.from('hel'), Buffer.from('lo')])
    })),
    expected: [200, 'POST /base/x hello']
  },
  {
    name: 'a JSON body is forwarded as it came',
    run: gives(({ body }) => body, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      payload: '{"a": 1}'
    }),
    expected: 'POST /base/x {"a": 1}'
  },
  {
    name: 'a preParsing hook that replaces the payload',
    host: app => {
      app.addHook('preParsing', async (_request, _reply, payload) =>
        payload.pipe(
          new Transform({
            transform (chunk: Buffer, _encoding, done) {
              done(null, chunk.toString().toUpperCase())
            }
          })
        )
      )
    },
    run: gives(({ body }) => body, { method: 'POST', headers: TEXT, payload: 'hello' }),
    expected: 'POST /base/x HELLO'
  },
  {
    name: 'a preParsing hook that fails',
    host: app => {
      app.addHook('preParsing', async () => {
        throw new Error('no')
      })
    },
    run: gives(({ statusCode }) => statusCode, { method: 'POST', headers: TEXT, payload: 'hello' }),
    expected: 500
  },
  {
    name: 'a gzip request with compress',
    needs: '@fastify/compress',
    host: install('@fastify/compress'),
    run: gives(({ body }) => body, {
      method: 'POST',
      headers: { ...TEXT, 'content-encoding': 'gzip' },
      payload: gzipSync('hello')
    }),
    expected: 'POST /base/x hello'
  }
]
