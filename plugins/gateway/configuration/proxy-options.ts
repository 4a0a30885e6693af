import type {
  FastifyReply, FastifyRequest, FastifySchema, LogLevel, onRequestHookHandler, preHandlerHookHandler,
  RouteOptions as FastifyRouteOptions
} from 'fastify'
import type { CompiledConfiguration } from '../../../lib/compiler/compile.js'
import { didYouMean } from '../../../lib/definitions/model/closest-name.js'
import type { Api, Definitions } from '../../../lib/definitions/model/model.js'
import { toError } from '../../../lib/message/error-message.js'
import type { ProxyHooks } from '../request/proxy-hooks.js'
import { checkApiOptions, checkProxyOptions } from './option-checks.js'

/**
 * The options of a developer for the routes of one proxy or API: options of Fastify's routes, and functions that run
 * there.
 */
export interface RouteOptions extends ProxyHooks {
  /** Read again at each reload; also for proxies that a reload adds. */
  readonly onRequest?: onRequestHookHandler | readonly onRequestHookHandler[]
  /** Read again at each reload; also for proxies that a reload adds. */
  readonly preHandler?: preHandlerHookHandler | readonly preHandlerHookHandler[]
  /** The greatest request body, in bytes; read again at each reload. Default: the option `bodyLimit` */
  readonly bodyLimit?: number
  readonly schema?: FastifySchema
  readonly config?: FastifyRouteOptions['config']
  readonly constraints?: FastifyRouteOptions['constraints']
  readonly logLevel?: LogLevel
  readonly handlerTimeout?: number
}

/** Options of a proxy. */
export interface ProxyRouteOptions extends RouteOptions {
  /** The path of the route. Default: `/services/NAME` */
  readonly path?: string
  /** Default: all methods that the app supports, except TRACE */
  readonly methods?: readonly string[]
}

/** Options of an API, for all of its resources. */
export type ApiRouteOptions = RouteOptions

type ProxyDefinition = NonNullable<Definitions['proxies']>[string]

/** Options by name, or a function of name and definition. */
type OptionsByName<Options, Definition> =
  Readonly<Record<string, Options>> |
  ((name: string, definition: Definition) => Options | undefined)

/** Options by the name of the proxy, or a function of name and definition. */
export type ProxiesOption = OptionsByName<ProxyRouteOptions, ProxyDefinition>
/** Options by the name of the API, or a function of name and definition. */
export type ApisOption = OptionsByName<ApiRouteOptions, Api>

/** Returns the options of all proxies of a configuration, by name. */
export const proxyOptionsFor = (
  option: ProxiesOption | undefined, { definitions: { proxies = {} } }: CompiledConfiguration
): ReadonlyMap<string, ProxyRouteOptions> => optionsFor(option, proxies, checkProxyOptions)

/** Returns the options of all APIs of a configuration, by name. */
export const apiOptionsFor = (
  option: ApisOption | undefined, { definitions: { apis = {} } }: CompiledConfiguration
): ReadonlyMap<string, ApiRouteOptions> => optionsFor(option, apis, checkApiOptions)

function optionsFor<Options, Definition> (
  option: OptionsByName<Options, Definition> | undefined,
  definitions: Readonly<Record<string, Definition>>,
  check: (options: unknown, name: string) => void
): ReadonlyMap<string, Options> {
  const options = new Map<string, Options>()
  if (option === undefined) return options
  for (const [name, definition] of Object.entries(definitions)) {
    const found = typeof option === 'function' ? option(name, definition) : ownOptions(option, name)
    if (found === undefined) continue
    check(found, name)
    options.set(name, found)
  }
  return options
}

/** Names that have options but no definition, each with what may be meant. */
export function unknownNames (
  option: object | undefined, definitions: Readonly<Record<string, unknown>> = {}
): { name: string, hint: string | undefined }[] {
  if (option === undefined || typeof option === 'function') return []
  return Object.keys(option).filter(name => !Object.hasOwn(definitions, name))
    .map(name => ({ name, hint: didYouMean(name, Object.keys(definitions)) }))
}

const ownOptions = <Options>(option: Readonly<Record<string, Options>>, name: string): Options | undefined =>
  Object.hasOwn(option, name) ? option[name] : undefined

/** The options that Fastify takes when the routes are registered. */
export const routeOptionsOf = ({ schema, config, constraints, logLevel, handlerTimeout }: RouteOptions) => ({
  ...(schema !== undefined && { schema }),
  ...(config !== undefined && { config }),
  ...(constraints !== undefined && { constraints }),
  ...(logLevel !== undefined && { logLevel }),
  ...(handlerTimeout !== undefined && { handlerTimeout })
})

type Hook = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => unknown

type OptionsOf = (request: FastifyRequest) => RouteOptions | undefined

/** The hooks in the options of the proxy or API that a request is for, as the last reload has left them. */
export const hooksFor = (optionsOf: OptionsOf) => ({
  onRequest: currentHooks('onRequest', optionsOf),
  preHandler: currentHooks('preHandler', optionsOf)
})

const currentHooks = (
  kind: 'onRequest' | 'preHandler', optionsOf: OptionsOf
): Hook => function (this: unknown, request, reply, done) {
  const hooks = [optionsOf(request)?.[kind] ?? []].flat() as Hook[]
  const run = (at: number): void => {
    const hook = hooks[at]
    if (hook === undefined) return done()
    let settled = false
    const next = (error?: unknown): void => {
      if (settled) return
      settled = true
      if (error != null) done(toError(error))
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
