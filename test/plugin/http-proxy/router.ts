import type { FastifyReply } from 'fastify'
import { hook, notesOf, response, status, url, type Row } from './row.js'
import { reaches } from './runs.js'

/** How requests find the route of a proxy. */
export const ROUTER: readonly Row[] = [
  {
    name: 'printRoutes lists the proxy',
    run: async ({ app }) => app.printRoutes({ commonPrefix: false }).includes('services/P'),
    expected: true
  },
  {
    name: 'hasRoute and findRoute know the proxy',
    run: async ({ app }) => [
      app.hasRoute({ method: 'GET', url: '/services/P' }),
      app.hasRoute({ method: 'POST', url: '/services/P/*' }),
      app.findRoute({ method: 'GET', url: '/services/P' }) !== null
    ],
    expected: [true, true, true]
  },
  {
    name: 'routerOptions.ignoreDuplicateSlashes: before the proxy',
    server: { routerOptions: { ignoreDuplicateSlashes: true } },
    run: reaches('//services//P/x'),
    expected: [[200], ['/base/x']]
  },
  {
    name: 'routerOptions.ignoreDuplicateSlashes: below the proxy',
    server: { routerOptions: { ignoreDuplicateSlashes: true } },
    run: reaches('/services/P//a//b'),
    expected: [[200], ['/base//a//b']]
  },
  {
    name: 'routerOptions.ignoreTrailingSlash',
    server: { routerOptions: { ignoreTrailingSlash: true } },
    run: reaches('/services/P', '/services/P/', '/services/P/x/'),
    expected: [
      [200, 200, 200],
      ['/base', '/base/', '/base/x/']
    ]
  },
  {
    name: 'routerOptions.caseSensitive: false',
    server: { routerOptions: { caseSensitive: false } },
    run: reaches('/SERVICES/p/Abc?Def=G'),
    expected: [[200], ['/base/Abc?Def=G']]
  },
  {
    name: 'routerOptions.maxParamLength does not limit the path below a proxy',
    server: { routerOptions: { maxParamLength: 10 } },
    run: reaches(`/services/P/${'x'.repeat(500)}`),
    expected: [[200], [`/base/${'x'.repeat(500)}`]]
  },
  {
    name: 'routerOptions.useSemicolonDelimiter',
    server: { useSemicolonDelimiter: true },
    run: reaches('/services/P/x;a=1')
  },
  {
    name: 'routerOptions.querystringParser changes what hooks see, and not what is forwarded',
    server: { routerOptions: { querystringParser: text => ({ text }) } },
    host: app => hook('onRequest', ({ query }) => notesOf(app).push(JSON.stringify(query)))(app),
    run: async (side, t) => [await reaches('/services/P/x?a=1&a=2')(side, t), notesOf(side.app)],
    expected: [[[200], ['/base/x?a=1&a=2']], ['{"text":"a=1&a=2"}']]
  },
  {
    name: 'routerOptions.onBadUrl',
    server: {
      routerOptions: {
        onBadUrl: (_path, _request, response) => {
          response.statusCode = 418
          response.end('bad')
        }
      }
    },
    run: side => response(side, '/services/P/%zz'),
    expected: [418, 'bad']
  },
  {
    name: 'frameworkErrors gets a malformed address',
    server: {
      frameworkErrors: ({ code }, _request, reply) => {
        void (reply as FastifyReply).code(418).send(code)
      }
    },
    run: side => response(side, '/services/P/%zz'),
    expected: [418, 'FST_ERR_BAD_URL']
  },
  {
    name: 'rewriteUrl to a proxy, with a query',
    server: { rewriteUrl: ({ url = '' }) => url.replace('/old', '/services/P') },
    run: reaches('/old/x?a=1'),
    expected: [[200], ['/base/x?a=1']]
  },
  {
    name: 'rewriteUrl away from a proxy',
    server: { rewriteUrl: ({ url = '' }) => url.replace('/services/P', '/elsewhere') },
    run: reaches(url),
    expected: [[404], []]
  },
  ...[false, true].map((exposeHeadRoutes): Row => ({
    name: `exposeHeadRoutes: ${exposeHeadRoutes} leaves HEAD to the proxy`,
    server: { exposeHeadRoutes },
    run: async ({ app, backend }) => [
      (await app.inject({ method: 'HEAD', url })).statusCode,
      backend.received.map(({ method }) => method)
    ],
    expected: [200, ['HEAD']]
  })),
  {
    name: 'a method that the app adds with addHttpMethod',
    host: app => app.addHttpMethod('MKCOL'),
    async run ({ app }) {
      return (await app.inject({ method: 'MKCOL', url })).statusCode
    },
    differs: { own: 200, why: 'http-proxy has seven methods, unless httpMethods names others' }
  },
  {
    name: 'what hooks see of the route: its address, the wildcard, and that it is no 404',
    host: app =>
      hook('onRequest', ({ routeOptions, params, is404 }) =>
        notesOf(app).push(`${routeOptions.url} ${JSON.stringify(params)} ${is404}`)
      )(app),
    async run (side) {
      await status(side, '/services/P/a/b')
      return notesOf(side.app)
    },
    expected: ['/services/P/* {"*":"a/b"} false']
  },
  {
    name: 'onRoute sees the addresses of the proxy',
    host: app => {
      app.addHook('onRoute', ({ url }) => {
        if (/^\/services\/P(?:\/|\/\*)?$/.test(url)) notesOf(app).push(url)
      })
    },
    run: async ({ app }) => [...new Set(notesOf(app).map(each => each.replace(/\/$/, '')))].sort(),
    expected: ['/services/P', '/services/P/*']
  }
]
