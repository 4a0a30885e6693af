import { deny, get, hook, install, onRoute, response, status, statuses, type Row } from './row.js'

/** Policies of the host. */
export const POLICIES: readonly Row[] = [
  {
    name: 'rate limit in preHandler',
    needs: '@fastify/rate-limit',
    host: install('@fastify/rate-limit', { max: 1, hook: 'preHandler' }),
    run: side => statuses(side, 4),
    expected: [200, 429, 429, 429]
  },
  {
    name: 'rate limit in onRequest',
    needs: '@fastify/rate-limit',
    host: install('@fastify/rate-limit', { max: 2 }),
    run: side => statuses(side, 4),
    expected: [200, 200, 429, 429]
  },
  {
    name: 'rate limit in preValidation',
    needs: '@fastify/rate-limit',
    host: install('@fastify/rate-limit', { max: 1, hook: 'preValidation' }),
    run: side => statuses(side, 2),
    expected: [200, 429]
  },
  {
    name: 'an app under pressure',
    needs: '@fastify/under-pressure',
    host: install('@fastify/under-pressure', { healthCheck: async () => false, healthCheckInterval: 60_000 }),
    run: async side => {
      const { status, headers } = await get(side)
      return [status, Reflect.get(headers, 'retry-after'), side.backend.received.length]
    },
    expected: [503, '10', 0]
  },
  {
    name: 'a preHandler that an onRoute hook appends',
    host: onRoute(route => {
      route.preHandler = [route.preHandler ?? [], deny].flat()
    }),
    run: side => status(side),
    expected: 401
  },
  {
    name: 'a preHandler that an onRoute hook prepends',
    host: onRoute(route => {
      route.preHandler = [deny, route.preHandler ?? []].flat()
    }),
    run: side => status(side),
    expected: 401
  },
  {
    name: 'an onRequest that an onRoute hook appends',
    host: onRoute(route => {
      route.onRequest = [route.onRequest ?? [], deny].flat()
    }),
    run: side => status(side),
    expected: 401
  },
  {
    name: 'a global onRequest hook that replies',
    host: hook('onRequest', (_, reply) => reply.code(401).send('no')),
    run: side => response(side),
    expected: [401, 'no']
  },
  {
    name: 'a global preHandler hook that replies',
    host: hook('preHandler', (_, reply) => reply.code(401).send('no')),
    run: side => status(side),
    expected: 401
  },
  {
    name: 'a hook that throws',
    host: hook('preHandler', () => {
      throw Object.assign(new Error('teapot'), { statusCode: 418 })
    }),
    run: side => response(side)
  },
  {
    name: 'a hook that throws an error without a status',
    host: hook('onRequest', () => {
      throw new Error('broken')
    }),
    run: side => status(side),
    expected: 500
  },
  {
    name: 'an error handler of the host sees hooks that fail',
    host: app => {
      app.setErrorHandler((_error, _request, reply) => reply.code(499).send('handled'))
      hook('onRequest', () => {
        throw new Error('x')
      })(app)
    },
    run: side => status(side),
    expected: 499
  },
  {
    name: 'hooks run in their order',
    host: app => {
      for (const name of ['preHandler', 'onRequest', 'preValidation']) { hook(name, (_, reply) => reply.header(`x-${name}`, String(Object.keys(reply.getHeaders()).length)))(app) }
    },
    run: async side =>
      Object.entries((await get(side)).headers)
        .filter(([name]) => name.startsWith('x-'))
        .filter(([name]) => name !== 'x-back-end')
        .sort()
  }
]
