import type { FastifyInstance } from 'fastify'
import { createRequire } from 'node:module'
import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'esbuild'
import t from 'tap'
import { backend } from '../support/backend.js'
import { SOAP_11 } from '../support/gateway.js'
import { publishedPackage } from '../support/processes/published-package.js'
import { missing, redisServer } from '../support/sessions/redis.js'

/** Each folder of examples/ is started and used, with the package as it is published. */
const FOLDER = pathToFileURL(join(publishedPackage(t), 'examples/'))
const at = (path: string): URL => new URL(path, FOLDER)
type Build<B, App = FastifyInstance> = (backends: B, options?: object, more?: string) => Promise<App> | App
const post = (url: string) => ({
  method: 'POST' as const,
  url,
  headers: { 'content-type': 'text/xml' },
  payload: `<e:Envelope xmlns:e="${SOAP_11}"><e:Body/></e:Envelope>`
})
const started = new Set<string>()

/** The function of an example that makes its app. */
async function buildOf<B, App = FastifyInstance> (name: string, url = at(`${name}/app.js`)): Promise<Build<B, App>> {
  started.add(name)
  return ((await import(url.href)) as { build: Build<B, App> }).build
}

/** The URL of a TypeScript example without its types. Its imports are those of this package. */
async function withoutTypes (path: string): Promise<URL> {
  const source = await readFile(at(path), 'utf8')
  const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'node20' })
  const compiled = at(path.replace(/ts$/, 'mjs'))
  await writeFile(compiled, code)
  return compiled
}

t.test('example beside-your-routes: proxies and routes of the app share one app', async t => {
  const build = await buildOf<string[]>('beside-your-routes')
  const one = await backend(t, 'one')
  const app = await build([one.uri, 'http://127.0.0.1:9/'])
  t.teardown(() => app.close())
  for (let call = 0; call < 3; call++) t.match((await app.inject(post('/services/Orders'))).body, /<from>one</)
  t.match((await app.inject('/unavailable-endpoints')).json(), [
    { address: 'http://127.0.0.1:9/', state: 'suspended' }
  ])
  t.same((await app.inject({ method: 'POST', url: '/echo', payload: { own: true } })).json(), { own: true })
})

t.test('example functions-of-your-own: each tenant has a back-end of its own', async t => {
  const build = await buildOf<Record<string, string>>('functions-of-your-own')
  const one = await backend(t, 'one', ({ url }, response) => response.setHeader('server', 'x').end(`one ${url}`))
  const app = await build({ red: one.uri, blue: 'http://127.0.0.1:9' }, {})
  t.teardown(() => app.close())
  const send = (authorization: string, url = '/services/Orders/a') => app.inject({ url, headers: { authorization } })
  t.match(await send('Bearer r'), { statusCode: 200, body: 'one /one/a', headers: { server: undefined } })
  t.match(await send('Bearer r', '/orders/7'), { statusCode: 200, body: 'one /one/order/7' })
  t.equal(one.requests[0]!.headers['authorization'], undefined)
  t.equal(one.requests[0]!.headers['x-tenant'], 'red')
  t.match((await send('Bearer b')).json(), { code: 'PROXY_SERVICES_REQUEST_FAILED', fault: Number })
  t.equal((await send('Bearer x')).statusCode, 401)
})

t.test('example commonjs: a proxy from XML runs below a prefix', async t => {
  started.add('commonjs')
  const { build } = createRequire(import.meta.url)(at('commonjs/app.cjs').pathname) as { build: Build<string> }
  const one = await backend(t, 'one')
  const app = await build(one.uri)
  t.teardown(() => app.close())
  t.match((await app.inject(post('/gateway/services/Quotes'))).body, /<from>one</)
  t.equal(one.requests[0]!.headers['soapaction'], '"urn:getQuote"')
})

t.test('example your-own-extensions: a mediator and an algorithm of the app are used from XML', async t => {
  const build = await buildOf<string[]>('your-own-extensions', await withoutTypes('your-own-extensions/app.ts'))
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  const app = await build([one.uri, two.uri])
  t.teardown(() => app.close())
  for (let call = 0; call < 2; call++) t.match((await app.inject(post('/services/Stamped'))).body, /<from>two</)
  t.match(two.requests[0]!.headers['x-hour'], /^\d+$/)
  t.match((await app.inject(post('/typed/services/Stamped'))).body, /<from>two</)
})

t.test('example admin-in-your-app: operators need the token', async t => {
  const build = await buildOf<string[], { app: FastifyInstance; operators: FastifyInstance }>('admin-in-your-app')
  const one = await backend(t, 'one')
  const { app, operators } = await build([one.uri], {}, 'token-of-the-test')
  t.teardown(() => app.close())
  t.match((await app.inject(post('/services/Orders'))).body, /<from>one</)
  t.equal((await operators.inject('/endpoints')).statusCode, 401)
  const headers = { authorization: 'Bearer token-of-the-test' }
  t.match((await operators.inject({ url: '/endpoints', headers })).json(), { count: 1, list: [{ responses: 1 }] })
  t.equal((await operators.inject('/health/live')).statusCode, 200)
})

t.test('example shared-sessions: a second gateway finds the session of the first one', { skip: missing }, async t => {
  const build = await buildOf<string[]>('shared-sessions')
  const { url } = await redisServer(t)
  const backends = [await backend(t, 'one'), await backend(t, 'two')].map(({ uri }) => uri)
  const gateways = [await build(backends, {}, url), await build(backends, {}, url)]
  for (const app of gateways) t.teardown(() => app.close())
  const send = (app: FastifyInstance, id: string) =>
    app.inject({ ...post('/services/Orders'), headers: { 'content-type': 'text/xml', 'x-session': id } })
  for (const id of ['a', 'b', 'c']) {
    t.equal((await send(gateways[1]!, id)).body, (await send(gateways[0]!, id)).body, id)
  }
})

t.test('every example has a test', async t => {
  started.add('opentelemetry') // test/e2e/opentelemetry.test.ts
  if (missing) started.add('shared-sessions')
  const folders = readdirSync(at('.'), { withFileTypes: true }).filter(entry => entry.isDirectory())
  t.same(
    folders.map(({ name }) => name).filter(name => !started.has(name)),
    []
  )
})
