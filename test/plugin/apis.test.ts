import Fastify, { type FastifyInstance, type FastifyServerOptions, type preHandlerAsyncHookHandler } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { type ProxyServicesOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { exchange } from './http-proxy/sides.js'

/** Resources of an API are served by routes of Fastify: hooks, policies and options of the host hold for them. */

const NS = 'http://ws.apache.org/ns/synapse'
const api = (name: string, uri: string, attributes = `context="/${name.toLowerCase()}"`): string =>
  `<api name="${name}" ${attributes}><resource methods="GET POST" uri-template="/orders/{id}"><inSequence><send><endpoint>` +
  `<http uri-template="${uri}/{uri.var.id}"/></endpoint></send></inSequence><outSequence><send/></outSequence></resource></api>`

interface Setup {
  readonly app: FastifyInstance
  readonly uri: string
  readonly requests: Awaited<ReturnType<typeof backend>>['requests']
  /** What a reload reads. */
  readonly current: { xml: string }
  readonly lines: { msg: string, apis?: readonly string[] }[]
}

async function setUp (
  t: Test,
  options: Omit<ProxyServicesOptions, 'definitions'> = {},
  host: (app: FastifyInstance) => void = () => {},
  apis: (uri: string) => string = uri => api('Shop', uri),
  server: FastifyServerOptions = {}
): Promise<Setup> {
  const { uri, requests } = await backend(t, 'one')
  const current = { xml: definitions(apis(uri)) }
  const lines: Setup['lines'] = []
  const stream = { write: (line: string) => { lines.push(JSON.parse(line) as Setup['lines'][0]) } }
  const app = Fastify({ ...server, logger: { level: 'info', stream } })
  t.teardown(() => app.close())
  host(app)
  await app.register(proxyServices, { ...options, definitions: () => current.xml })
  await app.ready()
  return { app, uri, requests, current, lines }
}
const definitions = (inside: string): string => `<definitions xmlns="${NS}">${inside}</definitions>`

t.test('APIs: hooks of the host run for each resource, and see its route', async t => {
  const routes: string[] = []
  const seen: unknown[] = []
  const { app, requests } = await setUp(t, {}, app => {
    app.addHook('onRoute', route => { routes.push(route.url) })
    app.addHook('onRequest', async (request, reply) => {
      if (request.headers.authorization === undefined) await reply.code(401).send({ who: 'host' })
      reply.header('x-hook', 'yes')
    })
    app.addHook('onSend', async (_request, reply, payload) => {
      reply.header('x-sent', 'yes')
      return payload
    })
    app.addHook('onResponse', async request => { seen.push(request.proxy?.name) })
  })
  t.ok(['/shop', '/shop/*'].every(each => routes.includes(each)), routes.join())
  const refused = await app.inject('/shop/orders/1')
  t.strictSame([refused.statusCode, requests.length], [401, 0])
  const served = await app.inject({ url: '/shop/orders/1', headers: { authorization: 'x' } })
  t.match(served, { statusCode: 200, headers: { 'x-hook': 'yes', 'x-sent': 'yes' } })
  const wrong = await app.inject({ url: '/shop/orders/1', method: 'DELETE', headers: { authorization: 'x' } })
  t.match(wrong, { statusCode: 405, headers: { allow: 'GET, POST', 'x-hook': 'yes', 'x-sent': 'yes' } })
  t.strictSame(seen, [undefined, 'Shop', undefined])
})

t.test('APIs: a preHandler that an onRoute hook of the host appends is not skipped', async t => {
  const { app, requests } = await setUp(t, {}, app => {
    app.addHook('onRoute', route => {
      const refuse: preHandlerAsyncHookHandler = async (_request, reply) => reply.code(429).send('slow down')
      route.preHandler = [route.preHandler ?? [], refuse].flat() as preHandlerAsyncHookHandler[]
    })
  })
  t.equal((await app.inject('/shop/orders/1')).statusCode, 429)
  t.equal(requests.length, 0)
})

t.test('APIs: each has options of its own, as a proxy has', async t => {
  const apis = (uri: string): string => api('Shop', uri) + api('Open', uri) +
    `<proxy name="Shop"><target><endpoint><address uri="${uri}"/></endpoint></target></proxy>`
  const configs: unknown[] = []
  const { app, requests } = await setUp(t, {
    apis: {
      Shop: {
        onRequest: async (request, reply) => {
          configs.push((request.routeOptions.config as { audit?: string }).audit)
          if (request.headers['x-key'] === undefined) await reply.code(401).send()
        },
        bodyLimit: 10,
        config: { audit: 'shop' } as object,
        rewriteRequestHeaders: (_request, headers) => ({ ...headers, 'x-tenant': 'a' }),
        rewriteHeaders: headers => ({ ...headers, 'x-from': 'shop' })
      }
    }
  }, () => {}, apis)
  t.equal((await app.inject('/shop/orders/1')).statusCode, 401)
  const served = await app.inject({ url: '/shop/orders/1', headers: { 'x-key': '1' } })
  t.match(served, { statusCode: 200, headers: { 'x-from': 'shop' } })
  t.equal(requests[0]!.headers['x-tenant'], 'a')
  const large = await app.inject({ method: 'POST', url: '/shop/orders/1', payload: 'x'.repeat(11), headers: { 'x-key': '1' } })
  t.equal(large.statusCode, 413)
  t.strictSame(configs, ['shop', 'shop', 'shop'])
  for (const url of ['/open/orders/1', '/services/Shop']) {
    const other = await app.inject(url)
    t.strictSame([other.statusCode, other.headers['x-from']], [200, undefined], url)
  }
})

t.test('APIs: options may be a function of name and definition, and wrong ones are refused', async t => {
  const { app } = await setUp(t, {
    apis: (name, { context }) => ({ rewriteHeaders: headers => ({ ...headers, 'x-api': `${name} ${context}` }) })
  })
  t.equal((await app.inject('/shop/orders/1')).headers['x-api'], 'Shop /shop')
  await t.rejects(setUp(t, { apis: { Shop: { bodyLimt: 1 } as object } }), /unknown option "apis\.Shop\.bodyLimt" .*bodyLimit/)
  const { lines } = await setUp(t, { apis: { Shopp: {} } })
  t.match(lines.map(({ msg }) => msg).join('\n'), /the option "apis" names "Shopp", which is not an API of the configuration/)
})

t.test('APIs: an absolute-form target, a prefix, and a path that leaves the API', async t => {
  const { app, requests } = await setUp(t, { prefix: '/v1' })
  t.equal((await app.inject('/v1/shop/orders/1')).statusCode, 200)
  t.equal((await app.inject('/shop/orders/1')).statusCode, 404)
  const statusOf = async (target: string): Promise<number> =>
    (await exchange({ app }, `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`)).status
  t.equal(await statusOf('http://h/v1/shop/orders/2'), 200)
  t.match(requests[1]!.url, /\/2$/)
  t.equal(await statusOf('/v1/shop/orders/%2e%2e%2fprivate'), 400)
  t.equal(requests.length, 2)
})

t.test('APIs: a reload changes resources at once', async t => {
  const { app, uri, current } = await setUp(t)
  current.xml = definitions(api('Shop', uri).replace('/orders/', '/bills/'))
  await app.proxyServices.reload()
  t.equal((await app.inject('/shop/orders/1')).statusCode, 404)
  t.equal((await app.inject('/shop/bills/1')).statusCode, 200)
  current.xml = definitions('<sequence name="s"/>')
  await app.proxyServices.reload()
  t.equal((await app.inject('/shop/bills/1')).statusCode, 404)
})

t.test('APIs: main gets the paths of an API that a reload removes as it gets all others', async t => {
  for (const mainSequence of ['services', 'all'] as const) {
    const { app, uri, requests, current } = await setUp(t, { mainSequence, prefix: '/v1' })
    current.xml = definitions(
      `<sequence name="main"><in><send><endpoint><address uri="${uri}"/></endpoint></send></in><out><send/></out></sequence>`
    )
    await app.proxyServices.reload()
    const paths = ['/v1/services/Missing', '/v1/shop/orders/1?x=1']
    for (const path of paths) t.equal((await app.inject(path)).statusCode, 200, path)
    t.same(requests.map(({ url }) => url), paths.map(path => `/one${path}`), mainSequence)
  }
})

t.test('APIs: one that a reload adds is served where the gateway has all paths, and else the log reports it', async t => {
  for (const mainSequence of ['services', 'all'] as const) {
    const { app, uri, current, lines } = await setUp(t, { mainSequence })
    current.xml = definitions(api('Shop', uri) + api('Late', uri))
    await app.proxyServices.reload()
    t.equal((await app.inject('/late/orders/1')).statusCode, mainSequence === 'all' ? 200 : 404)
    t.equal((await app.inject('/other')).statusCode, 404)
    const warnings = lines.filter(({ apis }) => apis !== undefined)
    t.match(warnings, [{ apis: ['Late'], msg: mainSequence === 'all' ? /are served by \/\*/ : /need a restart/ }])
  }
})

t.test('APIs: the context / beside proxies, where the gateway has all paths', async t => {
  for (const mainSequence of ['services', 'all'] as const) {
    const { app } = await setUp(t, { mainSequence }, () => {}, uri => api('Root', uri, 'context="/"'))
    t.equal((await app.inject('/orders/1')).statusCode, 200, mainSequence)
    t.equal((await app.inject('/orders')).statusCode, 404, mainSequence)
  }
})
