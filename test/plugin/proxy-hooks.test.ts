import { createServer, type IncomingMessage } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, {
  dynamicEndpoint,
  headerOf,
  type AttemptTrace,
  type Definitions,
  type ProxyHooks,
  type ProxyServicesOptions
} from '../../plugins/index.js'
import { freePort } from '../support/free-port.js'
import { capture } from '../support/operation/captured-log.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'

interface Backend {
  readonly uri: string
  readonly received: IncomingMessage[]
}

async function backend (t: Test, name = 'one'): Promise<Backend> {
  const received: IncomingMessage[] = []
  const server = createServer((request, response) => {
    received.push(request)
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        response.setHeader('X-Back-End', name).setHeader('X-Secret', 's').setHeader('Set-Cookie', ['a=1', 'b=2'])
        response.end(`${name} ${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`)
      })
  })
  return { uri: await listenOnLoopback(t, server), received }
}

const toAll = (...uris: readonly string[]): Definitions => ({
  proxies: {
    Orders: {
      endpoint: { kind: 'loadbalance', members: uris.map((uri, at) => ({ kind: 'address', name: `m${at}`, uri })) }
    }
  }
})

/** An app whose log lines are collected, with these functions at its proxy. */
async function withHooks (t: Test, definitions: Definitions, hooks: ProxyHooks, options: ProxyServicesOptions = {}) {
  const { app, lines } = capture(t)
  await app.register(proxyServices, { definitions, proxies: { Orders: hooks }, ...options })
  return { app, lines }
}

const get = async (app: FastifyInstance, headers: Record<string, string> = {}) =>
  await app.inject({ url: '/services/Orders/x', headers })

t.test('rewriteRequestHeaders sets, replaces and removes what an endpoint gets', async t => {
  const one = await backend(t)
  const { app } = await withHooks(t, toAll(one.uri), {
    rewriteRequestHeaders: (request, { 'x-remove': _, ...headers }, endpoint) => ({
      ...headers,
      'x-set': `${request.method} ${endpoint}`,
      'X-Many': ['1', '2'],
      host: 'shop.example'
    })
  })
  await get(app, { 'x-remove': '1', 'x-keep': '2' })
  t.match(one.received[0]!.headers, {
    'x-set': `GET ${one.uri}`,
    'x-many': '1, 2',
    'x-keep': '2',
    host: 'shop.example'
  })
  t.equal(one.received[0]!.headers['x-remove'], undefined)
})

t.test('rewriteRequestHeaders runs for each attempt, with its endpoint', async t => {
  const one = await backend(t)
  const down = `http://127.0.0.1:${await freePort()}`
  const seen: string[] = []
  const { app } = await withHooks(t, toAll(down, one.uri), {
    rewriteRequestHeaders (_, headers, endpoint) {
      seen.push(endpoint)
      return headers
    }
  })
  t.equal((await get(app)).statusCode, 200)
  t.strictSame(seen, [down, one.uri])
})

t.test('rewriteHeaders sets and removes what the client gets of a response', async t => {
  const one = await backend(t)
  const { app } = await withHooks(t, toAll(one.uri), {
    rewriteHeaders: ({ 'x-secret': _, ...headers }, request, endpoint) => ({
      ...headers,
      'x-from': `${request.url} ${endpoint}`
    })
  })
  const { headers, body } = await get(app)
  t.match(headers, { 'x-back-end': 'one', 'x-from': `/services/Orders/x ${one.uri}`, 'set-cookie': ['a=1', 'b=2'] })
  t.equal(headers['x-secret'], undefined)
  t.equal(body, 'one GET /x ')
})

t.test('onAttempt sees each attempt when it is over', async t => {
  const one = await backend(t)
  const down = `http://127.0.0.1:${await freePort()}`
  const attempts: AttemptTrace[] = []
  const { app } = await withHooks(t, toAll(down, one.uri), {
    onAttempt: (_, attempt) => attempts.push(attempt)
  })
  await get(app)
  t.match(attempts, [
    { endpoint: down, outcome: 101503, ms: Number },
    { endpoint: one.uri, outcome: 'response', ms: Number }
  ])
})

t.test('onResponse sees a response before it is sent, may add headers, and may replace it', async t => {
  const one = await backend(t)
  const seen: unknown[] = []
  const { app } = await withHooks(t, toAll(one.uri), {
    onResponse: async (request, reply, { statusCode, headers, endpoint }) => {
      seen.push(statusCode, headers['x-back-end'], endpoint)
      void reply.header('x-seen', '1')
      if (request.headers['x-replace'] !== undefined) return await reply.code(202).send('replaced')
    }
  })
  const first = await get(app)
  t.match(first, { statusCode: 200, body: 'one GET /x ', headers: { 'x-seen': '1' } })
  t.strictSame(seen, [200, 'one', one.uri])
  t.match(await get(app, { 'x-replace': '1' }), { statusCode: 202, body: 'replaced' })
})

