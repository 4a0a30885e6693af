import type { ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { ConfigurationError, type ProxyServicesOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { message, stickyProxy } from '../support/gateway.js'
import { capture } from '../support/operation/captured-log.js'

type Proxies = Record<string, readonly string[]>

/** Proxies by name, each over these addresses, with sessions. */
const definitionsOf = (proxies: Proxies): object => ({
  proxies: Object.fromEntries(Object.entries(proxies).map(([name, uris]) => [name, stickyProxy(uris)]))
})

/** It can be read, and not built. */
const unbuildable = { kind: 'property', name: 'x', expression: { xpath: '(((' } }

/** An app whose configuration can be exchanged. */
async function changeable (
  t: Test,
  first: Proxies,
  options: ProxyServicesOptions = {}
): Promise<{
  app: FastifyInstance
  change: (to: object | string) => Promise<unknown>
  served: (name: string, session?: string) => Promise<string>
}> {
  let definitions: object | string = definitionsOf(first)
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { definitions: () => definitions, ...options })
  await app.ready()
  return {
    app,
    async change (to) {
      definitions = to
      return await app.proxyServices.reload()
    },
    async served (name, session = 'any') {
      const { statusCode, body } = await app.inject({
        method: 'POST',
        url: `${options.prefix ?? ''}/services/${name}`,
        headers: { 'content-type': 'application/soap+xml' },
        payload: message(session)
      })
      return /<from>(.*)<\/from>/.exec(body)?.[1] ?? String(statusCode)
    }
  }
}

t.test('proxies are changed, added and removed while the app listens', async t => {
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  const { change, served } = await changeable(t, { A: [one.uri], B: [one.uri] })
  t.same([await served('A'), await served('B'), await served('C')], ['one', 'one', '404'])

  t.strictSame(await change(definitionsOf({ A: [two.uri], C: [two.uri], 'with space é': [two.uri] })), {
    proxies: ['A', 'C', 'with space é'],
    added: ['C', 'with space é'],
    removed: ['B']
  })
  t.same([await served('A'), await served('B'), await served('C')], ['two', '404', 'two'])
  t.equal(await served('with%20space%20%C3%A9'), 'two')
  t.equal(await served('C/below'), 'two', 'what is below a proxy that came later belongs to it too')
  t.same([await served(''), await served('C%'), await served('__proto__')], ['404', '400', '404'])

  await change(definitionsOf({ B: [one.uri] }))
  t.same([await served('A'), await served('B'), await served('C')], ['404', 'one', '404'])
})

t.test('states of endpoints and sessions stay with those that keep their names', async t => {
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  const down = 'http://127.0.0.1:1/down'
  const { app, change, served } = await changeable(t, { A: [down, one.uri, two.uri] })
  t.same([await served('A', 's1'), await served('A', 's2')], ['one', 'two'])
  app.endpointRegistry.drain(`A ${two.uri}`)

  await change(definitionsOf({ A: [two.uri, down, one.uri] }))
  t.same(
    [await served('A', 's2'), await served('A', 's1')],
    ['two', 'one'],
    'sessions stay where they are, though members have other places'
  )
  const states = Object.fromEntries(
    [...app.endpointRegistry.endpoints.values()].map(({ address, health }) => [address, health.state])
  )
  t.strictSame(states, { [down]: 'suspended', [one.uri]: 'active', [two.uri]: 'draining' })

  await change(definitionsOf({ A: [two.uri] }))
  t.same([...app.endpointRegistry.endpoints.keys()], [`A ${two.uri}`], 'nothing is left of those that are gone')
  t.equal(await served('A', 's2'), 'two')
})

t.test('an invalid configuration changes nothing, and all its problems are reported', async t => {
  const one = await backend(t, 'one')
  const { app, change, served } = await changeable(t, { A: [one.uri] })
  const before = [...app.endpointRegistry.endpoints.values()]
  const broken =
    '<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="A"><target endpoint="missing"><inSequence>' +
    '<makefoult/></inSequence></target></proxy><proxy name="B"/></definitions>'
  const error: ConfigurationError = await change(broken).then(
    () => {
      throw new Error('it was taken')
    },
    (reason: unknown) => reason as ConfigurationError
  )
  t.ok(error instanceof ConfigurationError)
  t.ok(error.problems.length >= 2)
  t.match(error.message, /makefoult[^]*target/)
  t.same([await served('A'), await served('B')], ['one', '404'])
  t.same([...app.endpointRegistry.endpoints.values()], before)
  t.strictSame([app.proxyServices.upToDate, app.proxyServices.reloads], [false, { succeeded: 0, failed: 1 }])

  await t.rejects(
    change({ proxies: { A: { in: [unbuildable] } } }),
    ConfigurationError,
    'also one that can be read, and not built'
  )
  t.equal(await served('A'), 'one')
  await change(definitionsOf({ B: [one.uri] }))
  t.same([await served('A'), await served('B')], ['404', 'one'])
  t.equal(app.proxyServices.upToDate, true)
})

t.test('requests under way end as they began', async t => {
  const waiting: ServerResponse[] = []
  let onRequest: () => void
  const requested = new Promise<void>(resolve => { onRequest = resolve })
  const slow = await backend(t, 'slow', (_seen, response) => {
    waiting.push(response)
    onRequest()
  })
  const { app, change, served } = await changeable(t, { A: [slow.uri] })
  const underWay = app.inject({
    method: 'POST',
    url: '/services/A',
    headers: { 'content-type': 'application/soap+xml' },
    payload: message('s')
  })
  await requested
  await change(definitionsOf({}))
  t.equal(await served('A'), '404')
  waiting[0]!.end('at last')
  const response = await underWay
  t.same([response.statusCode, response.body], [200, 'at last'])
  t.equal(app.endpointRegistry.endpoints.size, 0)
})

t.test('reloads come one after the other, and the last one counts', async t => {
  const one = await backend(t, 'one')
  const { change, served } = await changeable(t, {})
  await Promise.all(['A', 'B', 'C'].map(name => change(definitionsOf({ [name]: [one.uri] }))))
  t.same([await served('A'), await served('B'), await served('C')], ['404', '404', 'one'])
})

t.test('a listener that throws or rejects affects no reload, and is logged once', async t => {
  const { app, lines } = capture(t)
  const reasons: string[] = []
  await app.register(proxyServices, { definitions: definitionsOf({ P: ['http://127.0.0.1:1'] }) })
  app.proxyServices.on('reload', () => {
    throw new Error('a listener')
  })
  app.proxyServices.on('reload', async () => {
    throw new Error('an async listener')
  })
  app.proxyServices.on('reload', ({ reason }) => reasons.push(reason))
  for (const reason of ['first', 'second']) await app.proxyServices.reload({ reason })
  t.same(reasons, ['first', 'second'])
  t.match(lines.filter(({ level }) => level === 50), [{ event: 'reload', err: { message: 'a listener' } }])
})

t.test('a reload works under a prefix, beside another registration, and beside routes of the host', async t => {
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  let a = definitionsOf({ A: [one.uri] })
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/services/own', async () => 'mine')
  await app.register(proxyServices, { definitions: () => a, prefix: '/a' })
  await app.register(proxyServices, { definitions: definitionsOf({ B: [two.uri] }) })
  await app.register(proxyServices, { definitions: definitionsOf({ C: [two.uri] }) })
  app.setNotFoundHandler(async (_request, reply) => await reply.code(404).send('nothing here'))
  await app.ready()
  a = definitionsOf({ New: [one.uri] })
  await app.proxyServices.reload()
  const at = async (url: string): Promise<string> => {
    const { statusCode, body } = await app.inject(url)
    return /<from>(.*)<\/from>/.exec(body)?.[1] ?? `${statusCode} ${body}`
  }
  t.same(
    [
      await at('/a/services/A'),
      await at('/a/services/New'),
      await at('/services/New'),
      await at('/services/B'),
      await at('/services/C'),
      await at('/services/own')
    ],
    ['404 nothing here', 'one', '404 nothing here', 'two', 'two', '200 mine']
  )
})

t.test('if one of several configurations is invalid, none is replaced', async t => {
  const one = await backend(t, 'one')
  let [a, b]: object[] = [definitionsOf({ A: [one.uri] }), definitionsOf({ B: [one.uri] })]
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { prefix: '/a', definitions: () => a! })
  await app.register(proxyServices, { prefix: '/b', definitions: () => b! })
  await app.ready()
  const before = [...app.endpointRegistry.endpoints.keys()]
  ;[a, b] = [definitionsOf({ New: [one.uri] }), { proxies: { B: { in: [unbuildable] } } }]
  await t.rejects(app.proxyServices.reload(), ConfigurationError)
  t.equal((await app.inject('/a/services/New')).statusCode, 404)
  t.equal((await app.inject('/a/services/A')).statusCode, 200)
  t.same([...app.endpointRegistry.endpoints.keys()], before)
})

t.test('the sequence main takes what no proxy takes, from when it is there', async t => {
  const one = await backend(t, 'one')
  const { change, served } = await changeable(t, { A: [one.uri] })
  t.equal(await served('Unknown'), '404')
  await change({
    sequences: { main: [{ kind: 'call', endpoint: { kind: 'address', uri: one.uri } }, { kind: 'respond' }] }
  })
  t.same([await served('Unknown'), await served('A')], ['one', 'one'])
  await change(definitionsOf({ A: [one.uri] }))
  t.equal(await served('Unknown'), '404')
})

t.test('a host may have a fallback route of its own beside the proxies', async t => {
  const one = await backend(t, 'one')
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/services/*', async () => 'mine')
  await app.register(proxyServices, { definitions: definitionsOf({ A: [one.uri] }) })
  t.equal((await app.inject('/services/A')).statusCode, 200)
  t.equal((await app.inject('/services/Other')).body, 'mine')
})
