import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { type ProxyServicesOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'

/** More proxies than have routes of their own. */
const NAMES = Array.from({ length: 501 }, (_, at) => `P${at}`)
const proxiesTo = (uri: string, names = NAMES) =>
  Object.fromEntries(names.map(name => [name, { endpoint: { kind: 'address' as const, uri } }]))

interface Host {
  readonly names?: readonly string[]
  readonly server?: FastifyServerOptions
  readonly options?: ProxyServicesOptions
  /** What the app does before it registers the plugin. */
  readonly before?: (app: FastifyInstance) => void
}

async function appWith (t: Test, uri: string, { names = NAMES, server = {}, options = {}, before }: Host = {}) {
  const app = Fastify(server)
  t.teardown(() => app.close())
  before?.(app)
  await app.register(proxyServices, { definitions: { proxies: proxiesTo(uri, [...names]) }, ...options })
  await app.ready()
  return app
}

const hasOwnRoute = (app: FastifyInstance, name: string): boolean =>
  app.hasRoute({ method: 'POST', url: `/services/${name}` })

t.test('up to 500 proxies have a route each, more share one', async t => {
  const { uri } = await backend(t, 'one')
  t.ok(hasOwnRoute(await appWith(t, uri, { names: NAMES.slice(0, 500) }), 'P7'))
  t.notOk(hasOwnRoute(await appWith(t, uri), 'P7'))
})

t.test('a shared route serves each proxy at all of its addresses, and no other name', async t => {
  const served = await backend(t, 'one')
  const app = await appWith(t, served.uri)
  const url = async (url: string, method: 'GET' | 'POST' | 'HEAD' = 'POST') =>
    (await app.inject({ method, url })).statusCode
  for (const path of [
    '/services/P0',
    '/services/P500/x?y=1',
    '/services/P7.P7HttpSoap11Endpoint/z',
    '/serv%69ces/%507'
  ]) {
    t.equal(await url(path), 200, path)
  }
  t.equal(await url('/services/P7', 'GET'), 200)
  t.match(served.requests[1]!.url, /\/x\?y=1$/)
  t.match(served.requests[2]!.url, /\/z$/)
  t.equal((await app.inject({ method: 'TRACE' as 'GET', url: '/services/P7' })).statusCode, 404)
  t.equal(await url('/services/P501'), 404)
  t.equal(await url('/services/'), 404)
})

t.test('proxies have routes of their own where an onRoute hook of the app sees them', async t => {
  const { uri } = await backend(t, 'one')
  const app = await appWith(t, uri, {
    before: app =>
      app.addHook('onRoute', route => {
        if (!route.url.startsWith('/services/P7')) return
        route.onRequest = async (_request, reply) => await reply.code(401).send()
      })
  })
  t.ok(hasOwnRoute(app, 'P8'))
  t.equal((await app.inject('/services/P7')).statusCode, 401)
  t.equal((await app.inject('/services/P8')).statusCode, 200)
})

t.test('a proxy with route options has a route of its own among shared ones', async t => {
  const { uri } = await backend(t, 'one')
  const app = await appWith(t, uri, { options: { proxies: { P7: { path: '/seven', methods: ['POST'] } } } })
  t.ok(app.hasRoute({ method: 'POST', url: '/seven' }))
  t.equal((await app.inject({ method: 'POST', url: '/seven' })).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/services/P7' })).statusCode, 404)
  t.equal((await app.inject({ method: 'POST', url: '/services/P8' })).statusCode, 200)
})

t.test('proxies have routes of their own where the app has the shared one itself, or ignores case', async t => {
  const { uri } = await backend(t, 'one')
  const taken = await appWith(t, uri, { before: app => app.all('/services/*', async () => 'of the app') })
  t.ok(hasOwnRoute(taken, 'P7'))
  t.equal((await taken.inject('/services/P7')).statusCode, 200)
  t.equal((await taken.inject('/services/other')).body, 'of the app')
  const anyCase = await appWith(t, uri, { server: { routerOptions: { caseSensitive: false } } })
  t.equal((await anyCase.inject('/services/p7')).statusCode, 200)
})

t.test('a reload adds and removes proxies at a shared route', async t => {
  const { uri } = await backend(t, 'one')
  let names = NAMES
  const app = await appWith(t, uri, { options: { definitions: () => ({ proxies: proxiesTo(uri, names) }) } })
  names = [...NAMES.slice(1), 'New']
  const { added, removed } = await app.proxyServices.reload()
  t.same([added, removed], [['New'], ['P0']])
  t.equal((await app.inject('/services/New')).statusCode, 200)
  t.equal((await app.inject('/services/P0')).statusCode, 404)
})
