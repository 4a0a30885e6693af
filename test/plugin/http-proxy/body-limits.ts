import { gzipSync } from 'node:zlib'
import { install, onRoute, raw, url, type Row } from './row.js'

const post = (headers: string, type = 'application/octet-stream'): string =>
  `POST ${url} HTTP/1.1\nHost: a\nContent-Type: ${type}\n${headers}`

const BODY = 'x'.repeat(100)
const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`
const lengthOf = (body: string | Buffer): string => `Content-Length: ${Buffer.byteLength(body)}`
const gzipped = gzipSync('x'.repeat(10_000))

const sends =
  (headers: string, body: string, type?: string): Row['run'] =>
    async side => {
      const { status } = await raw(side, post(headers, type), body)
      return [status, side.backend.received.length]
    }

const OWN_LIMIT = 'http-proxy has no limit for bodies that stream'

/** Limits of the size of requests. */
export const BODY_LIMITS: readonly Row[] = [
  {
    name: 'bodyLimit of the server: bodies of proxies stream, and have none',
    server: { bodyLimit: 10 },
    run: sends(lengthOf(BODY), BODY),
    expected: [200, 1]
  },
  {
    name: 'bodyLimit of the server: plain text',
    server: { bodyLimit: 10 },
    run: sends(lengthOf(BODY), BODY, 'text/plain'),
    differs: { own: [200, 1], why: 'http-proxy leaves text/plain to the parser of Fastify, which reads all of it' }
  },
  {
    name: 'bodyLimit of a route, by an onRoute hook',
    host: onRoute(route => Object.assign(route, { bodyLimit: 10 })),
    run: sends(lengthOf(BODY), BODY),
    expected: [200, 1]
  },
  {
    name: 'bodyLimit of the plugin, with Content-Length',
    own: { bodyLimit: 10 },
    run: sends(lengthOf(BODY), BODY),
    differs: { own: [413, 0], why: OWN_LIMIT }
  },
  {
    name: 'bodyLimit of the plugin, in chunks',
    own: { bodyLimit: 10 },
    run: sends('Transfer-Encoding: chunked', chunked),
    differs: { own: [413, 0], why: OWN_LIMIT }
  },
  {
    name: 'bodyLimit of the plugin: a body of just this size',
    own: { bodyLimit: 100 },
    run: sends('Transfer-Encoding: chunked', chunked),
    expected: [200, 1]
  },
  {
    name: 'bodyLimit of one proxy instead of the plugin',
    own: { bodyLimit: 10, proxies: { P: { bodyLimit: 100 } } },
    run: sends(lengthOf(BODY), BODY),
    expected: [200, 1]
  },
  {
    name: 'bodyLimit of one proxy',
    own: { proxies: { P: { bodyLimit: 10 } } },
    run: sends('Transfer-Encoding: chunked', chunked),
    differs: { own: [413, 0], why: OWN_LIMIT }
  },
  {
    name: 'bodyLimit: a compressed body counts as it is sent',
    own: { bodyLimit: 1_000 },
    async run ({ app }) {
      return (await app.inject(compressed)).statusCode
    },
    expected: 200
  },
  {
    name: 'bodyLimit: a body that @fastify/compress decompresses counts decompressed',
    needs: '@fastify/compress',
    host: install('@fastify/compress'),
    own: { bodyLimit: 1_000 },
    async run ({ app }) {
      return (await app.inject(compressed)).statusCode
    },
    differs: { own: 413, why: OWN_LIMIT }
  },
  {
    name: 'bodyLimit: an error handler of the host gets it',
    host: app => app.setErrorHandler((error: { code?: string }, _request, reply) => reply.code(413).send(error.code)),
    own: { bodyLimit: 10 },
    async run (side) {
      return (await raw(side, post(lengthOf(BODY)), BODY)).body
    },
    differs: { own: 'PROXY_SERVICES_BODY_TOO_LARGE', why: OWN_LIMIT }
  }
]

const compressed = {
  method: 'POST' as const,
  url,
  headers: { 'content-type': 'application/octet-stream', 'content-encoding': 'gzip' },
  payload: gzipped
}