t.test('onError sees a request that failed, and may replace its response', async t => {
  const down = `http://127.0.0.1:${await freePort()}`
  const seen: unknown[] = []
  const { app } = await withHooks(t, toAll(down), {
    onResponse: () => seen.push('onResponse'),
    rewriteHeaders: () => {
      throw new Error('not called')
    },
    onError (reply, { error }) {
      seen.push([error.code, error.statusCode, error.fault])
      if (reply.request.headers['x-replace'] !== undefined) return reply.code(418).send('sorry')
    }
  })
  t.equal((await get(app)).statusCode, 502)
  t.match(await get(app, { 'x-replace': '1' }), { statusCode: 418, body: 'sorry' })
  t.match(seen, [
    ['PROXY_SERVICES_REQUEST_FAILED', 502, Number],
    ['PROXY_SERVICES_REQUEST_FAILED', 503, Number]
  ])
})

t.test(
  'a function that fails makes a response 500, its text is in the log alone, and no endpoint suffers',
  async t => {
    const one = await backend(t)
    const fail = (): never => {
      throw new Error('postgres://user:secret@db')
    }
    const wrong = (() => undefined) as unknown as () => Record<string, string>
    const asynchronous = (async () => ({})) as unknown as () => Record<string, string>
    const rows: [name: string, hooks: ProxyHooks][] = [
      ['rewriteRequestHeaders', { rewriteRequestHeaders: fail }],
      ['rewriteRequestHeaders', { rewriteRequestHeaders: wrong }],
      ['rewriteRequestHeaders', { rewriteRequestHeaders: asynchronous }],
      ['rewriteHeaders', { rewriteHeaders: fail }],
      ['rewriteHeaders', { rewriteHeaders: wrong }],
      ['rewriteHeaders', { rewriteHeaders: asynchronous }],
      ['onResponse', { onResponse: fail }],
      ['onResponse', { onResponse: async () => fail() }]
    ]
    for (const [name, hooks] of rows) {
      let failures = 0
      const { app, lines } = await withHooks(
        t,
        { proxies: { Orders: { endpoint: { kind: 'address', name: 'm', uri: one.uri } } } },
        {
          ...hooks,
          onError: () => {
            failures++
          }
        }
      )
      const { statusCode, body, headers } = await get(app)
      t.equal(statusCode, 500, name)
      t.notMatch(body, /secret|one/)
      t.equal(headers['x-back-end'], undefined)
      t.equal(failures, 1, 'onError runs once')
      t.equal(lines.filter(({ msg }) => msg === `the option ${name} of the proxy Orders failed`).length, 1)
      t.equal(app.endpointRegistry.endpoints.get('m')!.health.state, 'active')
    }
  }
)

t.test('onAttempt and onError that fail change nothing for the client', async t => {
  const one = await backend(t)
  const down = `http://127.0.0.1:${await freePort()}`
  for (const fail of [
    () => {
      throw new Error('no')
    },
    async () => {
      throw new Error('no')
    }
  ]) {
    const { app, lines } = await withHooks(t, toAll(one.uri), { onAttempt: fail })
    t.equal((await get(app)).statusCode, 200)
    t.ok(lines.some(({ msg }) => msg === 'the option onAttempt of the proxy Orders failed'))
    const failing = await withHooks(t, toAll(down), { onError: fail })
    t.equal((await get(failing.app)).statusCode, 502)
    t.ok(failing.lines.some(({ msg }) => msg === 'the option onError of the proxy Orders failed'))
  }
})

t.test('an onResponse that never settles ends with handlerTimeout', async t => {
  const one = await backend(t)
  const app = Fastify({ handlerTimeout: 100 })
  t.teardown(() => app.close())
  await app.register(proxyServices, {
    definitions: toAll(one.uri),
    proxies: () => ({ onResponse: async () => await new Promise(() => {}) })
  })
  t.equal((await get(app)).statusCode, 503)
})

t.test('a reload asks for the functions again, and a wrong type is an error at start', async t => {
  const one = await backend(t)
  let number = 0
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, {
    definitions: () => toAll(one.uri),
    proxies () {
      const current = ++number
      return { rewriteHeaders: headers => ({ ...headers, 'x-number': String(current) }) }
    }
  })
  t.equal((await get(app)).headers['x-number'], '1')
  await app.proxyServices.reload()
  t.equal((await get(app)).headers['x-number'], '2')
  const wrong = Fastify()
  t.teardown(() => wrong.close())
  const proxies = { Orders: { onAttempt: 'no' } } as unknown as NonNullable<ProxyServicesOptions['proxies']>
  await t.rejects(async () => await wrong.register(proxyServices, { definitions: toAll(one.uri), proxies }), {
    code: 'PROXY_SERVICES_INVALID_OPTION',
    message: /onAttempt" expects a function/
  })
})

