import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import proxyServices, { admin, type AdminOptions, type ProxyServicesOptions } from '../../../plugins/index.js'

/** An app with proxies and the admin API, which is closed when the test ends. */
export async function adminApp (
  t: Test,
  options: ProxyServicesOptions,
  adminOptions: AdminOptions = {}
): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await app.register(proxyServices, options)
  await app.register(admin, adminOptions)
  await app.ready()
  return app
}
