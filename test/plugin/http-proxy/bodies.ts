import { Readable, Transform } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { install, raw, url, type Row } from './row.js'

/** Methods and bodies. */
export const BODIES: readonly Row[] = [
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method): Row => ({
    name: `${method} with a body`,
    async run (side) {
      const { statusCode, body } = await side.app.inject({
        method: method as 'POST',
        url,
        headers: { 'content-type': 'text/plain' },
        payload: 'hello'
      })
      return [statusCode, body]
    },
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
    async run (side) {
      const { statusCode, body } = await side.app.inject({ method: 'POST', url })
      return [statusCode, body]
    },
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
    async run (side) {
      const { statusCode, body } = await side.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'text/plain' },
        payload: Readable.from([Buffer.from('hel'), Buffer.from('lo')])
      })
      return [statusCode, body]
    },
    expected: [200, 'POST /base/x hello']
  },
  {
    name: 'a JSON body is forwarded as it came',
    async run (side) {
      const { body } = await side.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        payload: '{"a": 1}'
      })
      return body
    },
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
    async run (side) {
      const { body } = await side.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'text/plain' },
        payload: 'hello'
      })
      return body
    },
    expected: 'POST /base/x HELLO'
  },
  {
    name: 'a preParsing hook that fails',
    host: app => {
      app.addHook('preParsing', async () => {
        throw new Error('no')
      })
    },
    async run (side) {
      return (
        await side.app.inject({ method: 'POST', url, headers: { 'content-type': 'text/plain' }, payload: 'hello' })
      ).statusCode
    },
    expected: 500
  },
  {
    name: 'a gzip request with compress',
    needs: '@fastify/compress',
    host: install('@fastify/compress'),
    async run (side) {
      const { body } = await side.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
        payload: gzipSync('hello')
      })
      return body
    },
    expected: 'POST /base/x hello'
  }
]