t.test('reply.proxy serves a route of the host by a proxy', async t => {
  const one = await backend(t)
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('preHandler', async request => {
    request.headers['x-user'] = 'me'
  })
  await app.register(proxyServices, { definitions: toAll(one.uri) })
  app.get('/mine', (_, reply) => reply.header('x-mine', '1').proxy('Orders'))
  app.post('/items/:id', async (request, reply) =>
    reply.proxy('Orders', `/item/${(request.params as { id: string }).id}?full=1`)
  )
  app.post('/raw', { schema: {} }, (_, reply) => reply.proxy('Orders', 'raw'))
  app.get('/unknown', (_, reply) => reply.proxy('Unknown'))
  app.get('/leaves', (_, reply) => reply.proxy('Orders', '/../private'))
  const mine = await app.inject('/mine?a=1')
  t.match(mine, { statusCode: 200, body: 'one GET /?a=1 ', headers: { 'x-mine': '1', 'x-back-end': 'one' } })
  t.equal(one.received[0]!.headers['x-user'], 'me')
  const posted = await app.inject({ method: 'POST', url: '/items/7', payload: { a: 1 } })
  t.equal(posted.body, 'one POST /item/7?full=1 {"a":1}')
  t.match(one.received[1]!.headers, { 'content-type': 'application/json' })
  const raw = await app.inject({
    method: 'POST',
    url: '/raw',
    payload: 'text',
    headers: { 'content-type': 'text/plain' }
  })
  t.equal(raw.body, 'one POST /raw text')
  t.match((await app.inject('/unknown')).json(), { statusCode: 500, code: 'PROXY_SERVICES_UNKNOWN_PROXY' })
  t.equal((await app.inject('/leaves')).statusCode, 400)
})

t.test('reply.proxy refuses a body that was parsed to something else', async t => {
  const one = await backend(t)
  const app = Fastify()
  t.teardown(() => app.close())
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_: unknown, body: string) => Object.fromEntries(new URLSearchParams(body))
  )
  await app.register(proxyServices, { definitions: toAll(one.uri) })
  app.post('/form', (_, reply) => reply.proxy('Orders'))
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url: '/form',
    payload: 'a=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' }
  })
  t.equal(statusCode, 500)
  t.match(body, 'PROXY_SERVICES_UNREADABLE_BODY')
  t.equal(one.received.length, 0)
})

t.test('a decorator "proxy" that the host has for replies stays', async t => {
  const { app, lines } = capture(t)
  const mine = (() => 'mine') as unknown as () => FastifyReply
  app.decorateReply('proxy', mine)
  await app.register(proxyServices, { definitions: toAll('http://127.0.0.1:1') })
  app.get('/', (_, reply) => reply.proxy(''))
  t.equal((await app.inject('/')).body, 'mine')
  t.ok(lines.some(({ msg }) => /decorates replies with "proxy" itself/.test(String(msg))))
})

t.test('a function chooses the endpoint of each message, by address or by name', async t => {
  const [one, two] = [await backend(t), await backend(t, 'two')]
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('preHandler', async request => {
    request.headers['x-tenant'] = String(request.headers['authorization'])
  })
  const targets: Record<string, string> = { a: `${one.uri}/a`, b: 'Two', c: 'Nowhere', d: 'ftp://x', f: 'Loop' }
  await app.register(proxyServices, {
    extensions: {
      endpoints: [dynamicEndpoint('byTenant', ({ headers }) => targets[headerOf(headers, 'x-tenant') ?? ''])]
    },
    definitions: JSON.stringify({
      proxies: { Orders: { endpoint: { kind: 'byTenant' } } },
      endpoints: { Two: { kind: 'address', uri: two.uri }, Loop: { kind: 'byTenant' } }
    })
  })
  const sent = async (authorization: string) => {
    const { statusCode, body } = await get(app, { authorization, 'x-tenant': 'b' })
    return statusCode === 200 ? body : statusCode
  }
  t.equal(await sent('a'), 'one GET /a/x ')
  t.equal(await sent('b'), 'two GET /x ', 'the header of the client has no effect')
  t.ok(Number(await sent('c')) >= 500, 'there is no endpoint of this name')
  t.ok(Number(await sent('d')) >= 500)
  t.ok(Number(await sent('e')) >= 500, 'the function gives nothing')
  t.match((await get(app, { authorization: 'f' })).body, /Loop/, 'an endpoint that leads back to itself is named')
})

t.test('functions see nothing of requests that hooks of the host have refused', async t => {
  const one = await backend(t)
  let calls = 0
  const count = (): void => {
    calls++
  }
  const { app } = await withHooks(t, toAll(one.uri), { onAttempt: count, onResponse: count, onError: count })
  app.addHook('onRequest', async (_, reply) => await reply.code(401).send())
  t.equal((await get(app)).statusCode, 401)
  t.equal(calls, 0)
})
