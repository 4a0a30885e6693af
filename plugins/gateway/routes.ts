import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ProxyService } from '../../lib/pipeline/service.js'
import { logAccess, traceOf } from '../logging/access-log.js'
import { addApiRoutes } from './api-routes.js'
import type { Dispatcher } from './dispatcher.js'
import { RequestContext } from './request-context.js'
import { publicAddresses } from '../wsdl/publisher.js'

interface RouteOptions {
  readonly dispatcher: Dispatcher
  readonly publicUrl?: string | undefined
  readonly accessLog: boolean
  /** Of which addresses `main` gets the messages, where no proxy and no other route has them. */
  readonly main: 'services' | 'all'
}

/** What Fastify takes apart. It refuses any other Content-Type; ours to read and to pass on is the one that came, in the raw headers. */
const MEDIA_TYPE = /^[ \t]*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(?:;|$)/

/**
 * One route for each proxy, with everything below it, in a scope of its own: the host app's parsers of bodies are not touched.
 * Who is behind a name is looked up at each request, since a reload may have changed it. Fastify takes no routes once it listens:
 * proxies that a reload brings are found by the fallback.
 */
export async function routes (app: FastifyInstance, { dispatcher: services, publicUrl, accessLog, main: reach }: RouteOptions): Promise<void> {
  app.removeAllContentTypeParsers()
  // For any type: of a pattern Fastify remembers which types match, of '*' it does not.
  app.addContentTypeParser(/^/, (_request, _payload, done) => done(null))
  app.addHook('onRequest', (request, _reply, next) => {
    const type = request.headers['content-type']
    if (type !== undefined && !MEDIA_TYPE.test(type)) request.headers['content-type'] = 'application/octet-stream'
    next()
  })
  if (accessLog) logAccess(app)

  const depth = app.prefix.split('/').length + 2
  for (const name of services.configuration.services.keys()) {
    await app.register(httpProxy, {
      prefix: `/services/${encodeURIComponent(name)}`,
      upstream: '',
      replyOptions: { getUpstream: () => '' },
      proxyPayloads: false,
      // The reply is taken over here, behind every hook of the host and before http-proxy computes a destination that nobody needs.
      preHandler: (request, reply, done) => { if (taken(name, request, reply)) done() }
    })
  }
  addApiRoutes(app, services, (service, request, reply, path, query) => {
    reply.hijack()
    void services.handle(service, new RequestContext(request, reply, services.budget), path, query)
  })
  unlessTaken('/services/*', nameIn, 'the route belongs to somebody else: proxies that a reload brings are served after a restart')
  if (reach === 'all') unlessTaken('/*', () => '', 'the route belongs to somebody else: the sequence main gets no messages from there')

  /** A host, or another registration of this plugin, may have its own. */
  function unlessTaken (url: string, nameOf: (request: FastifyRequest) => string, otherwise: string): void {
    const route = app.prefix + url
    if (app.supportedMethods.some(method => app.hasRoute({ method, url: route }))) app.log.info({ route }, otherwise)
    else app.all(url, (request, reply) => { taken(nameOf(request), request, reply) })
  }

  /** Whether the reply is in the hands of a service now. */
  function taken (name: string, request: FastifyRequest, reply: FastifyReply): boolean {
    const { services: proxies, main } = services.configuration
    const proxy = proxies.get(name) ?? proxies.get(proxyOfAxis2Name(name))
    if (proxy === undefined && main === undefined) {
      reply.callNotFound()
      return false
    }
    const trail = traceOf(request)
    if (trail !== undefined) trail.proxy = (proxy ?? main)!.name
    if (proxy !== undefined && answered(proxy, request, reply)) return false
    const [path, query] = suffixOf(request.raw.url ?? '', proxy === undefined ? 1 : depth)
    reply.hijack()
    void services.handle((proxy ?? main)!, new RequestContext(request, reply, services.budget), path, query)
    return true
  }

  /** The name of the proxy that an address means, whether there is one or not. */
  function nameIn (request: FastifyRequest): string {
    const [path] = suffixOf(request.raw.url ?? '', depth - 1)
    try { return decodeURIComponent(path.split('/', 2)[1] ?? '') } catch { return '' }
  }

  /** What is said without the proxy: a transport that it does not serve, or a document about it. */
  function answered (service: ProxyService, request: FastifyRequest, reply: FastifyReply): boolean {
    if (!service.transports.includes(request.protocol)) {
      void reply.code(403).type('text/plain; charset=utf-8').send(`The proxy service ${service.name} answers on ${service.transports.join(', ') || 'no transport'} only.\n`)
      return true
    }
    if ((request.method !== 'GET' && request.method !== 'HEAD') || !request.url.includes('?')) return false
    const addresses = publicAddresses(
      { protocol: request.protocol, host: request.headers.host, path: `${app.prefix}/services/${encodeURIComponent(service.name)}`, headers: request.headers },
      { publicUrl, trustProxy: request.ips !== undefined }
    )
    const document = services.publisher.answer(service.name, request.url.slice(request.url.indexOf('?')), addresses)
    if (document === undefined) return false
    void reply.code(document.status).type(document.contentType).send(document.body)
    return true
  }
}

/**
 * The proxy behind `NAME.NAMEHttpSoap11Endpoint` and its kin, the addresses in WSDLs that the engines generate; clients made of these know
 * no other. Empty for any other name (Apache Axis2: AxisService).
 */
function proxyOfAxis2Name (name: string): string {
  const twice = name.replace(/Https?(?:Soap1[12])?Endpoint$/, '')
  const owner = twice.slice(0, twice.length >> 1)
  return twice !== name && twice === `${owner}.${owner}` ? owner : ''
}

/** What follows the address of a service, as it was written: the path from its slash of this number on, and the query with its `?`. */
function suffixOf (url: string, slash: number): [path: string, query: string] {
  const mark = url.indexOf('?')
  const end = mark < 0 ? url.length : mark
  let at = 0
  for (let left = slash; at >= 0 && left > 1; left--) at = url.indexOf('/', at + 1)
  return [at < 0 || at > end ? '' : url.slice(at, end), url.slice(end)]
}
