import Fastify from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { ConfigurationError, type Definitions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'

/** More proxies than one slice can load. */
const COUNT = 1000
const proxies = (uri: string): NonNullable<Definitions['proxies']> =>
  Object.fromEntries(
    Array.from({ length: COUNT }, (_, at) => [
      `P${at}`,
      {
        endpoint: {
          kind: 'loadbalance',
          members: [
            { kind: 'address', uri },
            { kind: 'address', uri: `${uri}${at}` }
          ]
        }
      }
    ])
  )
/** It can be read, and not built. */
const wrong = { in: [{ kind: 'property', name: 'x', expression: { xpath: '(((' } }] } as const

async function appOf (t: Test) {
  const { uri } = await backend(t, 'one')
  const current: { definitions: Definitions; extra: Definitions['proxies'] } = {
    definitions: { proxies: proxies(uri) },
    extra: {}
  }
  const definitions = (): Definitions => ({ proxies: { ...current.definitions.proxies, ...current.extra } })
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { definitions })
  await app.ready()
  const { registry } = app.proxyServices[Symbol.iterator]().next().value!.configuration.lease
  return { app, current, registry, status: async (url: string) => (await app.inject(url)).statusCode }
}

t.test('messages are served while a configuration is read and built', async t => {
  const { app, status } = await appOf(t)
  const during = { reload: true }
  const reloaded = app.proxyServices.reload().finally(() => {
    during.reload = false
  })
  let served = 0
  while (during.reload) {
    t.equal(await status('/services/P0'), 200)
    if (during.reload) served++
  }
  t.equal((await reloaded).proxies.length, COUNT)
  t.ok(served > 2, `${served} messages were served during the reload`)
})

t.test('a reload that fails in the middle changes nothing', async t => {
  const { app, current, registry, status } = await appOf(t)
  const names = [...registry.endpoints.keys()]
  current.extra = { Last: wrong }
  await t.rejects(app.proxyServices.reload(), ConfigurationError)
  t.same([...registry.endpoints.keys()], names)
  t.equal(app.proxyServices.upToDate, false)
  t.equal(await status('/services/P999'), 200)
})

t.test('of reloads that overlap each has its own result, and the last one counts', async t => {
  const { app, current, status } = await appOf(t)
  current.extra = { Last: wrong }
  const first = app.proxyServices.reload()
  await new Promise(resolve => setImmediate(resolve))
  current.extra = { New: current.definitions.proxies!['P0']! }
  const second = app.proxyServices.reload()
  await t.rejects(first, ConfigurationError)
  t.same((await second).added, ['New'])
  t.equal(await status('/services/New'), 200)
})

t.test('a reload while the app closes is refused, and leaves no trace', async t => {
  const { app, registry } = await appOf(t)
  const reloaded = app.proxyServices.reload()
  await new Promise(resolve => setImmediate(resolve))
  const closed = app.close()
  await t.rejects(reloaded, { code: 'PROXY_SERVICES_APP_CLOSES' })
  await closed
  t.equal(registry.endpoints.size, 0)
  t.same(app.proxyServices.reloads, { succeeded: 0, failed: 1 })
})
