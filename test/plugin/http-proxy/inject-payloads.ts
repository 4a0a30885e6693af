import { Readable } from 'node:stream'
import type { Row } from './row.js'
import { injected, receives, TEXT } from './runs.js'

/** Bodies of requests that `app.inject` sends. */
export const INJECT_PAYLOADS: readonly Row[] = [
  {
    name: 'inject: a payload that is a text',
    run: injected({ method: 'POST', headers: TEXT, payload: 'text' }),
    expected: [200, 'POST /base/x text']
  },
  {
    name: 'inject: a payload that is a Buffer',
    run: injected({ method: 'POST', headers: TEXT, payload: Buffer.from('bytes') }),
    expected: [200, 'POST /base/x bytes']
  },
  {
    name: 'inject: a payload that is an object is JSON',
    run: receives({ method: 'POST', payload: { a: [1] } }, ({ headers, body }) => [headers['content-type'], body]),
    expected: [['application/json', '{"a":[1]}']]
  },
  {
    name: 'inject: a body under the name "body"',
    run: injected({ method: 'PUT', headers: TEXT, body: 'text' }),
    expected: [200, 'PUT /base/x text']
  },
  {
    name: 'inject: a payload that is a stream of several chunks',
    run: injected(() => ({
      method: 'POST',
      headers: TEXT,
      payload: Readable.from(['a', 'b', 'c'].map(each => Buffer.from(each)))
    })),
    expected: [200, 'POST /base/x abc']
  },
  {
    name: 'inject: a payload that is a stream with a Content-Length',
    run: injected(() => ({
      method: 'POST',
      headers: { ...TEXT, 'content-length': '3' },
      payload: Readable.from([Buffer.from('abc')])
    })),
    expected: [200, 'POST /base/x abc']
  },
  {
    name: 'inject: a payload that is an empty text',
    run: injected({ method: 'POST', headers: TEXT, payload: '' }),
    expected: [200, 'POST /base/x ']
  },
  {
    name: 'inject: a payload of one megabyte',
    run: receives({ method: 'POST', headers: TEXT, payload: 'x'.repeat(1 << 20) }, ({ body }) => body.length),
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
      headers: TEXT,
      payload: 'text',
      simulate: { end: true, split: true, error: false, close: false }
    }),
    expected: [200, 'POST /base/x text']
  }
]
