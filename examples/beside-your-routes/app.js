import Fastify from 'fastify'
import proxyServices from 'fastify-proxy-services'

/** Two back-ends behind /services/Orders, beside routes of the app's own. */
export async function build (backends = ['http://localhost:9001/services/Orders', 'http://localhost:9002/services/Orders'], options = {}) {
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
              members: backends.map(uri => ({ kind: 'address', uri, suspendOnFailure: { initialDuration: 5_000, progressionFactor: 2, maximumDuration: 60_000 } }))
            }
          }]
        }
      }
    }
  })

  app.get('/who-is-out', async () => [...app.endpointRegistry.endpoints.values()]
    .filter(({ health }) => health.state !== 'active')
    .map(({ address, health }) => ({ address, state: health.state, cause: health.cause, retryAt: new Date(health.retryAt).toISOString() })))

  app.post('/echo', async request => request.body)
  return app
}

if (process.argv[1] === import.meta.filename) {
  const app = await build(undefined, { logger: true })
  await app.listen({ port: 8290 })
}
