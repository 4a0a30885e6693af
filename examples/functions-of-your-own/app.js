import Fastify from 'fastify'
import proxyServices, { dynamicEndpoint, headerOf } from 'fastify-proxy-services'

/**
 * Each tenant has a back-end of its own. The tenant is what the app knows of its caller, never what a client says.
 * @param {Readonly<Record<string, string>>} addresses by tenant
 */
export async function build (
  addresses = { red: 'http://localhost:9001', blue: 'http://localhost:9002' },
  options = { logger: true }
) {
  const app = Fastify(options)
  const tenants = new Map([
    ['Bearer r', 'red'],
    ['Bearer b', 'blue']
  ])
  app.addHook('preHandler', async ({ headers }, reply) => {
    const tenant = tenants.get(headers.authorization)
    if (tenant === undefined) return reply.code(401).send({ message: 'unknown caller' })
    headers['x-tenant'] = tenant
  })

  const byTenant = dynamicEndpoint('byTenant', ({ headers }) => addresses[headerOf(headers, 'x-tenant')])
  await app.register(proxyServices, {
    extensions: { endpoints: [byTenant] },
    definitions: { proxies: { Orders: { endpoint: { kind: 'byTenant' } } } },
    proxies: {
      Orders: {
        // The back-end gets no credentials, and the client no name of a server.
        rewriteRequestHeaders: (request, { authorization, ...headers }) => headers,
        rewriteHeaders: ({ server, 'x-powered-by': poweredBy, ...headers }) => headers,
        onAttempt: ({ log }, attempt) => log.debug({ attempt }, 'attempt'),
        onError: (reply, { error }) => reply.code(error.statusCode).send({ code: error.code, fault: error.fault })
      }
    }
  })

  app.get('/orders/:id', (request, reply) => reply.proxy('Orders', `/order/${encodeURIComponent(request.params.id)}`))
  return app
}

if (process.argv[1] === import.meta.filename) {
  const app = await build()
  await app.listen({ port: 8290 })
}
