import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { HIDDEN_TYPE, isMediaType } from '../http/server/hook-headers.js'
import { accessLogHook, type AccessLogOptions } from '../logging/access-log.js'
import { ApiRoutes } from './api-routes.js'
import { isCaseSensitive, isTaken, routedMethods } from './host-router.js'
import { axis2Path, ownerOf, routableName } from './proxy-addresses.js'
import { ProxyHandler, type ProxyHandlerOptions } from './proxy-handler.js'
import { hooksFor, routeOptionsOf, type ProxyRouteOptions } from './configuration/proxy-options.js'
import { segmentsOf } from './request-target.js'
import { hasRouteHooks, observeRequests, ownHook } from './request/route-hooks.js'

export interface RoutesOptions extends ProxyHandlerOptions {
  readonly accessLog: AccessLogOptions | undefined
  /** Whether proxies have options, whose hooks run with each request. */
  readonly hasProxyOptions: boolean
  /** Whether APIs have options, whose hooks run with each request. */
  readonly hasApiOptions: boolean
  /** Which requests the sequence `main` receives, where no proxy and no other route of the app matches. */
  readonly mainSequence: 'services' | 'all'
}

/** More proxies share the fallback route: each route of its own costs 2 ms and 100 KB. */
const MAX_OWN_ROUTES = 500

/**
 * Adds one route for each proxy, with everything below it, and the addresses that the engines generate for it. They are
 * in a scope of their own, so that the host's parsers of bodies stay as they are. Handlers run after every hook of the
 * host. Since a reload may change the configuration, each request looks up its proxy by name. Fastify takes no routes
 * once it listens: a fallback route serves the proxies that a reload adds. It serves all proxies without route options
 * where there are more than 500, and the app has no `onRoute` hooks that would see their routes.
 */
export async function routes (app: FastifyInstance, options: RoutesOptions): Promise<void> {
  const { dispatcher, mainSequence, hasProxyOptions, hasApiOptions } = options
  acceptAllBodies(app)
  if (dispatcher.tracing !== undefined) observeRequests(app, dispatcher.tracing)
  if (options.accessLog !== undefined) app.addHook('onRequest', ownHook(accessLogHook(options.accessLog)))
  const handler = new ProxyHandler(app, options)
  const methods = routedMethods(app)
  const registered = new Set<string>()
  const { services } = dispatcher.configuration
  const areShared = services.size > MAX_OWN_ROUTES && !hasRouteHooks(app) && canShare(app)

  for (const name of services.keys()) {
    if (areShared && !dispatcher.proxyOptions.has(name)) continue
    const own = dispatcher.proxyOptions.get(name) ?? {}
    const segment = routableName(name)
    if (segment === undefined && own.path === undefined) continue
    const hooks = hasProxyOptions ? hooksFor(() => dispatcher.proxyOptions.get(name)) : {}
    registered.add(name)
    for (const path of [own.path ?? `/services/${segment}`, ...(segment === undefined ? [] : [axis2Path(segment)])]) {
      const segments = segmentsOf(app.prefix) + segmentsOf(path)
      dispatcher.paths.add(app.prefix + path)
      for (const url of [path, `${path === '/' ? '' : path}/*`]) {
        app.route({
          method: (own.methods ?? methods) as HTTPMethods[],
          url,
          exposeHeadRoute: false,
          ...routeOptionsOf(own),
          ...hooks,
          handler: (request, reply) => {
            handler.handle(name, segments, request, reply)
          }
        })
      }
    }
  }

  dispatcher.paths.add(`${app.prefix}/services`)
  const segments = segmentsOf(app.prefix) + 2
  const nameIn = (request: FastifyRequest): string => handler.nameIn(request, segments - 1)
  const added = (request: FastifyRequest): ProxyRouteOptions | undefined =>
    dispatcher.proxyOptions.get(ownerOf(nameIn(request)))
  addFallback(FALLBACK, {
    consequence: 'proxies that a reload adds need a restart',
    // A registered proxy is here by a method that its route does not have, or by a path that it has left.
    serves: request => !registered.has(ownerOf(nameIn(request))) && handler.serves(nameIn(request)),
    handle: (request, reply) => handler.handle(nameIn(request), segments, request, reply),
    hooks: hasProxyOptions ? hooksFor(added) : {}
  })
  const apis = new ApiRoutes(app, {
    dispatcher,
    hasApiOptions,
    serve: (service, request, reply, path, query) => {
      handler.serve(service, request, reply, [path, query])
    },
    serveMain: (request, reply) => handler.handle('', 0, request, reply)
  })
  const catchesAll =
    mainSequence === 'all' &&
    addFallback('/*', {
      consequence: 'neither the sequence main nor the API at / receives requests from there',
      serves: request => handler.serves('') || apis.serves(request),
      handle: (request, reply) => apis.handle(request, reply),
      hooks: apis.hooks
    })
  apis.add(catchesAll)

  dispatcher.serveByName = (name, request, reply, suffix) => {
    const service = dispatcher.configuration.services.get(name)
    if (service !== undefined) handler.serveForHost(service, request, reply, suffix)
  }
  dispatcher.onReload = () => {
    apis.reportUnrouted()
    if (areShared) return
    const added = [...dispatcher.configuration.services.keys()].filter(name => !registered.has(name))
    if (added.length === 0) return
    const route = app.prefix + FALLBACK
    app.log.warn(
      { proxies: added, route },
      `${added.length} proxies are served by ${route}: policies that the app binds to routes are not applied to them`
    )
  }

  /** Returns whether it is there: the host, or another registration of this plugin, may have the route. */
  function addFallback (url: string, { consequence, serves, handle, hooks }: Fallback): boolean {
    const route = app.prefix + url
    if (isTaken(app, url)) {
      app.log.info({ route }, `the app has the route ${route} itself: ${consequence}`)
      return false
    }
    app.route({
      method: methods,
      url,
      exposeHeadRoute: false,
      ...hooks,
      // Fastify runs the hooks preHandler for a request that is not found: they have not run yet.
      preValidation: ownHook((request: FastifyRequest, reply: FastifyReply, done: () => void) => {
        if (serves(request)) done()
        else reply.callNotFound()
      }),
      handler: (request, reply) => {
        handle(request, reply)
      }
    })
    return true
  }
}

/** A route for requests that no other route of this registration serves. */
interface Fallback {
  /** What is missing if the app has the route itself. */
  readonly consequence: string
  readonly serves: (request: FastifyRequest) => boolean
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => void
  /** The hooks in the options of the proxy or API that a request is for. */
  readonly hooks: object
}

const FALLBACK = '/services/*'

/** The fallback route must be free, and compares names as they are written. */
const canShare = (app: FastifyInstance): boolean => isCaseSensitive(app) && !isTaken(app, FALLBACK)

/** Hands request bodies over unread: as the client sent them, or as `preParsing` hooks of the host have left them. */
function acceptAllBodies (app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  // Fastify remembers which types match a pattern; for '*' it does not.
  app.addContentTypeParser(/^/, (_request, payload, done) => done(null, payload))
  app.addHook(
    'onRequest',
    ownHook((request: FastifyRequest, _reply: FastifyReply, done: () => void) => {
      const type = request.headers['content-type']
      if (type !== undefined && !isMediaType(type)) request.headers['content-type'] = HIDDEN_TYPE
      done()
    })
  )
}
