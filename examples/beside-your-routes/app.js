import Fastify from 'fastify'
import proxyServices from 'fastify-proxy-services'

const BACKENDS = ['http://localhost:9001/services/Orders', 'http://localhost:9002/services/Orders']
const suspendOnFailure = { initialDuration: 5_000, progressionFactor: 2, maximumDuration: 60_000 }

/** An app with two back-ends behind /services/Orders and with routes of its own. */
export async function build (backends = BACKENDS, options = {}) {
  const app = Fastify(options)

  await app.register(proxyServices, {
    definitions: {
      proxies: {
        Orders: {
          in: [{
            kind: 'send',
            endpoint: {
              kind: 'loadbalance',
              session: { kind: 'simpleClientSession' },
              members: backends.map(uri => ({ kind: 'address', uri, suspendOnFailure }))
            }
          }]
        }
      }
    }
  })

  app.get('/unavailable-endpoints', async () => [...app.endpointRegistry.endpoints.values()]
    .filter(({ health }) => health.state !== 'active')
    .map(({ address, health: { state, cause, retryAt } }) => ({ address, state, cause, retryAt })))

  app.post('/echo', async request => request.body)
  return app
}

if (process.argv[1] === import.meta.filename) {
  const app = await build(undefined, { logger: true })
  await app.listen({ port: 8290 })
}
