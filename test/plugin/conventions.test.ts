import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import Fastify from 'fastify'
import t from 'tap'
import proxyServices, { ConfigurationError } from '../../plugins/index.js'
import { backend } from '../support/backend.js'

const proxyTo = (...uris: string[]): object => ({
  proxies: {
    Quotes: {
      in: [
        { kind: 'send', endpoint: { kind: 'loadbalance', members: uris.map(uri => ({ kind: 'address', uri })) } }
      ]
    }
  }
})
const SOAP = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a/></e:Body></e:Envelope>'
const post = (url: string) => ({ method: 'POST' as const, url, headers: { 'content-type': 'text/xml' }, payload: SOAP })

t.test('beside the host: its routes, parsers and hooks are as they were', async t => {
  const served = await backend(t, 'one')
  const app = Fastify()
  t.teardown(() => app.close())
  const seen: string[] = []
  app.addHook('onRequest', async request => { seen.push(`onRequest ${request.url}`) })
  app.addHook('preHandler', async request => { seen.push(`preHandler ${request.url}`) })
  app.addHook('onResponse', async request => { seen.push(`onResponse ${request.url}`) })
  app.post('/own', async request => ({ got: request.body }))
  await app.register(proxyServices, { definitions: proxyTo(served.uri) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const at = `http://127.0.0.1:${(app.server.address() as { port: number }).port}`

  const own = await fetch(`${at}/own`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}'
  })
  t.same(await own.json(), { got: { a: 1 } }, 'JSON is still parsed')
  const through = await fetch(`${at}/services/Quotes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"raw":true}'
  })
  t.equal(through.status, 200)
  t.equal(served.requests[0]?.body, '{"raw":true}', 'what is proxied is not parsed')
  t.equal(
    (await fetch(`${at}/own`, { method: 'POST', headers: { 'content-type': 'text/xml' }, body: SOAP })).status,
    415,
    'the host still refuses what it cannot parse'
  )
  t.ok(seen.includes('preHandler /services/Quotes'), 'hooks of the host run for proxies too')
  t.equal((await fetch(`${at}/services/Missing`)).status, 404, 'what no proxy claims is the host\'s own 404')
})

t.test('a hook of the host can refuse a request', async t => {
  const served = await backend(t, 'one')
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('preHandler', async (_request, reply) => { await reply.code(401).send('who are you?') })
  await app.register(proxyServices, { definitions: proxyTo(served.uri) })
  t.equal((await app.inject(post('/services/Quotes'))).statusCode, 401)
  t.same(served.requests, [], 'and no back-end was reached')
})

t.test('a hook that replaces the body by a stream of objects is an error of that request alone', async t => {
  const served = await backend(t, 'one')
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('preParsing', async () => Readable.from([{ a: 1 }]))
  await app.register(proxyServices, { definitions: proxyTo(served.uri) })
  for (let at = 0; at < 2; at++) t.equal((await app.inject(post('/services/Quotes'))).statusCode, 500)
  t.same(served.requests, [])
})

t.test('a gzip request that @fastify/compress decompresses is mediated as it is then', async t => {
  const one = await backend(t, 'one')
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(compress)
  await app.register(proxyServices, {
    definitions: {
      proxies: {
        P: {
          in: [
            { kind: 'property', name: 'X-Value', expression: { xpath: '//v/text()' }, scope: 'transport' },
            { kind: 'send', endpoint: { kind: 'address', uri: one.uri } }
          ]
        }
      }
    }
  })
  const headers = { 'content-type': 'application/xml', 'content-encoding': 'gzip' }
  await app.inject({ method: 'POST', url: '/services/P', headers, payload: gzipSync('<a><v>seven</v></a>') })
  t.match(one.requests, [{ body: '<a><v>seven</v></a>', headers: { 'x-value': 'seven', 'content-encoding': undefined } }])
})

t.test('the plugin serves under a prefix, and twice in one app', async t => {
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { prefix: '/a', definitions: proxyTo(one.uri) })
  await app.register(proxyServices, { prefix: '/b', definitions: proxyTo(two.uri) })
  t.match((await app.inject(post('/a/services/Quotes'))).body, /one/)
  t.match((await app.inject(post('/b/services/Quotes'))).body, /two/)
  t.equal((await app.inject(post('/services/Quotes'))).statusCode, 404)
  t.equal(app.endpointRegistry.endpoints.size, 2, 'both share one registry, and no state')
  t.equal(app.endpointRegistry.groups.size, 2)
})

t.test('each app keeps its sessions by a seed of its own', async t => {
  const [one, two] = await Promise.all([1, 2].map(async () => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(proxyServices, { definitions: {} })
    return app.endpointRegistry.hashSeed
  }))
  t.ok(one?.every(word => Number.isInteger(word)))
  t.strictNotSame(one, two, 'clients choose the ids, and cannot know the seed')
})

t.test('the plugin works inside of an encapsulated scope', async t => {
  const served = await backend(t, 'one')
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(
    async scope => {
      await scope.register(proxyServices, { definitions: proxyTo(served.uri) })
    },
    { prefix: '/inner' }
  )
  t.equal((await app.inject(post('/inner/services/Quotes'))).statusCode, 200)
  await app.inject({ method: 'GET', url: '/inner/services/Quotes/a%2Fb/c?x=1&y=%20' })
  await app.inject({ method: 'GET', url: '/inner/services/Quotes?only=query' })
  await app.inject({ method: 'GET', url: '/inner/serv%69ces/Quotes/d' })
  t.same(
    served.requests.map(({ url }) => url),
    ['/one', '/one/a%2Fb/c?x=1&y=%20', '/one?only=query', '/one/d'],
    'what follows goes on as it was written'
  )
})

t.test('app.endpointRegistry shows which endpoints are out, why, and until when', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { definitions: proxyTo('http://127.0.0.1:9') })
  const transitions: string[] = []
  app.endpointRegistry.on('stateChange', ({ from, to }) => transitions.push(`${from.state} ${to.state}`))
  t.equal((await app.inject(post('/services/Quotes'))).statusCode, 500)
  const [endpoint] = [...app.endpointRegistry.endpoints.values()]
  t.match(endpoint, {
    address: 'http://127.0.0.1:9',
    health: { state: 'suspended', duration: 30_000, cause: /it was refused/ },
    inFlight: 0,
    failures: 1
  })
  t.same(transitions, ['active suspended'])
  app.endpointRegistry.switchOff(endpoint!.name)
  app.endpointRegistry.switchOn(endpoint!.name)
  t.equal(endpoint!.health.state, 'active')
  t.throws(() => app.endpointRegistry.switchOff('missing'), /no endpoint is called missing/)
})

t.test('an invalid configuration does not start, and all its problems are reported', async t => {
  const app = Fastify()
  const failed = await app
    .register(proxyServices, {
      definitions:
        '<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="A"><target><inSequence><makefoult/>' +
        '<filter/></inSequence></target></proxy></definitions>'
    })
    .then(() => app.ready())
    .then(
      () => undefined,
      (error: unknown) => error
    )
  t.ok(failed instanceof ConfigurationError)
  t.equal((failed as ConfigurationError).problems.length, 2)
  t.match((failed as ConfigurationError).message, /^\(configuration\):1:\d+ unknown mediator <makefoult>/)
})

t.test('the plugin without a configuration is refused', async t => {
  const app = Fastify()
  await t.rejects(
    async () => {
      await app.register(proxyServices, {})
      await app.ready()
    },
    { code: 'PROXY_SERVICES_NO_CONFIGURATION' }
  )
})
