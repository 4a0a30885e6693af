import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { type Definitions, type ProxiesOption, type ProxyServicesOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { capture } from '../support/operation/captured-log.js'

const proxyTo = (uri: string) => ({ endpoint: { kind: 'address' as const, uri } })

interface Setup {
  readonly server?: FastifyServerOptions
  readonly before?: (app: FastifyInstance) => unknown
  readonly options?: ProxyServicesOptions
}

/** An app with the proxies P and Q, whose routes have these options. */
async function appWith (t: Test, proxies: ProxiesOption, { server = {}, before, options = {} }: Setup = {}) {
  const { uri, requests } = await backend(t, 'one', (_, response) => response.end('ok'))
  const app = Fastify(server)
  t.teardown(() => app.close())
  await before?.(app)
  const definitions: Definitions = { proxies: { P: proxyTo(uri), Q: proxyTo(uri) } }
  await app.register(proxyServices, { definitions, proxies, ...options })
  await app.ready()
  const status = async (url: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', headers = {}, payload?: string) =>
    (await app.inject({ url, method, headers, ...(payload !== undefined && { payload }) })).statusCode
  return { app, requests, status }
}

t.test('proxies.path: the proxy is served at this path and below, and not at /services', async t => {
  const { status, requests } = await appWith(t, { P: { path: '/shop/orders' } })
  t.same(
    [await status('/shop/orders'), await status('/shop/orders/7?a=1'), await status('/services/P')],
    [200, 200, 404]
  )
  t.same(requests.map(({ url }) => url), ['/one', '/one/7?a=1'])
  t.equal(await status('/services/Q'), 200, 'the other proxy is where it was')
})

t.test('proxies.path: parameters and the root are paths, too', async t => {
  const { status, requests } = await appWith(t, { P: { path: '/:tenant/orders' }, Q: { path: '/' } })
  t.same([await status('/one/orders/7'), await status('/elsewhere/x')], [200, 200])
  t.same(requests.map(({ url }) => url), ['/one/7', '/one/elsewhere/x'])
})

t.test('proxies.methods: other methods are not found', async t => {
  const { status, requests } = await appWith(t, { P: { methods: ['GET', 'POST'] } })
  t.same(
    [await status('/services/P'), await status('/services/P', 'POST'), await status('/services/P', 'DELETE')],
    [200, 200, 404]
  )
  t.equal(await status('/services/Q', 'DELETE'), 200)
  t.equal(requests.length, 3)
})

t.test('proxies.onRequest and proxies.preHandler: one hook or several, in order, at this proxy alone', async t => {
  const ran: string[] = []
  const { status } = await appWith(t, {
    P: {
      onRequest: [
        (_request, _reply, done) => {
          ran.push('first')
          done()
        },
        async () => {
          ran.push('second')
        }
      ],
      preHandler: async (request, reply) => {
        ran.push('preHandler')
        if (request.headers['x-deny'] !== undefined) return await reply.code(403).send('no')
      }
    }
  })
  t.equal(await status('/services/P'), 200)
  t.same(ran, ['first', 'second', 'preHandler'])
  t.equal(await status('/services/P.PHttpSoap11Endpoint', 'GET', { 'x-deny': '1' }), 403, 'also at generated addresses')
  t.equal(await status('/services/Q', 'GET', { 'x-deny': '1' }), 200)
})

t.test('proxies.schema: headers and query are validated, and what is forwarded stays as it came', async t => {
  const { status, requests } = await appWith(t, {
    P: {
      schema: {
        querystring: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } },
        headers: { type: 'object', properties: { 'x-level': { type: 'string', enum: ['a', 'b'] } } }
      }
    }
  })
  t.same(
    [
      await status('/services/P?id=07'),
      await status('/services/P'),
      await status('/services/P?id=x'),
      await status('/services/P?id=1', 'GET', { 'x-level': 'c' })
    ],
    [200, 400, 400, 400]
  )
  t.same(requests.map(({ url }) => url), ['/one?id=07'])
})

