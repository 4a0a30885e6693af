import type { FastifyInstance } from 'fastify'
import { createRequire } from 'node:module'
import { readdirSync } from 'node:fs'
import t from 'tap'
import { backend } from '../support/backend.js'
import { SOAP_11 } from '../support/gateway.js'

/** Each folder of examples/ is started and used. */
const at = (path: string): URL => new URL(`../../../examples/${path}`, import.meta.url)
type Build<B> = (backends: B, options?: object) => Promise<FastifyInstance> | FastifyInstance
const post = (url: string) => ({ method: 'POST' as const, url, headers: { 'content-type': 'text/xml' }, payload: `<e:Envelope xmlns:e="${SOAP_11}"><e:Body/></e:Envelope>` })
const seen = new Set<string>()

t.test('beside-your-routes', async t => {
  seen.add('beside-your-routes')
  const { build } = await import(at('beside-your-routes/app.js').href) as { build: Build<string[]> }
  const one = await backend(t, 'one')
  const app = await build([one.uri, 'http://127.0.0.1:9/'])
  t.teardown(() => app.close())
  for (let call = 0; call < 3; call++) t.match((await app.inject(post('/services/Orders'))).body, /<from>one</)
  t.match((await app.inject('/unavailable-endpoints')).json(), [{ address: 'http://127.0.0.1:9/', state: 'suspended' }])
  t.same((await app.inject({ method: 'POST', url: '/echo', payload: { own: true } })).json(), { own: true })
})

t.test('commonjs', async t => {
  seen.add('commonjs')
  const { build } = createRequire(import.meta.url)(at('commonjs/app.cjs').pathname) as { build: Build<string> }
  const one = await backend(t, 'one')
  const app = await build(one.uri)
  t.teardown(() => app.close())
  t.match((await app.inject(post('/gateway/services/Quotes'))).body, /<from>one</)
  t.equal(one.requests[0]!.headers['soapaction'], '"urn:getQuote"')
})

t.test('your-own-extensions', async t => {
  seen.add('your-own-extensions')
  const { build } = await import(at('your-own-extensions/app.js').href) as { build: Build<string[]> }
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  const app = await build([one.uri, two.uri])
  t.teardown(() => app.close())
  for (let call = 0; call < 2; call++) t.match((await app.inject(post('/services/Stamped'))).body, /<from>two</)
  t.match(two.requests[0]!.headers['x-hour'], /^\d+$/)
})

t.test('none is left out', async t => {
  const folders = readdirSync(at('.'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name)
  t.same(folders.filter(name => !seen.has(name)), [])
})
