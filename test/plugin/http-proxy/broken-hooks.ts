import { adding, broken, failingAtOnce, type Hook } from './broken.js'
import { notesOf, noting, raw, response, status, url, type Row } from './row.js'

/** Hooks that run before the handler, with the same arguments. */
const BEFORE = ['onRequest', 'preValidation', 'preHandler'] as const

/** What hooks do wrong, and how the rows are called. */
const MISTAKES: readonly [name: string, run: Hook][] = [
  ['throws', (_request, _reply, _done) => broken()],
  ['calls back with an error', (_request, _reply, done) => done(new Error('broken'))],
  ['calls back later with an error', (_request, _reply, done) => setImmediate(done, new Error('broken'))],
  ['rejects', async () => broken()],
  ['rejects with undefined', async () => await Promise.reject(undefined)], // eslint-disable-line prefer-promise-reject-errors
  ['rejects with a text', async () => await Promise.reject('text')], // eslint-disable-line prefer-promise-reject-errors
  ['rejects with an object', async () => await Promise.reject({ statusCode: 418 })], // eslint-disable-line prefer-promise-reject-errors
  ['rejects with an invalid status', async () => await Promise.reject(Object.assign(new Error('x'), { statusCode: 1 }))],
  ['replies, and calls back', (_request, reply, done) => { void reply.code(401).send('no'); done() }],
  ['replies twice', async (_request, reply) => { void reply.code(401).send('no'); return await reply.code(402).send('again') }],
  ['replies, and throws', async (_request, reply) => { void reply.code(401).send('no'); broken() }],
  ['replies with an error', async (_request, reply) => await reply.send(Object.assign(new Error('x'), { statusCode: 402 }))],
  ['replies with a stream that fails', async (_request, reply) => await reply.send(failingAtOnce())]
]

const mistakes: Row[] = BEFORE.flatMap(phase =>
  MISTAKES.map(([name, run]): Row => ({
    name: `${phase} that ${name}`,
    host: adding(phase, run),
    run: async side => [await response(side), side.backend.received.length]
  }))
)

const NEVER: Row[] = BEFORE.map(phase => ({
  name: `${phase} that never calls back, with handlerTimeout`,
  server: { handlerTimeout: 300 },
  host: adding(phase, (_request, _reply, _done) => {}),
  run: async side => [await status(side), side.backend.received.length],
  expected: [503, 0]
}))

const LATE: Row[] = BEFORE.map(phase => ({
  name: `${phase} that calls back after handlerTimeout`,
  server: { handlerTimeout: 300 },
  host: adding(phase, ({ signal }, _reply, done) => {
    signal.addEventListener('abort', () => setImmediate(done))
  }),
  async run (side) {
    const first = await status(side)
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
    return [first, side.backend.received.length]
  },
  expected: [503, 0]
}))

const AFTER: Row[] = [
  {
    name: 'onResponse that throws changes nothing for the client',
    host: app => {
      app.addHook('onResponse', async () => broken())
    },
    run: async side => [await response(side), await response(side)],
    expected: [
      [200, 'GET /base/x '],
      [200, 'GET /base/x ']
    ]
  },
  {
    name: 'onResponse runs once',
    host: noting('onResponse'),
    async run (side) {
      await raw(side, `GET ${url} HTTP/1.1\nHost: a`)
      return notesOf(side.app)
    },
    expected: ['onResponse']
  },
  {
    name: 'onError runs for a hook that fails, and one of its own failures is ignored',
    host: app => {
      app.addHook('preHandler', async () => broken())
      app.addHook('onError', async () => {
        notesOf(app).push('onError')
        throw new Error('again')
      })
    },
    run: async side => [await status(side), notesOf(side.app)],
    expected: [500, ['onError']]
  },
  {
    name: 'an error handler that throws',
    host: app => {
      app.addHook('preHandler', async () => broken())
      app.setErrorHandler(() => {
        throw Object.assign(new Error('again'), { statusCode: 418 })
      })
    },
    run: side => response(side)
  },
  {
    name: 'a reply that a hook hijacks',
    host: app => {
      app.addHook('preHandler', async (_request, reply) => {
        reply.hijack()
        reply.raw.end('mine')
      })
    },
    run: async side => [await response(side), side.backend.received.length],
    expected: [[200, 'mine'], 0]
  },
  {
    name: 'a response that a hook writes to the socket without saying so',
    host: app => {
      app.addHook('preHandler', async (_request, reply) => {
        reply.raw.end('mine')
      })
    },
    run: async side => [await response(side), side.backend.received.length],
    expected: [[200, 'mine'], 0]
  }
]

/** Hooks of the host that fail, before the handler and behind it. */
export const BROKEN_HOOKS: readonly Row[] = [...mistakes, ...NEVER, ...LATE, ...AFTER]
