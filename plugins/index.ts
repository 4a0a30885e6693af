import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { compile, type World } from '../lib/compile.js'
import { load, parse, sound, type Loaded } from '../lib/definitions/load.js'
import { OUR_KINDS } from '../lib/definitions/read-xml.js'
import { endpointRegistry } from './endpoint-registry.js'
import { InvalidPublicUrl, NoConfiguration } from './errors.js'
import type { ProxyServicesOptions } from './options.js'
import { routes } from './routes.js'
import { Services } from './services.js'

const world: World = { now: Date.now, random: Math.random, uuid: randomUUID, environment: name => process.env[name] }

/**
 * Load-balanced proxy services, from Synapse XML or the same as JSON: one route `/services/NAME` for each proxy.
 * Decorates the app with `endpointRegistry`. May be registered more than once, with different prefixes.
 * @throws ConfigurationError with everything that is wrong with the configuration
 */
const proxyServices = fp<ProxyServicesOptions>(async (app: FastifyInstance, options) => {
  if (options.publicUrl !== undefined && !/^https?:\/\/./.test(options.publicUrl)) throw new InvalidPublicUrl(options.publicUrl)
  await app.register(endpointRegistry)
  const loaded = await read(options)
  const kinds = withOurs(options.kinds)
  const program = compile(sound(loaded), world, { registry: app.endpointRegistry, origins: loaded.origins, kinds, scope: options.prefix ? `${options.prefix} ` : '' })
  const services = new Services(program, { log: app.log, limits: options.limits, folder: loaded.folder, uuid: world.uuid })
  app.addHook('onClose', async () => services.close())
  await app.register(routes, { services, publicUrl: options.publicUrl, ...options.prefix !== undefined && { prefix: options.prefix } })
}, { name: 'fastify-proxy-services', fastify: '5.x' })

async function read ({ config, definitions, folder = '.' }: ProxyServicesOptions): Promise<Loaded> {
  if (config !== undefined) return await load(config)
  if (typeof definitions === 'string') return { ...parse(definitions), folder }
  if (definitions !== undefined) return { ...parse(JSON.stringify(definitions), '(definitions)'), folder }
  throw new NoConfiguration()
}

const withOurs = (theirs: ProxyServicesOptions['kinds'] = {}): NonNullable<Parameters<typeof compile>[2]>['kinds'] & object =>
  Object.fromEntries(Object.entries(OUR_KINDS).map(([list, ours]) => [list, [...theirs[list as keyof typeof theirs] ?? [], ...ours]])) as never

export default proxyServices
export { proxyServices, proxyServices as 'module.exports' }
export { ConfigurationError, type Problem } from '../lib/definitions/problem.js'
export type { Definitions } from '../lib/definitions/model.js'
export type { Group, Leaf, Registry, Transition } from '../lib/registry.js'
export type { Health } from '../lib/health.js'
export type { ProxyServicesOptions } from './options.js'
