import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { admin, type AdminOptions } from '../../plugins/index.js'
import { capture } from '../support/operation/captured-log.js'

const NAME = 'Quotes http://127.0.0.1:1/'

/** An app with one endpoint and the admin API, and the lines that it logs. */
async function operated (t: Test, options: AdminOptions = {}): Promise<ReturnType<typeof capture>> {
  const captured = capture(t)
  const { app } = captured
  const endpoint = { kind: 'address', uri: 'http://127.0.0.1:1/' }
  await app.register(proxyServices, {
    definitions: { proxies: { Quotes: { in: [{ kind: 'send', endpoint }] } } } as object
  })
  await app.register(admin, options)
  await app.ready()
  return captured
}

const post = async (app: FastifyInstance, payload: object, headers: Record<string, string> = {}) =>
  await app.inject({ method: 'POST', url: '/endpoints', payload, headers })

t.test('without a token, a Host that a web page can rebind is refused, and the refusal names the flag', async t => {
  const { app } = await operated(t, { allowHosts: ['Gateway.Example'] })
  const status = async (host: string, url = '/endpoints'): Promise<number> =>
    (await app.inject({ url, headers: { host } })).statusCode
  for (const host of [
    '127.0.0.1',
    '127.0.0.1:9164',
    '[::1]:9164',
    'localhost:9164',
    'admin.localhost',
    '10.1.2.3',
    'gateway.example'
  ]) {
    t.equal(await status(host), 200, host)
  }
  for (const host of ['evil.example', 'evil.example:9164', 'localhost.evil.example', '127.0.0.1.evil.example']) {
    t.equal(await status(host), 403, host)
  }
  t.equal(await status('evil.example', '/health/ready'), 200, 'health is for everyone')
  const { Error: message } = (await app.inject({ url: '/endpoints', headers: { host: 'evil.example:80' } })).json()
  t.equal(message, 'the Host "evil.example" is not allowed; allow it with --admin-allow-host evil.example')
})

t.test('no other origin is allowed to read, nothing is kept by caches, and forms and texts change nothing', async t => {
  const { app } = await operated(t, { token: 'secret', console: true })
  const headers = { authorization: 'Bearer secret', origin: 'http://evil.example', 'access-control-request-method': 'POST' }
  for (const [method, url] of [
    ['GET', '/endpoints'],
    ['GET', '/gateway'],
    ['GET', '/events'],
    ['GET', '/configuration'],
    ['GET', '/console/'],
    ['OPTIONS', '/endpoints']
  ] as const) {
    const response = await app.inject({ method, url, headers })
    const allowing = Object.keys(response.headers).filter(name => name.startsWith('access-control-'))
    t.strictSame(allowing, [], `${method} ${url} allows no other origin`)
    if (method === 'OPTIONS') continue
    t.equal(response.headers['x-content-type-options'], 'nosniff')
    t.match(response.headers['cache-control'], url === '/console/' ? 'no-cache' : 'no-store', url)
  }
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
    const response = await app.inject({
      method: 'POST',
      url: `/endpoints/${encodeURIComponent(NAME)}`,
      headers: { authorization: 'Bearer secret', 'content-type': type },
      payload: JSON.stringify({ status: 'off' })
    })
    t.ok([400, 415].includes(response.statusCode), `${type}: ${response.statusCode}`)
  }
  t.equal(app.endpointRegistry.endpoints.get(NAME)!.health.state, 'active')
})

t.test('with a token, any Host is accepted', async t => {
  const { app } = await operated(t, { token: 'secret' })
  const { statusCode } = await app.inject({
    url: '/endpoints',
    headers: { host: 'evil.example', authorization: 'Bearer secret' }
  })
  t.equal(statusCode, 200)
})

t.test('ten wrong tokens from one address block it for a while, and no other', async t => {
  const { app } = await operated(t, { token: 'secret' })
  const request = async (token: string, remoteAddress = '10.0.0.1') =>
    await app.inject({ url: '/endpoints', remoteAddress, headers: { authorization: `Bearer ${token}` } })
  for (let attempt = 1; attempt <= 10; attempt++) t.equal((await request(`wrong-${attempt}`)).statusCode, 401)
  const blocked = await request('secret')
  t.equal(blocked.statusCode, 429)
  t.ok(Number(blocked.headers['retry-after']) > 0 && Number(blocked.headers['retry-after']) <= 30)
  t.equal((await request('secret', '10.0.0.2')).statusCode, 200)
})

