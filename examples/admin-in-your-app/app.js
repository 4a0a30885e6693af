import Fastify from 'fastify'
import proxyServices, { admin } from 'fastify-proxy-services'

const BACKENDS = ['http://localhost:9001/', 'http://localhost:9002/']

/** An app with one proxy, and its admin API in a second app, which listens at a port for operators only. */
export async function build (backends = BACKENDS, options = {}, token = process.env.ADMIN_TOKEN) {
  const app = Fastify(options)
  const members = backends.map(uri => ({ kind: 'address', uri }))
  await app.register(proxyServices, {
    definitions: { proxies: { Orders: { endpoint: { kind: 'loadbalance', name: 'order-servers', members } } } }
  })

  const operators = Fastify(options)
  // Without a token, changes are accepted from this machine only.
  await operators.register(admin, { registry: app.endpointRegistry, proxyServices: app.proxyServices, token })
  app.addHook('onClose', () => operators.close())
  return { app, operators }
}

if (process.argv[1] === import.meta.filename) {
  const { app, operators } = await build(undefined, { logger: true })
  await app.listen({ port: 8290 })
  await operators.listen({ port: 9164, host: '127.0.0.1' })
}
