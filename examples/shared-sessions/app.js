import Fastify from 'fastify'
import proxyServices, { redisSessions } from 'fastify-proxy-services'

const REDIS = process.env.REDIS_URL ?? 'redis://localhost:6379'
const BACKENDS = ['http://localhost:9001/', 'http://localhost:9002/']

/** A gateway whose sessions other gateways see: start it twice, with another port. Needs the package ioredis. */
export async function build (backends = BACKENDS, options = {}, url = REDIS) {
  const app = Fastify(options)
  await app.register(proxyServices, {
    sessionStore: redisSessions({ url }),
    definitions: {
      proxies: {
        Orders: {
          endpoint: {
            kind: 'loadbalance',
            name: 'order-servers',
            session: { kind: 'header', name: 'X-Session' },
            // Gateways agree on names, also where addresses differ.
            members: backends.map((uri, at) => ({ kind: 'address', name: `server-${at + 1}`, uri }))
          }
        }
      }
    }
  })
  return app
}

if (process.argv[1] === import.meta.filename) {
  const app = await build(undefined, { logger: true })
  await app.listen({ port: Number(process.env.PORT ?? 8290) })
}
