/** What the schemas of the admin API say is what its responses are. */
import { Value } from '@sinclair/typebox/value'
import { FormatRegistry, type TSchema } from '@sinclair/typebox'
import Fastify from 'fastify'
import t from 'tap'
import proxyServices, { admin } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { message } from '../support/gateway.js'
import { groupsOf } from './groups.js'

/** What is sent to the routes that change something, or take what they look up in their body. */
const PAYLOADS: Readonly<Record<string, object>> = {
  'POST /endpoints': { name: 'servers', status: 'on' },
  'POST /endpoints/*': { status: 'draining' },
  'POST /sessions/lookup': { group: 'servers', id: 'a' },
  'POST /sessions/release': { group: 'servers', id: 'a' },
  'POST /reload': {},
  'PATCH /logging': { level: 'silent' }
}

t.test('every response has the fields of its schema, and no other', async t => {
  FormatRegistry.Set('date-time', text => !Number.isNaN(Date.parse(text)))
  const app = Fastify({ logger: { level: 'silent' } })
  t.teardown(() => app.close())
  const up = await backend(t, 'up')
  const servers = [
    { name: 'up', uri: up.uri },
    { name: 'down', uri: 'http://127.0.0.1:1/' },
    { name: 'draining', uri: up.uri }
  ]
  await app.register(proxyServices, {
    definitions: groupsOf(servers, { kind: 'simpleClientSession' }, { healthCheck: {} })
  })
  const schemas = new Map<string, TSchema>()
  app.addHook('onRoute', ({ method, url, schema }) => {
    const response = (schema?.response as Record<string, TSchema> | undefined)?.['200']
    if (method !== 'HEAD' && response !== undefined) schemas.set(`${String(method)} ${url}`, response)
  })
  await app.register(admin, { token: 'secret', console: true })
  await app.ready()
  const headers = { authorization: 'Bearer secret' }
  for (const session of ['a', 'b', 'c']) {
    const type = { 'content-type': 'application/soap+xml' }
    await app.inject({ method: 'POST', url: '/services/P', headers: type, payload: message(session) })
  }
  app.endpointRegistry.drain('draining')
  t.ok(schemas.size > 10)
  const changing = [...schemas.keys()].filter(route => !route.startsWith('GET '))
  t.strictSame(changing.sort(), Object.keys(PAYLOADS).sort(), 'there is a payload for each route that needs one')
  for (const [route, schema] of schemas) {
    const [method, url] = route.split(' ') as ['GET' | 'POST' | 'PATCH', string]
    const { statusCode, body } = await app.inject({
      method,
      url: url.replace('*', 'down'),
      headers,
      ...(PAYLOADS[route] && { payload: PAYLOADS[route] })
    })
    t.equal(statusCode, 200, `${route}: ${body}`)
    const view: unknown = JSON.parse(body)
    const errors = [...Value.Errors(schema, view)]
    t.strictSame(
      errors.map(({ path, message }) => `${path} ${message}`),
      [],
      `${route}: all of the schema`
    )
    t.strictSame(view, Value.Clean(schema, structuredClone(view)), `${route}: nothing else`)
  }
})
