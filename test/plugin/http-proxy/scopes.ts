import type { FastifyInstance } from 'fastify'
import { deny, get, notesOf, response, status, url, type Row } from './row.js'
import { reaches } from './runs.js'
import type { AddProxy } from './sides.js'

/** Notes whether one more registration is refused. */
async function noteRefusal (app: FastifyInstance, add: AddProxy): Promise<void> {
  try {
    await add(app)
    await app.ready()
    notesOf(app).push('accepted')
  } catch {
    notesOf(app).push('refused')
  }
}

/** Where proxies are registered. */
export const SCOPES: readonly Row[] = [
  {
    name: 'a prefix',
    register: (app, add) => add(app, { prefix: '/api' }),
    run: reaches('/api/services/P/x', '/services/P/x'),
    expected: [[200, 404], ['/base/x']]
  },
  {
    name: 'a prefix of the scope around it',
    register: async (app, add) => {
      await app.register(async scope => await add(scope, { prefix: '/inner' }), { prefix: '/outer' })
    },
    run: reaches('/outer/inner/services/P/x'),
    expected: [[200], ['/base/x']]
  },
  {
    name: 'a prefix with a parameter',
    register: (app, add) => add(app, { prefix: '/:tenant' }),
    run: reaches('/one/services/P/x', '/t%2Fo/services/P/x?a=1'),
    expected: [
      [200, 200],
      ['/base/x', '/base/x?a=1']
    ]
  },
  {
    name: 'two registrations under different prefixes',
    async register (app, add) {
      await add(app, { prefix: '/a', base: '/one' })
      await add(app, { prefix: '/b', base: '/two' })
    },
    run: reaches('/a/services/P/x', '/b/services/P/x'),
    expected: [
      [200, 200],
      ['/one/x', '/two/x']
    ]
  },
  {
    name: 'two registrations of different names under one prefix',
    async register (app, add) {
      await add(app, { name: 'P', base: '/one' })
      await add(app, { name: 'Q', base: '/two' })
    },
    run: reaches('/services/P/x', '/services/Q/x', '/services/R'),
    expected: [
      [200, 200, 404],
      ['/one/x', '/two/x']
    ]
  },
  {
    name: 'two registrations of one name under one prefix',
    register: async (app, add) => {
      await add(app)
      await noteRefusal(app, add)
    },
    isBroken: true,
    run: async ({ app }) => notesOf(app),
    expected: ['refused']
  },
  {
    name: 'a route of the app at the address of the proxy',
    host: app => {
      app.get('/services/P', async () => 'mine')
    },
    register: noteRefusal,
    isBroken: true,
    run: async ({ app }) => notesOf(app),
    expected: ['refused']
  },
  {
    name: 'a route of the app below the proxy is served by the app',
    host: app => {
      app.get('/services/P/mine', async () => 'mine')
    },
    run: side => response(side, '/services/P/mine'),
    expected: [200, 'mine']
  },
  {
    name: 'hooks of the scope around the proxy run',
    register: async (app, add) => {
      await app.register(async scope => {
        scope.addHook('onRequest', async (_, reply) => await reply.code(401).send('no'))
        await add(scope)
      })
    },
    run: side => status(side),
    expected: 401
  },
  {
    name: 'hooks of another scope do not run',
    host: async app => {
      await app.register(async scope => {
        scope.addHook('onRequest', async (_, reply) => await reply.code(401).send('no'))
      })
    },
    run: side => status(side),
    expected: 200
  },
  {
    name: 'hooks that the app adds after the proxy run, too',
    register: async (app, add) => {
      await add(app)
      app.addHook('onRequest', async (_, reply) => await reply.code(401).send('no'))
    },
    run: side => status(side)
  },
  {
    name: 'an error handler of the scope around the proxy gets errors of hooks',
    register: async (app, add) => {
      await app.register(async scope => {
        scope.setErrorHandler((_error, _request, reply) => reply.code(499).send('handled'))
        scope.addHook('preHandler', async () => {
          throw new Error('x')
        })
        await add(scope)
      })
    },
    run: side => response(side),
    expected: [499, 'handled']
  },
  {
    name: 'parsers and routes of the app beside the proxy stay',
    host: app => {
      app.addContentTypeParser('text/x-mine', { parseAs: 'string' }, (_request, body, done) => done(null, `${body}!`))
      app.post('/mine', async ({ body }) => body)
    },
    async run ({ app }) {
      const headers = { 'content-type': 'text/x-mine' }
      const mine = await app.inject({ method: 'POST', url: '/mine', headers, payload: 'text' })
      const proxied = await app.inject({ method: 'POST', url, headers, payload: 'text' })
      return [mine.body, proxied.body]
    },
    differs: {
      own: ['text!', 'POST /base/x text'],
      why: 'parsers of the app do not change what is forwarded: preParsing hooks do'
    }
  },
  {
    name: 'decorators of requests and replies are there for hooks',
    host: app => {
      app.decorateRequest('user', '')
      app.addHook('onRequest', async request => {
        Object.assign(request, { user: 'me' })
      })
      app.addHook('preHandler', async (request, reply) => {
        void reply.header('x-user', String(Reflect.get(request, 'user')))
      })
    },
    run: async side => Object.entries((await get(side)).headers).filter(([name]) => name === 'x-user'),
    expected: [['x-user', 'me']]
  },
  {
    name: 'a plugin that denies in its own scope denies the proxies of that scope alone',
    async register (app, add) {
      await add(app, { name: 'P' })
      await app.register(async scope => {
        scope.addHook('onRequest', deny)
        await add(scope, { name: 'Q' })
      })
    },
    run: async side => [await status(side, '/services/P'), await status(side, '/services/Q')],
    expected: [200, 401]
  }
]
