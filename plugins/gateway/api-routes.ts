import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { findResource, selectApi, subPathOf, type ApiRequest, type ResourceMatch } from '../../lib/rest/api.js'
import type { ProxyService } from '../../lib/pipeline/service.js'
import { traceOf } from '../logging/request-trace.js'
import type { Dispatcher } from './dispatcher.js'

/** Serves one request by a service. `path` is what follows the base path of the API. */
export type Serve = (
  service: ProxyService,
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  query: string
) => void

/**
 * Adds the routes of all APIs: the base path of each, with everything below it. The resource is found at each request,
 * since a reload may have changed it. Paths that a reload adds need a restart.
 */
export function addApiRoutes (app: FastifyInstance, dispatcher: Dispatcher, serve: Serve): void {
  const methods = app.supportedMethods.filter(method => method !== 'TRACE') as HTTPMethods[]
  const paths = new Set(dispatcher.configuration.apis.map(({ basePath }) => basePath))
  for (const path of paths) {
    for (const url of path === '/' ? ['/*'] : [path, `${path}/*`]) {
      const route = app.prefix + url
      if (methods.some(method => app.hasRoute({ method, url: route }))) {
        app.log.warn({ route }, `the app has the route ${route} itself: APIs receive no requests from there`)
        continue
      }
      app.route({
        method: methods,
        url,
        exposeHeadRoute: false,
        handler: (request, reply) => {
          handle(request, reply)
        }
      })
    }
  }

  function handle (request: FastifyRequest, reply: FastifyReply): void {
    const target = requestOf(request, app.prefix)
    const { apis, apiFallback, main } = dispatcher.configuration
    const api = selectApi(apis, target)
    if (api === undefined) {
      if (main === undefined) reply.callNotFound()
      else serve(main, request, reply, target.path, target.query)
      return
    }
    const trace = traceOf(request)
    if (trace !== undefined) trace.proxy = api.name
    const match = findResource(api, target)
    if (match.kind === 'not-found' && apiFallback !== undefined) {
      serve(apiFallback, request, reply, subPathOf(api, target.path), target.query)
      return
    }
    if (match.kind !== 'resource') {
      respond(match, reply)
      return
    }
    const subPath = subPathOf(api, target.path)
    serve(
      match.resource.service,
      request,
      reply,
      subPath === '/' && target.path === api.basePath ? '' : subPath,
      target.query
    )
  }
}

function requestOf ({ raw, method, protocol, headers }: FastifyRequest, prefix: string): ApiRequest {
  const url = raw.url ?? '/'
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  return {
    method,
    protocol,
    host: headers.host ?? '',
    path: path.slice(prefix.length) || '/',
    query: mark < 0 ? '' : url.slice(mark)
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
