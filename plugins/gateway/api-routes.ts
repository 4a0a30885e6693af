import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ProxyService } from '../../lib/pipeline/service.js'
import {
  findResource, selectApi, subPathOf, type CompiledApi, type ApiRequest, type ResourceMatch
} from '../../lib/rest/api.js'
import { traceOf } from '../logging/request-trace.js'
import type { Dispatcher } from './dispatcher.js'
import { ignoresDuplicateSlashes, isTaken, routedMethods } from './host-router.js'
import { hooksFor, routeOptionsOf, type RouteOptions } from './configuration/proxy-options.js'
import { originForm } from './request-target.js'

/** Serves one request by a service. `path` is what follows the base path of the API. */
export type Serve = (
  service: ProxyService,
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  query: string
) => void

export interface ApiRoutesOptions {
  readonly dispatcher: Dispatcher
  readonly serve: Serve
  /** Serves a request that no API receives by the sequence `main`. */
  readonly serveMain: (request: FastifyRequest, reply: FastifyReply) => void
  readonly hasApiOptions: boolean
}

/**
 * The routes of all APIs: the base path of each, with everything below it, so that hooks and policies of the host hold
 * for all resources, whatever the precedence of resources. The resource is found at each request, since a reload may
 * have changed it.
 */
export class ApiRoutes {
  /** The hooks in the options of the API that a request is for. */
  readonly hooks: object
  readonly #app: FastifyInstance
  readonly #options: ApiRoutesOptions
  readonly #ignoreDuplicateSlashes: boolean
  #catchAll = false
  /** The base paths that have a route. */
  readonly #paths = new Set<string>()

  constructor (app: FastifyInstance, options: ApiRoutesOptions) {
    this.#app = app
    this.#options = options
    this.#ignoreDuplicateSlashes = ignoresDuplicateSlashes(app)
    this.hooks = options.hasApiOptions ? hooksFor(request => this.#optionsOf(request)) : {}
  }

  /** @param catchAll whether a route of this registration serves all other paths, and so the context `/` */
  add (catchAll: boolean): void {
    const { dispatcher } = this.#options
    this.#catchAll = catchAll
    for (const { basePath, name } of dispatcher.configuration.apis) {
      if (this.#paths.has(basePath)) continue
      this.#paths.add(basePath)
      if (catchAll && basePath === '/') continue
      for (const url of basePath === '/' ? ['/*'] : [basePath, `${basePath}/*`]) this.#addRoute(url, name)
    }
  }

  /** @param name of the API whose options the route has */
  #addRoute (url: string, name: string): void {
    const { dispatcher } = this.#options
    if (isTaken(this.#app, url)) {
      const route = this.#app.prefix + url
      this.#app.log.warn({ route }, `the app has the route ${route} itself: APIs receive no requests from there`)
      return
    }
    this.#app.route({
      method: routedMethods(this.#app),
      url,
      exposeHeadRoute: false,
      ...routeOptionsOf(dispatcher.apiOptions.get(name) ?? {}),
      ...this.hooks,
      handler: (request, reply) => {
        this.handle(request, reply)
      }
    })
  }

  #optionsOf (request: FastifyRequest): RouteOptions | undefined {
    const api = this.#apiOf(this.#targetOf(request))
    return api && this.#options.dispatcher.apiOptions.get(api.name)
  }

  /** Whether an API receives a request. */
  serves (request: FastifyRequest): boolean {
    return this.#apiOf(this.#targetOf(request)) !== undefined
  }

  /** Logs which APIs of the running configuration have no route of their own. */
  reportUnrouted (): void {
    const unrouted = this.#options.dispatcher.configuration.apis
      .filter(({ basePath }) => !this.#paths.has(basePath))
      .map(({ name }) => name)
    if (unrouted.length === 0) return
    this.#app.log.warn(
      { apis: unrouted },
      this.#catchAll
        ? `${unrouted.length} APIs are served by /*: policies that the app binds to routes are not applied to them`
        : `${unrouted.length} APIs need a restart: an app adds no routes once it listens, and they receive no requests`
    )
  }

  /** Serves a request by its API; where it has none, by the sequence `main`. */
  handle (request: FastifyRequest, reply: FastifyReply): void {
    const { dispatcher, serve, serveMain } = this.#options
    request.raw.url = originForm(request.raw.url ?? '/')
    const target = this.#targetOf(request)
    const { apiFallback } = dispatcher.configuration
    const api = this.#apiOf(target)
    if (api === undefined) return serveMain(request, reply)
    const trace = traceOf(request)
    if (trace !== undefined) trace.proxy = api.name
    const match = findResource(api, target)
    const subPath = subPathOf(api, target.path)
    if (match.kind === 'not-found' && apiFallback !== undefined) {
      serve(apiFallback, request, reply, subPath, target.query)
    } else if (match.kind !== 'resource') {
      respond(match, reply)
    } else {
      const path = subPath === '/' && target.path === api.basePath ? '' : subPath
      serve(match.resource.service, request, reply, path, target.query)
    }
  }

  #apiOf (target: ApiRequest): CompiledApi | undefined {
    return selectApi(this.#options.dispatcher.configuration.apis, target)
  }

  #targetOf ({ raw, method, protocol, headers }: FastifyRequest): ApiRequest {
    const url = originForm(raw.url ?? '/')
    const mark = url.indexOf('?')
    const written = mark < 0 ? url : url.slice(0, mark)
    const path = this.#ignoreDuplicateSlashes ? written.replace(/\/{2,}/g, '/') : written
    return {
      method,
      protocol,
      host: headers.host ?? '',
      path: path.slice(this.#app.prefix.length) || '/',
      query: mark < 0 ? '' : url.slice(mark)
    }
  }
}

/** The response where no resource handles the request. @see WSO2: API.process */
function respond (match: Exclude<ResourceMatch, { kind: 'resource' }>, reply: FastifyReply): void {
  switch (match.kind) {
    case 'not-found':
      void reply.code(404).send()
      return
    case 'not-acceptable':
      void reply.code(400).send()
      return
    case 'method-not-allowed':
      void reply.code(405).header('allow', match.allow.join(', ')).send()
      return
    case 'options':
      void reply.code(200).header('allow', match.allow.join(', ')).send()
  }
}
