import {
  all,
  brokenOff,
  closes,
  either,
  forwarded,
  gatewayError,
  neverWhole,
  quickly,
  refused,
  requestsAtMost,
  responses,
  withBody,
  type Check
} from '../checks.js'
import type { WireRow } from '../row.js'
import { collect, get, post } from './collect.js'

const cutAtEndpoint: Check = {
  rule: 'the connection to the endpoint is closed, too',
  broken: ({ cutAtEndpoint, requests }) => (requests.length === 0 || cutAtEndpoint ? undefined : 'it stays open')
}
const nothing: Check = {
  rule: 'no endpoint is reached',
  broken: ({ requests }) => (requests.length === 0 ? undefined : 'one is')
}
const LARGE = `HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n${'x'.repeat(8_000_000)}`

function clients (): WireRow[] {
  const { rows, add } = collect('slow', 'slow')
  add('a head in pieces of one byte', path => [{ trickle: get(path), size: 1, every: 3 }], forwarded())
  add(
    'a body in pieces of one byte',
    path => [post(path, ['Content-Length: 200']), { trickle: 'x'.repeat(200), size: 1, every: 3 }],
    forwarded({ body: 'x'.repeat(200) })
  )
  add(
    'chunks in pieces of one byte',
    path => [post(path, ['Transfer-Encoding: chunked']), { trickle: '5\r\nHELLO\r\n0\r\n\r\n', size: 1, every: 5 }],
    forwarded({ body: 'HELLO' })
  )
  add(
    'a body that waits half a second in its middle',
    path => [post(path, ['Content-Length: 10'], 'HELLO'), { wait: 500 }, 'WORLD'],
    forwarded({ body: 'HELLOWORLD' })
  )
  for (const [how, step] of [
    ['FIN', { end: true }],
    ['RST', { reset: true }]
  ] as const) {
    add(`${how} inside the head`, path => [`GET ${path} HTTP/1.1\r\nHo`, { wait: 20 }, step], [nothing, closes])
    add(`${how} before any byte`, () => [{ wait: 20 }, step], [nothing, closes])
    add(
      `${how} inside a body with a length`,
      path => [post(path, ['Content-Length: 100'], 'half'), { wait: 40 }, step],
      [neverWhole, closes]
    )
    add(
      `${how} inside a body of 300,000 bytes that streams`,
      path => [post(path, ['Content-Length: 300000'], 'x'.repeat(200_000)), { wait: 100 }, step, { wait: 100 }],
      [neverWhole, closes, cutAtEndpoint]
    )
    add(
      `${how} inside a chunk`,
      path => [post(path, ['Transfer-Encoding: chunked'], 'ff\r\nhalf'), { wait: 40 }, step],
      [neverWhole, closes]
    )
    add(
      `${how} before the last chunk`,
      path => [post(path, ['Transfer-Encoding: chunked'], '5\r\nHELLO\r\n'), { wait: 40 }, step],
      [neverWhole, closes]
    )
  }
  add(
    'FIN after a request: it is answered, or given up',
    path => [get(path), { end: true }],
    either(forwarded(), all(requestsAtMost(1), closes))
  )
  add(
    'RST after a request that the endpoint works on: its connection is closed',
    path => [get(path), { reached: 1 }, { wait: 40 }, { reset: true }, { wait: 300 }],
    [requestsAtMost(1), cutAtEndpoint],
    { endpoint: [{ wait: 3_000 }] }
  )
  add(
    'a client that reads late has all of a large response',
    path => [{ read: false }, get(path), { reached: 1 }, { wait: 700 }, { read: true }],
    [forwarded(), withBody('x'.repeat(8_000_000))],
    { endpoint: [LARGE] }
  )
  add(
    'a client that never reads, and leaves',
    path => [{ read: false }, get(path), { reached: 1 }, { wait: 400 }, { reset: true }, { wait: 300 }],
    cutAtEndpoint,
    { endpoint: [LARGE] }
  )
  add(
    '200 connections with half a head: others are served at once',
    path => get(path),
    [forwarded(), quickly(1_500)],
    { otherConnections: { count: 200, steps: ['GET / HTTP/1.1\r\nHost: h\r\nX: '] } }
  )
  add(
    '200 connections with half a body: others are served at once',
    path => get(path),
    [forwarded(), quickly(1_500)],
    { otherConnections: { count: 200, steps: [post('/services/Plain/others', ['Content-Length: 100'], 'half')] } }
  )
  add('200 connections without a byte: others are served at once', path => get(path), [forwarded(), quickly(1_500)], {
    otherConnections: { count: 200, steps: [] }
  })
  add(
    '100 connections that send single bytes all the time',
    path => [{ wait: 200 }, get(path)],
    [forwarded(), quickly(2_000)],
    {
      otherConnections: {
        count: 100,
        steps: [{ trickle: `GET / HTTP/1.1\r\nHost: h\r\nX: ${'y'.repeat(400)}`, size: 1, every: 5 }]
      }
    }
  )
  add('an endpoint in pieces of one byte', get, withBody('fine'), {
    endpoint: [
      { trickle: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n', size: 1, every: 3 }
    ]
  })
  add(
    'an endpoint that does not read the body of a large request, and responds',
    path => [post(path, ['Content-Length: 3000000'], 'x'.repeat(3_000_000))],
    either(responses(200), gatewayError, brokenOff),
    {
      at: 'head',
      endpoint: [
        { read: false },
        { wait: 100 },
        'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
        { wait: 100 },
        { end: true }
      ]
    }
  )
  return rows
}

/** What a gateway cuts off by itself, within its times. */
function timeLimits (): WireRow[] {
  const { rows, add } = collect('slow', 'limits')
  const long = { long: true, within: 150_000, quietFor: 150_000, settle: 5_000 }
  add(
    'a head at one byte a second is cut off within 120 s',
    path => [{ trickle: `GET ${path} HTTP/1.1\r\nHost: h\r\nX: ${'y'.repeat(1_000)}`, size: 1, every: 1_000 }],
    [refused([400, 408]), nothing, quickly(120_000)],
    long
  )
  add(
    'half a head, and silence',
    path => [`GET ${path} HTTP/1.1\r\nHo`],
    [refused([400, 408]), nothing, quickly(120_000)],
    long
  )
  add('a connection without a byte', () => [], [refused([400, 408]), nothing, quickly(120_000)], long)
  add(
    'half a body, and silence',
    path => [post(path, ['Content-Length: 100'], 'half')],
    [neverWhole, closes, quickly(120_000)],
    long
  )
  add(
    'half a chunk, and silence',
    path => [post(path, ['Transfer-Encoding: chunked'], 'ff\r\nhalf')],
    [neverWhole, closes, quickly(120_000)],
    long
  )
  add(
    'half of a large body, and silence: the connection to the endpoint ends, too',
    path => [post(path, ['Content-Length: 300000'], 'x'.repeat(200_000))],
    [neverWhole, closes, cutAtEndpoint, quickly(120_000)],
    long
  )
  add(
    'a kept connection without another request is closed',
    path => [get(path), { responses: 1 }, { wait: 110_000 }],
    all(responses(200), closes),
    { ...long, within: 130_000 }
  )
  return rows
}

export const slow: readonly WireRow[] = [...clients(), ...timeLimits()]
