/** What the schemas of the admin API say is what its responses are. */
import { Value } from '@sinclair/typebox/value'
import { FormatRegistry, type TSchema } from '@sinclair/typebox'
import Fastify from 'fastify'
import t from 'tap'
import proxyServices, { admin } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { message } from '../support/gateway.js'

t.test('every response has the fields of its schema, and no other', async t => {
  FormatRegistry.Set('date-time', text => !Number.isNaN(Date.parse(text)))
  const app = Fastify({ logger: { level: 'silent' } })
  t.teardown(() => app.close())
  const up = await backend(t, 'up')
  await app.register(proxyServices, {
    definitions: {
      proxies: {
        P: {
          endpoint: {
            kind: 'loadbalance',
            name: 'servers',
            session: { kind: 'simpleClientSession' },
            healthCheck: {},
            members: [
              { kind: 'address', name: 'up', uri: up.uri },
              { kind: 'address', name: 'down', uri: 'http://127.0.0.1:1/' },
              { kind: 'address', name: 'draining', uri: up.uri }
            ]
          }
        }
      }
    }
  })
  const schemas = new Map<string, TSchema>()
  app.addHook('onRoute', ({ method, url, schema }) => {
    const response = (schema?.response as Record<string, TSchema> | undefined)?.['200']
    if (method === 'GET' && response !== undefined) schemas.set(url, response)
  })
  await app.register(admin, { token: 'secret', console: true })
  await app.ready()
  const headers = { authorization: 'Bearer secret' }
  for (const session of ['a', 'b', 'c']) {
    const type = { 'content-type': 'application/soap+xml' }
    await app.inject({ method: 'POST', url: '/services/P', headers: type, payload: message(session) })
  }
  app.endpointRegistry.drain('draining')
  t.ok(schemas.size > 5)
  for (const [url, schema] of schemas) {
    const { statusCode, body } = await app.inject({ url: url.replace('*', 'down'), headers })
    t.equal(statusCode, 200, url)
    const view: unknown = JSON.parse(body)
    const errors = [...Value.Errors(schema, view)]
    t.strictSame(
      errors.map(({ path, message }) => `${path} ${message}`),
      [],
      `${url}: all of the schema`
    )
    t.strictSame(view, Value.Clean(schema, structuredClone(view)), `${url}: nothing else`)
  }
})