t.test('proxies.schema: swagger describes a proxy, or hides it', async t => {
  const { app } = await appWith(
    t,
    { P: { schema: { summary: 'Orders of the shop', tags: ['shop'] } }, Q: { schema: { hide: true } as object } },
    { before: app => app.register(swagger, { openapi: { info: { title: 'shop', version: '1' } } }) }
  )
  const { paths = {} } = app.swagger() as { paths?: Record<string, { get?: { summary?: string, tags?: string[] } }> }
  t.match(paths['/services/P']?.get, { summary: 'Orders of the shop', tags: ['shop'] })
  t.same(Object.keys(paths).filter(path => path.includes('Q')), [])
})

t.test('proxies.config: hooks of the app read it', async t => {
  const seen: unknown[] = []
  const { status } = await appWith(
    t,
    { P: { config: { audit: 'orders' } as object } },
    {
      before: app =>
        app.addHook('onRequest', async ({ routeOptions: { config } }) => {
          seen.push(Reflect.get(config, 'audit'))
        })
    }
  )
  await status('/services/P')
  await status('/services/Q')
  t.same(seen, ['orders', undefined])
})

t.test('proxies.constraints: a host or a version chooses the proxy', async t => {
  const { status } = await appWith(t, {
    P: { constraints: { host: 'shop.example' } },
    Q: { constraints: { version: '2.0.0' } }
  })
  t.same(
    [
      await status('/services/P', 'GET', { host: 'shop.example' }),
      await status('/services/P', 'GET', { host: 'other.example' }),
      await status('/services/Q', 'GET', { 'accept-version': '2.x' }),
      await status('/services/Q')
    ],
    [200, 404, 200, 404]
  )
})

t.test('proxies.logLevel: the lines of requests of this proxy', async t => {
  const { app, lines } = capture(t)
  const { uri } = await backend(t, 'one')
  await app.register(proxyServices, {
    definitions: { proxies: { P: proxyTo(uri), Q: proxyTo(uri) } },
    proxies: { P: { logLevel: 'silent' } }
  })
  await app.inject('/services/P')
  t.notOk(lines.some(({ msg }) => msg === 'incoming request'))
  await app.inject('/services/Q')
  t.ok(lines.some(({ msg }) => msg === 'incoming request'))
})

t.test('proxies.bodyLimit and proxies.handlerTimeout: at this proxy alone', async t => {
  const { status } = await appWith(t, { P: { bodyLimit: 3, handlerTimeout: 60_000 } }, { options: { bodyLimit: 5 } })
  const type = { 'content-type': 'text/plain' }
  t.same(
    [
      await status('/services/P', 'POST', type, '123'),
      await status('/services/P', 'POST', type, '1234'),
      await status('/services/Q', 'POST', type, '12345'),
      await status('/services/Q', 'POST', type, '123456')
    ],
    [200, 413, 200, 413]
  )
})

t.test('proxies as a function gets name and definition of each proxy, and undefined means no options', async t => {
  const seen: unknown[] = []
  const { status } = await appWith(t, (name, { endpoint }) => {
    seen.push([name, typeof endpoint === 'object' && endpoint.kind])
    return name === 'P' ? { methods: ['POST'] } : undefined
  })
  t.same(seen, [
    ['P', 'address'],
    ['Q', 'address']
  ])
  t.same([await status('/services/P'), await status('/services/P', 'POST'), await status('/services/Q')], [404, 200, 200])
})

t.test('a reload asks for the options again: hooks and limits change, the route stays', async t => {
  let denied = 'P'
  let path = '/orders'
  const { app, status } = await appWith(
    t,
    name => ({
      ...(name === 'P' && { path }),
      onRequest: async (_request, reply) => {
        if (name === denied) return await reply.code(401).send()
      },
      bodyLimit: name === denied ? 1 : 100
    })
  )
  t.same([await status('/orders'), await status('/services/Q')], [401, 200])
  denied = 'Q'
  path = '/elsewhere'
  await app.proxyServices.reload()
  t.same(
    [await status('/orders'), await status('/services/Q'), await status('/elsewhere')],
    [200, 401, 404],
    'the path was taken at registration'
  )
})

t.test('a reload with options of a wrong type fails, and the running ones stay', async t => {
  let options: object = { bodyLimit: 3 }
  const { app, status } = await appWith(t, () => options)
  options = { bodyLimit: 'many' }
  await t.rejects(app.proxyServices.reload(), { code: 'PROXY_SERVICES_INVALID_OPTION' })
  t.equal(await status('/services/P', 'POST', { 'content-type': 'text/plain' }, '1234'), 413)
})
