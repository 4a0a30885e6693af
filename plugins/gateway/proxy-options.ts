import type {
  FastifyReply, FastifyRequest, FastifySchema, LogLevel, onRequestHookHandler, preHandlerHookHandler, RouteOptions
} from 'fastify'
import type { CompiledConfiguration } from '../../lib/compiler/compile.js'
import { didYouMean } from '../../lib/definitions/closest-name.js'
import type { Definitions } from '../../lib/definitions/model.js'
import type { ProxyHooks } from './proxy-hooks.js'
import { checkProxyOptions } from './option-checks.js'

/** What a developer says about the route of one proxy: options of Fastify's routes, and functions that run there. */
export interface ProxyRouteOptions extends ProxyHooks {
  /** The path of the route. Default: `/services/NAME` */
  readonly path?: string
  /** Default: all methods that the app supports, except TRACE */
  readonly methods?: readonly string[]
  /** Asked again at each reload; also for proxies that a reload adds. */
  readonly onRequest?: onRequestHookHandler | readonly onRequestHookHandler[]
  /** Asked again at each reload; also for proxies that a reload adds. */
  readonly preHandler?: preHandlerHookHandler | readonly preHandlerHookHandler[]
  /** The greatest request body, in bytes; asked again at each reload. Default: the option `bodyLimit` */
  readonly bodyLimit?: number
  readonly schema?: FastifySchema
  readonly config?: RouteOptions['config']
  readonly constraints?: RouteOptions['constraints']
  readonly logLevel?: LogLevel
  readonly handlerTimeout?: number
}

type ProxyDefinition = NonNullable<Definitions['proxies']>[string]

/** Options by the name of the proxy, or a function of name and definition. */
export type ProxiesOption =
  Readonly<Record<string, ProxyRouteOptions>> |
  ((name: string, definition: ProxyDefinition) => ProxyRouteOptions | undefined)

/** Returns the options of all proxies of a configuration, by name. */
export function proxyOptionsFor (
  option: ProxiesOption | undefined, { definitions: { proxies = {} } }: CompiledConfiguration
): ReadonlyMap<string, ProxyRouteOptions> {
  const options = new Map<string, ProxyRouteOptions>()
  if (option === undefined) return options
  for (const [name, definition] of Object.entries(proxies)) {
    const found = typeof option === 'function' ? option(name, definition) : ownOptions(option, name)
    if (found === undefined) continue
    checkProxyOptions(found, name)
    options.set(name, found)
  }
  return options
}

/** Names that have options but are no proxy of the configuration, each with what may be meant. */
export function unknownProxies (
  option: ProxiesOption | undefined, { definitions: { proxies = {} } }: CompiledConfiguration
): { name: string, hint: string | undefined }[] {
  if (option === undefined || typeof option === 'function') return []
  return Object.keys(option).filter(name => !Object.hasOwn(proxies, name))
    .map(name => ({ name, hint: didYouMean(name, Object.keys(proxies)) }))
}

const ownOptions = (option: Readonly<Record<string, ProxyRouteOptions>>, name: string): ProxyRouteOptions | undefined =>
  Object.hasOwn(option, name) ? option[name] : undefined

type Hook = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => unknown

/**
 * Returns a hook that runs the current hooks of one kind: those of the proxy that a request is for, as the last reload
 * has left them.
 */
export const currentHooks = (
  kind: 'onRequest' | 'preHandler', optionsOf: (request: FastifyRequest) => ProxyRouteOptions | undefined
): Hook => function (this: unknown, request, reply, done) {
  const hooks = [optionsOf(request)?.[kind] ?? []].flat() as Hook[]
  const run = (at: number): void => {
    const hook = hooks[at]
    if (hook === undefined) return done()
    let settled = false
    const next = (error?: unknown): void => {
      if (settled) return
      settled = true
      if (error != null) done(error instanceof Error ? error : new Error(String(error)))
      else if (!reply.sent) run(at + 1)
    }
    try {
      const result = hook.call(this, request, reply, next)
      if (isPromise(result)) result.then(() => next(), next)
    } catch (error) {
      next(error)
    }
  }
  run(0)
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
