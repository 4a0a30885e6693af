import { wire } from '../../support/http/bare-proxy.js'
import { until } from '../../support/until.js'
import { adding, addingWithPayload, broken, MISTAKES } from './broken.js'
import { notesOf, response, url, type Row } from './row.js'
import { TEXT } from './runs.js'
import { hasNoClients, listening } from './sides.js'

const post = { method: 'POST' as const, url, headers: TEXT, payload: 'hello' }

const PRE_PARSING: Row[] = MISTAKES.map(([name, run]): Row => ({
  name: `preParsing that ${name}`,
  host: addingWithPayload('preParsing', run),
  async run ({ app, backend }) {
    const { statusCode, body } = await app.inject(post)
    return [statusCode, body, backend.received.length]
  }
}))

/**
 * The next request has its response, whatever the first one got. Two replies in one onSend hook end the process in
 * Fastify itself, whatever the handler is.
 */
const ON_SEND: Row[] = MISTAKES.filter(([name]) => name !== 'replies twice').map(([name, run]): Row => ({
  name: `onSend that ${name}`,
  host: addingWithPayload('onSend', run, true),
  run: async side => [await response(side), await response(side)]
}))

type Fail = (done: (error?: Error) => void) => unknown

/** What hooks do wrong that cannot change a response. */
const FAILURES: readonly [name: string, fail: Fail][] = [
  ['throws', () => broken()],
  ['calls back with an error', done => done(new Error('broken'))],
  ['calls back later with an error', done => setImmediate(done, new Error('broken'))],
  ['rejects', async () => broken()],
  ['rejects with undefined', async () => await Promise.reject(undefined)], // eslint-disable-line prefer-promise-reject-errors
  ['never calls back', () => {}]
]

const ON_RESPONSE: Row[] = FAILURES.map(([name, fail]): Row => ({
  name: `onResponse that ${name}`,
  host: adding('onResponse', (_request, _reply, done) => fail(done)),
  run: async side => [await response(side), await response(side)]
}))

const ON_ERROR: Row[] = FAILURES.filter(([name]) => name !== 'never calls back').map(([name, fail]): Row => ({
  name: `onError that ${name}`,
  host: app => {
    adding('preHandler', async () => broken())(app)
    app.addHook('onError', (_request, _reply, _error, done) => fail(done))
  },
  run: async side => [await response(side), await response(side)]
}))

const GET = `GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`

const ON_TIMEOUT: Row[] = FAILURES.map(([name, fail]): Row => ({
  name: `onTimeout that ${name}`,
  server: { connectionTimeout: 300 },
  host: adding('onTimeout', (_request, _reply, done) => fail(done)),
  behave: ({ url }, response) => {
    if (url === '/base/next') response.end('next')
  },
  async run (side, t) {
    const client = wire(t, await listening(side.app), GET)
    await client.closed
    await until(() => hasNoClients(side.app), 'the gateway has closed the connection')
    return [client.text, await response(side, '/services/P/next')]
  }
}))

const ON_REQUEST_ABORT: Row[] = FAILURES.map(([name, fail]): Row => ({
  name: `onRequestAbort that ${name}`,
  host: app => {
    app.addHook('onRequestAbort', (_request, done) => {
      notesOf(app).push('onRequestAbort')
      return fail(done)
    })
  },
  behave: ({ url }, response) => {
    if (url === '/base/next') response.end('next')
  },
  async run (side, t) {
    const client = wire(t, await listening(side.app), GET)
    await until(() => side.backend.received.length > 0, 'the back-end has the request')
    client.socket.destroy()
    await until(() => notesOf(side.app).length > 0, 'the hook has run')
    return [notesOf(side.app), await response(side, '/services/P/next')]
  }
}))

/** Hooks of the other phases that fail: with a payload, after the response, and of clients that wait or leave. */
export const BROKEN_LATER: readonly Row[] = [
  ...PRE_PARSING,
  ...ON_SEND,
  ...ON_RESPONSE,
  ...ON_ERROR,
  ...ON_TIMEOUT,
  ...ON_REQUEST_ABORT
]
