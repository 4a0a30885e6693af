import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { ConfigurationError } from '../lib/definitions/problem.js'
import { admin } from './admin/admin.js'
import { loadConfiguration } from './gateway/load-configuration.js'
import { endpointRegistry } from './gateway/endpoint-registry.js'
import { InvalidPublicUrl } from './errors.js'
import type { ProxyServicesOptions } from './gateway/options.js'
import { withStartDeadline, ProxyServices } from './gateway/proxy-services.js'
import { routes } from './gateway/routes.js'
import { Dispatcher } from './gateway/dispatcher.js'
import { redisSessions } from './session-stores/redis.js'
import { SharedSessions } from './session-stores/shared-sessions.js'
import { runtime } from './gateway/runtime.js'

/**
 * Load-balanced proxy services, from Synapse XML or the same as JSON: one route `/services/NAME` for each proxy.
 * Decorates the app with `endpointRegistry` and `proxyServices`. May be registered more than once, with different prefixes.
 * @throws ConfigurationError with everything that is wrong with the configuration
 */
const proxyServices = fp<ProxyServicesOptions>(async (app: FastifyInstance, options) => {
  const { publicUrl, limits, accessLog = false, prefix, mainSequence: main = 'services', sessionStore } = options
  if (publicUrl !== undefined && !/^https?:\/\/./.test(publicUrl)) throw new InvalidPublicUrl(publicUrl)
  await app.register(endpointRegistry)
  if (!app.hasDecorator('proxyServices')) app.decorate('proxyServices', new ProxyServices())
  const configured = async () => await loadConfiguration(options, app.endpointRegistry, app.log)
  const sessions = sessionStore && new SharedSessions(sessionStore, { log: app.log, now: runtime.now, seed: app.endpointRegistry.hashSeed })
  await sessions?.open()
  const services = new Dispatcher(await configured(), { limits, uuid: runtime.uuid, sessions })
  app.proxyServices.add(services, configured)
  app.addHook('onReady', async () => await withStartDeadline(services.publisher.tried))
  app.addHook('onClose', async () => {
    app.proxyServices.remove(services)
    await services.close()
  })
  await app.register(routes, { dispatcher: services, publicUrl, accessLog, main, ...prefix !== undefined && { prefix } })
}, { name: 'fastify-proxy-services', fastify: '5.x' })

/** What `require` gives: the plugin, with everything else on it. */
const commonJs = Object.assign(proxyServices, { default: proxyServices, proxyServices, admin, redisSessions, ConfigurationError })

export default proxyServices
export { proxyServices, admin, redisSessions, ConfigurationError, commonJs as 'module.exports' }
export type { AdminOptions } from './admin/admin.js'
export type { Problem } from '../lib/definitions/problem.js'
export type { Definitions } from '../lib/definitions/model.js'
export type { GroupState, EndpointState, Registry, StateChange } from '../lib/state/registry.js'
export type { Health } from '../lib/state/health.js'
export type { ProxyServicesOptions } from './gateway/options.js'
export type { ProxyServices, ReloadResult } from './gateway/proxy-services.js'
export type { Phase, Readiness } from './admin/readiness.js'
export type { RedisClient, RedisSessionsOptions } from './session-stores/redis.js'
export type { SessionStore, StoredSession } from './session-stores/session-store.js'
