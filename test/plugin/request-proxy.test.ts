import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, {
  type Definitions,
  type ProxiedRequest,
  type ProxyServicesOptions
} from '../../plugins/index.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'

/** No server listens there. */
const DOWN = 'http://127.0.0.1:1'

const backend = async (t: Test): Promise<string> =>
  await listenOnLoopback(t, createServer((request, response) => request.pipe(response)))

const definitions = (...uris: readonly string[]): Definitions => ({
  proxies: {
    Orders: {
      endpoint: {
        kind: 'loadbalance',
        name: 'G',
        session: { kind: 'header', name: 'X-Session' },
        members: uris.map(uri => ({ kind: 'address', uri }))
      }
    }
  }
})

function listening (t: Test): FastifyInstance {
  const app = Fastify()
  t.teardown(() => app.close())
  return app
}

/** What a hook of this name sees in `request.proxy`, for each request to `/services/Orders`. */
async function seenBy (
  t: Test,
  hook: 'onSend' | 'onResponse',
  options: ProxyServicesOptions,
  requests = 1
): Promise<(ProxiedRequest | undefined)[]> {
  const app = listening(t)
  const seen: (ProxiedRequest | undefined)[] = []
  const see = async (request: FastifyRequest): Promise<void> => {
    seen.push(request.proxy)
  }
  if (hook === 'onSend') app.addHook('onSend', see)
  else app.addHook('onResponse', see)
  await app.register(proxyServices, options)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  for (let sent = 0; sent < requests; sent++) {
    const headers = { 'x-session': 'very-secret' }
    await (await fetch(`${url}/services/Orders/very-secret`, { method: 'POST', headers, body: 'abc' })).arrayBuffer()
  }
  await app.close()
  return seen
}

for (const hook of ['onSend', 'onResponse'] as const) {
  t.test(`request.proxy: ${hook} sees the proxy, its endpoint, all attempts, the session and the time`, async t => {
    const up = await backend(t)
    const [first, second] = await seenBy(t, hook, { definitions: definitions(`${DOWN}/?key=very-secret`, up) }, 2)
    t.match(first, {
      name: 'Orders',
      endpoint: up,
      attempts: [
        { endpoint: DOWN, outcome: 101503, ms: Number },
        { endpoint: up, outcome: 'response', ms: Number, reused: false }
      ],
      attemptCount: 2,
      session: 'new',
      sessionKind: 'header',
      ms: Number
    })
    t.match(second, { endpoint: up, attempts: [{ endpoint: up, reused: true }], attemptCount: 1, session: 'bound' })
    t.notMatch(JSON.stringify([first, second]), 'very-secret')
  })
}

t.test('request.proxy: a request that no endpoint takes has its fault, and no endpoint', async t => {
  const [seen] = await seenBy(t, 'onResponse', { definitions: definitions(DOWN) })
  t.match(seen, { name: 'Orders', fault: 101503, attemptCount: 1 })
  t.equal(seen!.endpoint, undefined)
})

t.test(
  'request.proxy: with an access log it is there without hooks, and its time includes the hooks before',
  async t => {
    const app = listening(t)
    let request: FastifyRequest | undefined
    app.addHook('preHandler', async each => {
      request = each
      await setTimeout(40)
    })
    const up = await backend(t)
    await app.register(proxyServices, { definitions: definitions(up), accessLog: true })
    await app.inject('/services/Orders')
    t.match(request!.proxy, { name: 'Orders', endpoint: up, attemptCount: 1 })
    t.ok(request!.proxy!.ms >= 30)
  }
)

t.test('request.proxy: it is undefined before the handler, and on routes of the app itself', async t => {
  const app = listening(t)
  const seen: (ProxiedRequest | undefined)[] = []
  app.addHook('preHandler', async request => {
    seen.push(request.proxy)
  })
  app.addHook('onResponse', async request => {
    seen.push(request.proxy)
  })
  await app.register(proxyServices, { definitions: definitions(await backend(t)) })
  app.get('/own', async () => 'own')
  await app.inject('/own')
  await app.inject('/services/Orders')
  t.same(
    seen.map(proxy => proxy?.name),
    [undefined, undefined, undefined, 'Orders']
  )
})

t.test('request.proxy: a hook that changes what it reads changes nothing of the request', async t => {
  const app = listening(t)
  const up = await backend(t)
  const seen: (ProxiedRequest | undefined)[] = []
  app.addHook('onSend', async request => {
    const { attempts } = request.proxy!
    Reflect.set(attempts[0]!, 'endpoint', 'changed')
    Reflect.set(attempts, 'length', 0)
  })
  app.addHook('onResponse', async request => {
    seen.push(request.proxy)
  })
  await app.register(proxyServices, { definitions: definitions(up) })
  await app.inject('/services/Orders')
  t.match(seen, [{ endpoint: up, attempts: [{ endpoint: up, outcome: 'response' }] }])
})

t.test('request.proxy: two registrations in one app describe their own requests', async t => {
  const app = listening(t)
  const seen: (string | undefined)[] = []
  app.addHook('onResponse', async request => {
    seen.push(request.proxy?.name)
  })
  const up = await backend(t)
  const endpoint = { kind: 'address', uri: up } as const
  await app.register(proxyServices, { prefix: '/a', definitions: { proxies: { A: { endpoint } } } })
  await app.register(proxyServices, { prefix: '/b', definitions: { proxies: { B: { endpoint } } } })
  await app.inject('/a/services/A')
  await app.inject('/b/services/B')
  t.same(seen, ['A', 'B'])
})

t.test('request.proxy: a decorator "proxy" of the app stays', async t => {
  const app = listening(t)
  const seen: (ProxiedRequest | undefined)[] = []
  const own: ProxiedRequest = {
    name: 'of the app',
    endpoint: undefined,
    attempts: [],
    attemptCount: 0,
    session: undefined,
    sessionKind: undefined,
    fault: undefined,
    ms: 0
  }
  app.decorateRequest('proxy', { getter: () => own })
  app.addHook('onResponse', async request => {
    seen.push(request.proxy)
  })
  await app.register(proxyServices, { definitions: definitions(await backend(t)) })
  t.equal((await app.inject('/services/Orders')).statusCode, 200)
  t.same(seen, [own])
})