t.test('the bearer of a view token sees states, but no sources and no messages; changes need the token', async t => {
  const { app } = await operated(t, { token: 'secret', viewToken: 'only-look', console: true })
  const send = async (bearer: string, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
    await app.inject({ method, url, headers: { authorization: `Bearer ${bearer}` }, ...(payload && { payload }) })
  const calls = [
    ['GET', '/endpoints', 200],
    ['GET', '/groups', 200],
    ['GET', '/events', 200],
    ['GET', '/metrics', 200],
    ['GET', '/sessions', 200],
    ['GET', '/live?once', 200],
    ['GET', '/proxy-services/Quotes', 200],
    ['GET', '/configuration', 200],
    ['PUT', '/live/none/watch', 404, { endpoints: [] }],
    ['POST', '/explain', 200, { proxy: 'Quotes' }],
    ['POST', '/endpoints', 403, { name: NAME, status: 'off' }],
    ['PATCH', '/logging', 403, { level: 'info' }],
    ['POST', '/sessions/lookup', 403, { group: 'none', id: 'x' }],
    ['POST', '/sessions/release', 403, { group: 'none', id: 'x' }],
    ['POST', '/tries', 403, { proxy: 'Quotes', method: 'GET', path: '', headers: {}, body: '' }],
    ['POST', '/recording', 403, { minutes: 5 }],
    ['DELETE', '/recording', 403],
    ['GET', '/recording', 403],
    ['GET', '/messages', 403],
    ['GET', '/messages/1', 403],
    ['GET', '/messages/1/request', 403],
    ['GET', '/configuration/files/a.xml', 403],
    ['GET', '/configuration/archive', 403],
    ['GET', '/configuration/reloads/1', 403],
    ['POST', '/reload', 403],
    ['POST', '/configuration/check', 403, { files: { 'a.xml': { text: '', was: null } } }]
  ] as const
  for (const [method, url, status, payload] of calls) {
    t.equal((await send('only-look', method, url, payload)).statusCode, status, `${method} ${url}`)
    if (status === 403) t.not((await send('secret', method, url, payload)).statusCode, 403, `${method} ${url}: the token`)
  }
  t.match((await send('only-look', 'GET', '/gateway')).json(), { mayChange: /view token/, maySee: /view token/, mayEdit: String })
  t.match((await send('secret', 'GET', '/gateway')).json(), { mayChange: true, maySee: true, mayEdit: true })
  t.equal((await send('look', 'GET', '/endpoints')).statusCode, 401)
})

t.test('a view token needs a token of another value', async t => {
  for (const options of [{ viewToken: 'a' }, { token: 'a', viewToken: 'a' }]) {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(proxyServices, { definitions: { proxies: {} } as object })
    await t.rejects(async () => await app.register(admin, options), { code: 'PROXY_SERVICES_VIEW_TOKEN_ALONE' })
  }
})

t.test('without a token, only the page of the gateway chooses the traffic that it watches', async t => {
  const { app } = await operated(t)
  const watch = async (site: string): Promise<number> =>
    (await app.inject({
      method: 'PUT',
      url: '/live/none/watch',
      headers: { 'sec-fetch-site': site, origin: 'http://127.0.0.1' },
      payload: { endpoints: [] }
    })).statusCode
  t.equal(await watch('same-origin'), 404, 'it is let in: there is no such stream')
  t.equal(await watch('cross-site'), 403)
})

t.test('every refusal has one shape, that of an unknown path included', async t => {
  const { app } = await operated(t)
  for (const [method, url, status] of [
    ['GET', '/nothing', 404],
    ['GET', '/endpoints/none', 404],
    ['POST', '/endpoints', 400],
    ['DELETE', '/endpoints', 404]
  ] as const) {
    const response = await app.inject({
      method,
      url,
      ...(method === 'POST' && { payload: { name: 5, status: {} } })
    })
    t.equal(response.statusCode, status, `${method} ${url}`)
    t.strictSame(Object.keys(response.json()), ['Error'])
  }
})

t.test('a switch whose caller saw another state is refused, and changes nothing', async t => {
  const { app } = await operated(t)
  t.equal((await post(app, { name: NAME, status: 'off', if: 'suspended' })).statusCode, 409)
  t.equal((await app.inject('/endpoints')).json().list[0].state, 'active')
  t.equal((await post(app, { name: NAME, status: 'off', if: 'active' })).statusCode, 200)
  t.equal((await app.inject('/endpoints')).json().list[0].state, 'off')
})

t.test('every change is one line of the log: what, from where, which operator, before and after', async t => {
  const { app, lines } = await operated(t)
  await post(app, { name: NAME, status: 'off', by: 'anna\nforged line' })
  t.match(
    lines.filter(({ msg }) => msg.startsWith('by hand')),
    [
      {
        msg: `by hand: ${NAME} is switched off`,
        remote: '127.0.0.1',
        by: 'anna forged line',
        before: ['active'],
        after: ['off']
      }
    ]
  )
})

t.test('GET /openapi.json describes every route, and is not in the way of a document of the host', async t => {
  const { app } = await operated(t)
  const document = (await app.inject('/openapi.json')).json()
  t.equal(document.openapi, '3.1.0')
  for (const path of ['/endpoints', '/endpoints/{*}', '/groups', '/proxy-services', '/metrics', '/health/ready']) {
    t.ok(document.paths[path], path)
  }
  t.match(document.paths['/endpoints'].post.requestBody.content['application/json'].schema, {
    required: ['name', 'status']
  })
  t.ok(document.paths['/endpoints'].get.responses['200'].content['application/json'].schema.properties.list)
})
