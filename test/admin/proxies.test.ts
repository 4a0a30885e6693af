import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { admin, type AdminOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { until } from '../support/until.js'

const TOKEN = 'secret'
const WSDL = `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t">
  <w:types><x:schema targetNamespace="urn:t"><x:element name="order" type="x:int"/></x:schema></w:types>
  <w:message name="in"><w:part name="p" element="t:order"/></w:message>
  <w:portType name="P"><w:operation name="place"><w:input message="t:in"/></w:operation></w:portType>
  <w:binding name="B" type="t:P"><s:binding/><w:operation name="place"><s:operation soapAction="urn:place"/></w:operation></w:binding>
  <w:service name="S"><w:port name="Q" binding="t:B"><s:address location="http://a/"/></w:port></w:service>
</w:definitions>`

interface Setup {
  readonly app: FastifyInstance
  readonly received: readonly { readonly url: string; readonly headers: object }[]
  readonly get: (path: string, token?: string) => Promise<{ status: number; body: any }>
  readonly try: (message?: object, token?: string) => Promise<{ status: number; body: any }>
}

async function setUp (t: Test, options: AdminOptions = {}, prefix?: string): Promise<Setup> {
  const up = await backend(t, 'up')
  const down = await backend(t, 'down')
  await down.stop()
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers['x-refuse'] !== undefined) return await reply.code(401).send('no')
  })
  app.get('/other', async () => 'not below a proxy')
  const members = [
    ['a', down.uri],
    ['b', up.uri]
  ].map(([name, uri]) => ({ kind: 'address', name, uri }))
  const session = { kind: 'simpleClientSession' }
  await app.register(proxyServices, {
    ...(prefix !== undefined && { prefix }),
    definitions: {
      proxies: {
        Orders: {
          in: [
            { kind: 'property', name: 'secret', value: 'hunter2' },
            { kind: 'send', endpoint: { kind: 'loadbalance', name: 'LB', members, session } }
          ],
          wsdl: { inline: WSDL }
        },
        Plain: { endpoint: { kind: 'address', name: 'plain', uri: up.uri }, transports: ['https'] }
      }
    } as object
  })
  await app.register(admin, { prefix: '/admin', console: true, token: TOKEN, ...options })
  await app.ready()
  const send = async (request: object, token: string) => {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
    const response = await app.inject({ headers, ...request })
    return { status: response.statusCode, body: response.json() }
  }
  return {
    app,
    received: up.requests,
    get: async (path, token = TOKEN) => await send({ url: `/admin${path}` }, token),
    try: async (message = {}, token = TOKEN) =>
      await send(
        {
          method: 'POST',
          url: '/admin/tries',
          payload: {
            proxy: 'Orders',
            method: 'POST',
            path: '',
            headers: { 'content-type': 'text/plain' },
            body: 'x',
            ...message
          }
        },
        token
      )
  }
}

t.test('a proxy has its flow, its operations and its place', async t => {
  const { get } = await setUp(t)
  const { body } = await get('/proxy-services/Orders')
  t.match(body, {
    name: 'Orders',
    path: '/services/Orders',
    isRunning: true,
    wsdl: 'published',
    operations: [{ name: 'place', versions: ['1.1'] }],
    flow: {
      in: [
        { text: 'secret = hunter2' },
        { endpoint: { name: 'LB', kind: 'loadbalance', session: 'simpleClientSession' } }
      ]
    }
  })
  t.match((await get('/proxy-services/Plain')).body, {
    wsdl: 'generated',
    operations: [],
    flow: { endpoint: { name: 'plain' } }
  })
  t.equal((await get('/proxy-services/None')).status, 404)
})

t.test('without a token, values of the configuration are not in the flow', async t => {
  const { app } = await setUp(t, { token: undefined })
  const { body } = await app.inject({ url: '/admin/proxy-services/Orders', headers: { host: 'localhost' } })
  t.match(body, 'secret = …')
  t.notMatch(body, 'hunter2')
})

