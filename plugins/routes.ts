import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Service } from '../lib/serve.js'
import { Visit, type Services } from './services.js'
import { publicAddresses } from './wsdl/index.js'

interface RouteOptions { readonly services: Services, readonly publicUrl?: string | undefined }

/** One route for each proxy, with everything below it, in a scope of its own: the host app's parsers of bodies are not touched. */
export async function routes (app: FastifyInstance, { services, publicUrl }: RouteOptions): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  const depth = app.prefix.split('/').length + 2
  for (const [name, service] of services.program.services) {
    await app.register(httpProxy, {
      prefix: `/services/${encodeURIComponent(name)}`,
      upstream: '',
      replyOptions: { getUpstream: () => '' },
      proxyPayloads: false,
      // The reply is taken over here, behind every hook of the host and before http-proxy computes a destination that nobody needs.
      preHandler: (request, reply, done) => {
        if (answered(service, request, reply)) return
        const [path, query] = behind(request.raw.url ?? '', depth)
        reply.hijack()
        void services.handle(service, new Visit(request, reply, services.budget), path, query)
        done()
      }
    })
  }
  if (services.program.main) fallTo(app, services.program.main, services)

  /** What is said without the proxy: a transport that it does not serve, or a document about it. */
  function answered (service: Service, request: FastifyRequest, reply: FastifyReply): boolean {
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

/** Everything below `/services` that no proxy claims. */
function fallTo (app: FastifyInstance, main: Service, services: Services): void {
  app.all('/services/*', (request, reply) => {
    const [path, query] = behind(request.raw.url ?? '', 1)
    reply.hijack()
    void services.handle(main, new Visit(request, reply, services.budget), path, query)
  })
}

/** What follows the address of a service, as it was written: the path from its slash of this number on, and the query with its `?`. */
function behind (url: string, slash: number): [path: string, query: string] {
  const mark = url.indexOf('?')
  const end = mark < 0 ? url.length : mark
  let at = 0
  for (let left = slash; at >= 0 && left > 1; left--) at = url.indexOf('/', at + 1)
  return [at < 0 || at > end ? '' : url.slice(at, end), url.slice(end)]
}
