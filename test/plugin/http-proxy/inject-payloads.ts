import { Readable } from 'node:stream'
import type { InjectOptions } from 'fastify'
import { url, type Row } from './row.js'
import type { Side } from './sides.js'

type Options = Omit<InjectOptions, 'url'>

/** Status and body of a request that is injected. */
const injected =
  (options: Options | (() => Options)): Row['run'] =>
    async ({ app }) => {
      const { statusCode, body } = await app.inject({ url, ...(typeof options === 'function' ? options() : options) })
      return [statusCode, body]
    }

const text = { 'content-type': 'text/plain' }

/** Something of the request that the back-end has received. */
const receives =
  (options: Options, pick: (received: Side['backend']['received'][number]) => unknown): Row['run'] =>
    async ({ app, backend }) => {
      await app.inject({ url, ...options })
      return backend.received.map(pick)
    }

/** Bodies of requests that `app.inject` sends. */
export const INJECT_PAYLOADS: readonly Row[] = [
  {
    name: 'inject: a payload that is a text',
    run: injected({ method: 'POST', headers: text, payload: 'text' }),
    expected: [200, 'POST /base/x text']
  },
  {
    name: 'inject: a payload that is a Buffer',
    run: injected({ method: 'POST', headers: text, payload: Buffer.from('bytes') }),
    expected: [200, 'POST /base/x bytes']
  },
  {
    name: 'inject: a payload that is an object is JSON',
    run: receives({ method: 'POST', payload: { a: [1] } }, ({ headers, body }) => [headers['content-type'], body]),
    expected: [['application/json', '{"a":[1]}']]
  },
  {
    name: 'inject: a body under the name "body"',
    run: injected({ method: 'PUT', headers: text, body: 'text' }),
    expected: [200, 'PUT /base/x text']
  },
  {
    name: 'inject: a payload that is a stream of several chunks',
    run: injected(() => ({
      method: 'POST',
      headers: text,
      payload: Readable.from(['a', 'b', 'c'].map(each => Buffer.from(each)))
    })),
    expected: [200, 'POST /base/x abc']
  },
  {
    name: 'inject: a payload that is a stream with a Content-Length',
    run: injected(() => ({
      method: 'POST',
      headers: { ...text, 'content-length': '3' },
      payload: Readable.from([Buffer.from('abc')])
    })),
    expected: [200, 'POST /base/x abc']
  },
  {
    name: 'inject: a payload that is an empty text',
    run: injected({ method: 'POST', headers: text, payload: '' }),
    expected: [200, 'POST /base/x ']
  },
  {
    name: 'inject: a payload of one megabyte',
    async run ({ app, backend }) {
      await app.inject({ method: 'POST', url, headers: text, payload: 'x'.repeat(1 << 20) })
      return backend.received.map(({ body }) => body.length)
    },
    expected: [1 << 20]
  },
  {
    name: 'inject: a form',
    run: injected({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'a=1&b=2'
    }),
    expected: [200, 'POST /base/x a=1&b=2']
  },
  {
    name: 'inject: a payload without Content-Type',
    run: injected({ method: 'POST', payload: 'text' }),
    expected: [200, 'POST /base/x text']
  },
  {
    name: 'inject: a payload with an unknown Content-Type',
    run: injected({ method: 'POST', headers: { 'content-type': 'application/x-unknown' }, payload: 'text' }),
    expected: [200, 'POST /base/x text']
  },
  {
    name: 'inject: JSON that is malformed is forwarded',
    run: injected({ method: 'POST', headers: { 'content-type': 'application/json' }, payload: '{"a":' }),
    expected: [200, 'POST /base/x {"a":']
  },
  {
    name: 'inject: a payload that the client cuts into pieces',
    run: injected({
      method: 'POST',
      headers: text,
      payload: 'text',
      simulate: { end: true, split: true, error: false, close: false }
    }),
    expected: [200, 'POST /base/x text']
  }
]