t.test('a sample is made from the schema, with a session id where the group wants one', async t => {
  const { get } = await setUp(t)
  const { body } = await get('/samples?proxy=Orders&operation=place')
  t.strictSame(body.headers, { 'content-type': 'text/xml; charset=utf-8', soapaction: '"urn:place"' })
  t.match(body.body, /<syn:ClientID[^>]*>try-1<[^]*<m0:order>0<\/m0:order>/)
  t.match((await get('/samples?proxy=Plain&soap=1.2')).body.body, /2003\/05\/soap-envelope"[^]*<soapenv:Body\/>/)
  t.equal((await get('/samples?proxy=Orders&operation=none')).status, 404)
})

t.test('a message that is tried passes hooks and proxy, and its attempts are known', async t => {
  const { try: send, received, get } = await setUp(t)
  const { status, body } = await send({ path: '/x?y=1', headers: { 'content-type': 'text/plain', 'x-own': '1' } })
  t.equal(status, 200)
  t.match(body, {
    status: 200,
    body: { isCut: false },
    message: {
      proxy: 'Orders',
      attempts: [
        { endpoint: 'a', outcome: 'failed' },
        { endpoint: 'b', outcome: 'answered', status: 200 }
      ]
    }
  })
  t.match(received, [{ url: '/up/x?y=1', headers: { 'x-own': '1' } }])
  t.match((await get('/events?kind=try')).body.list, [{ text: 'A message was tried at Orders: POST, status 200' }])
  t.match((await send({ headers: { 'x-refuse': '1' } })).body, { status: 401, body: { text: 'no' }, message: undefined })
})

t.test('a proxy of https only, and one below a prefix, can be tried', async t => {
  const { try: send, received, app } = await setUp(t, {}, '/gw')
  t.equal((await send({ proxy: 'Plain' })).body.status, 200)
  t.equal(received.length, 1)
  t.equal((await app.inject('/gw/services/Plain')).statusCode, 403, 'clients still need https')
})

t.test('a message that is tried reaches its proxy only', async t => {
  const { try: send, received } = await setUp(t)
  for (const path of [
    '/../../other',
    '/../Plain',
    '/%2e%2e/%2e%2e/other',
    '-other',
    'x',
    '/..\\..\\other',
    '//../..//other',
    '#x'
  ]) {
    t.equal((await send({ path })).status, 400, path)
  }
  t.equal((await send({ proxy: '../other' })).status, 404)
  t.strictSame(received, [])
})

t.test('malformed headers are refused, those of the connection are left out', async t => {
  const { try: send, received } = await setUp(t)
  for (const headers of [{ 'a b': '1' }, { a: '1\r\nb: 2' }, { 'a:': '1' }, { a: '\u0100' }]) {
    t.equal((await send({ headers })).status, 400, JSON.stringify(headers))
  }
  await send({
    headers: {
      'content-length': '5',
      'transfer-encoding': 'chunked',
      connection: 'close',
      'content-type': 'text/plain'
    }
  })
  t.equal(received.length, 1)
})

t.test('trying a message needs the token', async t => {
  const { try: send, received } = await setUp(t)
  t.equal((await send({}, '')).status, 401)
  const open = await setUp(t, { token: undefined })
  t.equal((await open.try({}, '')).status, 403)
  t.strictSame([...received, ...open.received], [])
})

t.test('a large response is cut, and the gateway continues', async t => {
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const source = Fastify()
  t.teardown(() => source.close())
  source.get('/*', async () => Buffer.alloc(8 * 1024 * 1024, 'a'))
  const uri = await source.listen({ host: '127.0.0.1', port: 0 })
  await app.register(proxyServices, {
    definitions: { proxies: { Big: { endpoint: { kind: 'address', name: 'big', uri } } } } as object
  })
  await app.register(admin, { prefix: '/admin', console: true, token: TOKEN })
  for (let n = 0; n < 6; n++) {
    const response = await app.inject({
      method: 'POST',
      url: '/admin/tries',
      headers: { authorization: `Bearer ${TOKEN}` },
      payload: { proxy: 'Big', method: 'GET', path: '', headers: {}, body: '' }
    })
    t.equal(response.json().body.isCut, true)
    t.equal(response.json().body.text.length, 1024 * 1024)
  }
  await until(() => app.endpointRegistry.endpoints.get('big')!.inFlight === 0)
  t.equal((await app.inject('/services/Big')).statusCode, 200)
})

t.test('the bearer of a view token may explain a message, and nothing is sent', async t => {
  const { app, received } = await setUp(t, { token: undefined })
  const post = async (payload: object, headers: object = { 'sec-fetch-site': 'same-origin' }) =>
    await app.inject({ method: 'POST', url: '/admin/explain', payload, headers: { host: 'localhost', ...headers } })
  const { steps } = (await post({ proxy: 'Orders', suppose: { down: ['a'] } })).json()
  t.match(
    steps.map(({ text }: { text: string }) => text).join('; '),
    /LB.*sends POST.*if that fails, sends POST.*responds 200/
  )
  t.strictSame(received, [])
  t.equal((await post({ proxy: 'None' })).statusCode, 404)
  t.equal((await post({ proxy: 'Orders', suppose: { down: ['none'] } })).statusCode, 400)
  t.equal((await post({ proxy: 'Orders' }, { 'sec-fetch-site': 'cross-site' })).statusCode, 403)
  t.equal((await post({ proxy: 'Orders', request: 'x'.repeat(300_000) })).statusCode, 413)
  t.equal((await post({ proxy: 'Orders' }, { host: 'evil.example' })).statusCode, 403)
})
