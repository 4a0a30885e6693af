import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { startGateway } from '../../lib/cli/serve/gateway.js'
import proxyServices, { type ProxyServicesOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'

const SOAP = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a/></e:Body></e:Envelope>'
const post = (url: string) => ({
  method: 'POST' as const,
  url,
  headers: { 'content-type': 'text/xml', soapaction: '""' },
  payload: SOAP
})
const to = (uri: string) => ({ in: [{ kind: 'send', endpoint: { kind: 'address', uri } }] })
const mainTo = (uri: string) => [
  { kind: 'in', mediators: [{ kind: 'send', endpoint: { kind: 'address', uri } }] },
  { kind: 'out', mediators: [{ kind: 'send' }] }
]

async function app (
  t: Test,
  options: ProxyServicesOptions,
  own: (app: FastifyInstance) => void = () => {}
): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  own(app)
  await app.register(proxyServices, options)
  return app
}

t.test('the addresses in generated WSDLs lead to their proxy', async t => {
  const [one, dotted] = [await backend(t, 'one'), await backend(t, 'dotted')]
  const gateway = await app(t, {
    definitions: { proxies: { 'A b': to(one.uri), C: to(one.uri), 'C.CHttpEndpoint': to(dotted.uri) } } as object
  })
  for (const port of [
    'HttpSoap11Endpoint',
    'HttpsSoap11Endpoint',
    'HttpSoap12Endpoint',
    'HttpsSoap12Endpoint',
    'HttpEndpoint',
    'HttpsEndpoint'
  ]) {
    t.match((await gateway.inject(`/services/A%20b.A%20b${port}/below?x=1`)).body, /one/, port)
  }
  t.same(one.requests.map(({ url }) => url), Array(6).fill('/one/below?x=1'), 'what follows goes on')
  t.match((await gateway.inject('/services/C.CHttpSoap12Endpoint?wsdl')).body, /<\S*definitions/)
  t.match(
    (await gateway.inject(post('/services/C.CHttpEndpoint'))).body,
    /dotted/,
    'a proxy of that very name comes first'
  )
  for (const name of [
    'C.DHttpEndpoint',
    'CHttpEndpoint',
    'C.CHttpSoap13Endpoint',
    'C.C',
    'HttpEndpoint',
    '.HttpEndpoint',
    'X.XHttpEndpoint'
  ]) {
    t.equal((await gateway.inject(post(`/services/${name}`))).statusCode, 404, name)
  }
})

t.test('main-elsewhere: the paths of the app are its own, unless main may have everything', async t => {
  const [one, rest] = [await backend(t, 'one'), await backend(t, 'rest')]
  const definitions = { proxies: { Quotes: to(one.uri) }, sequences: { main: mainTo(rest.uri) } } as object
  const own = (app: FastifyInstance): void => {
    app.get('/own', async () => 'mine')
    app.setNotFoundHandler((_request, reply) => { reply.code(404).send('not mine') })
  }
  const usual = await app(t, { definitions }, own)
  t.match((await usual.inject(post('/services/Missing'))).body, /rest/)
  t.same((await usual.inject(post('/else/where'))).body, 'not mine')

  const all = await app(t, { definitions, mainSequence: 'all' }, own)
  for (const path of ['/else/where?x=1', '/services', '/services/Missing', '/else/Quotes', '/']) {
    t.match((await all.inject(post(path))).body, /rest/, path)
  }
  t.match((await all.inject(post('/services/Quotes'))).body, /one/)
  t.equal((await all.inject('/own')).body, 'mine')

  const none = await app(t, { definitions: { proxies: { Quotes: to(one.uri) } } as object, mainSequence: 'all' }, own)
  t.same((await none.inject(post('/else/where'))).body, 'not mine', 'without a main nothing changes')

  const taken = await app(t, { definitions, mainSequence: 'all' }, app => { app.all('/*', async () => 'all mine') })
  t.equal((await taken.inject('/else/where')).body, 'all mine')

  const below = await app(t, { definitions, mainSequence: 'all', prefix: '/esb' }, own)
  t.match((await below.inject(post('/esb/where'))).body, /rest/)
  t.same((await below.inject(post('/where'))).body, 'not mine', 'everything is everything below the prefix')
})

t.test('serve: main gets what no proxy and no route has', async t => {
  const rest = await backend(t, 'rest')
  const gateway = await startGateway({
    definitions: { sequences: { main: mainTo(rest.uri) } } as object,
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent'
  })
  t.teardown(() => gateway.close())
  const response = await fetch(`http://127.0.0.1:${gateway.port}/else/where?x=1`)
  t.match(await response.text(), /rest/)
  t.same(rest.requests.map(({ url }) => url), ['/rest/else/where?x=1'])
})

t.test('an app that listens has read its files', async t => {
  const folder = t.testdir({
    'shop.wsdl': '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:shop"/>'
  })
  const gateway = await app(t, {
    definitions: { proxies: { Shop: { ...to('http://127.0.0.1:9'), wsdl: { uri: 'file:shop.wsdl' } } } } as object,
    baseDir: folder
  })
  t.match(await gateway.inject('/services/Shop?wsdl'), { statusCode: 200, body: /urn:shop/ })
})

t.test('a server that does not return its WSDL does not delay the start', async t => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => { silent.closeAllConnections(); silent.close() })
  const uri = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
  const gateway = await app(t, {
    definitions: { proxies: { Shop: { ...to('http://127.0.0.1:9'), wsdl: { uri } } } } as object
  })
  t.match(await gateway.inject('/services/Shop?wsdl'), { statusCode: 503, body: /is being loaded/ })
})
