import type { FastifyInstance } from 'fastify'
import { notesOf, noting, response, status, url, type Row } from './row.js'
import { injected } from './runs.js'

const notFound = (app: FastifyInstance): void => {
  app.setNotFoundHandler((request, reply) => {
    void reply.code(404).send(`not found: ${request.method} ${request.url}`)
  })
}

/** Requests that no proxy serves. */
export const NOT_FOUND: readonly Row[] = [
  {
    name: 'setNotFoundHandler: a name without a proxy',
    host: notFound,
    run: side => response(side, '/services/Q/y?z=1'),
    expected: [404, 'not found: GET /services/Q/y?z=1']
  },
  {
    name: 'setNotFoundHandler: a method that the route does not have',
    host: notFound,
    reference: { httpMethods: ['GET'] },
    own: { proxies: { P: { methods: ['GET'] } } },
    run: injected({ method: 'POST' }),
    expected: [404, `not found: POST ${url}`]
  },
  {
    name: 'setNotFoundHandler of a scope with the prefix /services',
    host: app =>
      app.register(async scope => notFound(scope), { prefix: '/services' }),
    run: side => response(side, '/services/Q').then(([, body]) => body.startsWith('not found: ')),
    differs: { own: false, why: 'unknown names reach the route /services/* of the plugin: the handler of its scope' }
  },
  {
    name: 'setNotFoundHandler of the scope around the proxy',
    register: async (app, add) => {
      await app.register(
        async scope => {
          notFound(scope)
          await add(scope)
        },
        { prefix: '/api' }
      )
    },
    run: side => response(side, '/api/services/Q'),
    expected: [404, 'not found: GET /api/services/Q']
  },
  {
    name: 'setNotFoundHandler: each hook of the app runs once',
    host: app => {
      noting('onRequest', 'preValidation', 'preHandler', 'onSend', 'onResponse')(app)
      notFound(app)
    },
    async run (side) {
      await status(side, '/services/Q')
      return notesOf(side.app)
    },
    expected: ['onRequest', 'preValidation', 'preHandler', 'onSend', 'onResponse']
  },
  {
    name: 'setNotFoundHandler with a preHandler of its own',
    host: app => {
      app.setNotFoundHandler(
        {
          preHandler: async () => {
            notesOf(app).push('own')
          }
        },
        (_request, reply) => reply.code(404).send('mine')
      )
    },
    async run (side) {
      return [await response(side, '/services/Q'), notesOf(side.app)]
    },
    expected: [[404, 'mine'], ['own']]
  },
  {
    name: 'setNotFoundHandler: a request with a body',
    host: notFound,
    async run ({ app }) {
      const payload = { a: 1 }
      const { statusCode, body } = await app.inject({ method: 'POST', url: '/services/Q', payload })
      return [statusCode, body]
    },
    expected: [404, 'not found: POST /services/Q']
  },
  {
    name: 'setNotFoundHandler: a request with a body of an unknown type',
    host: notFound,
    async run ({ app }) {
      const headers = { 'content-type': 'application/x-unknown' }
      const { statusCode } = await app.inject({ method: 'POST', url: '/services/Q', payload: 'a', headers })
      return statusCode
    }
  }
]
