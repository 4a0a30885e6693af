import { adding, broken, MISTAKES } from './broken.js'
import { notesOf, noting, raw, response, status, url, type Row } from './row.js'

/** Hooks that run before the handler, with the same arguments. */
const BEFORE = ['onRequest', 'preValidation', 'preHandler'] as const

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

/** Hooks of the host that fail, before the handler and after it. */
export const BROKEN_HOOKS: readonly Row[] = [...mistakes, ...NEVER, ...LATE, ...AFTER]
