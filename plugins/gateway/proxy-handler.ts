import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CompiledConfiguration } from '../../lib/compiler/compile.js'
import type { ProxyService } from '../../lib/pipeline/service.js'
import { BodyTooLarge, InvalidTarget } from '../errors.js'
import { isWebSocketUpgrade, type ClientUpgrade } from '../http/message/client-upgrade.js'
import { upgradeOf } from '../http/server/upgrade-listener.js'
import { beginTrace, traceOf } from '../logging/request-trace.js'
import { publicAddresses } from '../wsdl/publisher.js'
import type { Dispatcher } from './dispatcher.js'
import type { AddForwarded } from './request/forwarded-headers.js'
import { ignoresDuplicateSlashes } from './host-router.js'
import { proxyOfAxis2Name } from './proxy-addresses.js'
import { RequestContext } from './request/request-context.js'
import { payloadOf } from './reply-proxy.js'
import { originForm, staysBelow, suffixOf, type Suffix } from './request-target.js'
import { HookInspector } from './request/route-hooks.js'

export interface ProxyHandlerOptions {
  readonly dispatcher: Dispatcher
  readonly publicUrl?: string | undefined
  /** Adds what endpoints learn of the client. */
  readonly addForwarded?: AddForwarded | undefined
}

/** Takes requests over from Fastify. */
export class ProxyHandler {
  readonly #app: FastifyInstance
  readonly #options: ProxyHandlerOptions
  readonly #ignoreDuplicateSlashes: boolean
  readonly #hooks = new HookInspector()
  /** The URL whose name was looked for last. */
  #lastNamed = { url: '', segments: 0, name: '' }

  constructor (app: FastifyInstance, options: ProxyHandlerOptions) {
    this.#app = app
    this.#options = options
    this.#ignoreDuplicateSlashes = ignoresDuplicateSlashes(app)
  }

  /**
   * Serves a request by the proxy of this name, or by the sequence `main`.
   * @param segments the number of segments of the route
   */
  handle (name: string, segments: number, request: FastifyRequest, reply: FastifyReply): void {
    const proxy = this.#proxyOf(name)
    const service = proxy ?? this.#configuration.main
    if (service === undefined) {
      reply.callNotFound()
      return
    }
    const { raw } = request
    raw.url = originForm(raw.url ?? '/')
    const suffix = this.#suffixOf(raw.url, proxy === undefined ? 0 : segments)
    const isDirect = (): boolean => proxy !== undefined && this.#respondDirectly(proxy, request, reply)
    this.serve(service, request, reply, suffix, isDirect)
  }

  /**
   * Serves a request by this service, after the checks that hold for all.
   * @param isDirect whether the request was responded to without the service
   */
  serve (
    service: ProxyService,
    request: FastifyRequest,
    reply: FastifyReply,
    [path, query]: Suffix,
    isDirect = (): boolean => false,
    duties = this.#hooks.dutiesOf(reply)
  ): void {
    const { dispatcher } = this.#options
    const isTraced = duties.traceRequest || dispatcher.tracing !== undefined
    const trace = isTraced ? beginTrace(request) : traceOf(request)
    if (trace !== undefined) trace.proxy ??= service.name
    const span = dispatcher.tracing?.spanOf(request, reply)
    if (!staysBelow(path)) throw new InvalidTarget()
    const upgrade = service.webSocket === true ? upgradeOf(request.raw) : undefined
    if (isWebSocketUpgrade(request) && !mayUpgrade(service, upgrade, request, reply)) return
    if (isDirect()) return
    const bodyLimit = dispatcher.bodyLimitOf(service)
    if (bodyLimit !== undefined && Number(request.headers['content-length']) > bodyLimit) {
      void reply.header('connection', 'close')
      throw new BodyTooLarge(bodyLimit)
    }
    const payload = payloadOf(request)
    const { budget, registry } = dispatcher
    const traffic = dispatcher.trafficOf(service.name)
    const { addForwarded } = this.#options
    const options = { budget, duties, payload, bodyLimit, traffic, addForwarded, span, registry, upgrade }
    const context = new RequestContext(request, reply, options)
    if (span === undefined) void dispatcher.handle(service, context, path, query)
    else void span.run(() => dispatcher.handle(service, context, path, query))
  }

  /** Whether the proxy of this name, or the sequence `main`, serves a request. */
  serves (name: string): boolean {
    return this.#proxyOf(name) !== undefined || this.#configuration.main !== undefined
  }

  get #configuration (): CompiledConfiguration {
    return this.#options.dispatcher.configuration
  }

  #proxyOf (name: string): ProxyService | undefined {
    const { services } = this.#configuration
    return services.get(name) ?? services.get(proxyOfAxis2Name(name))
  }

  /** Serves a request of a route of the host, whose handler may have set headers. */
  serveForHost (service: ProxyService, request: FastifyRequest, reply: FastifyReply, suffix: Suffix): void {
    const duties = { ...this.#hooks.dutiesOf(reply), readHeaders: true }
    this.serve(service, request, reply, suffix, () => false, duties)
  }

  /** The name of the proxy that a URL means, whether it exists or not. Hooks and the handler of one request need it. */
  nameIn ({ raw: { url = '/' } }: FastifyRequest, segments: number): string {
    const last = this.#lastNamed
    if (last.url !== url || last.segments !== segments) {
      this.#lastNamed = { url, segments, name: proxySegment(this.#suffixOf(originForm(url), segments)) }
    }
    return this.#lastNamed.name
  }

  #suffixOf (url: string, segments: number): Suffix {
    return suffixOf(url, { segments, ignoreDuplicateSlashes: this.#ignoreDuplicateSlashes })
  }

  /** Responds without the proxy: about a transport that it does not serve, or with a document about it. */
  #respondDirectly (service: ProxyService, request: FastifyRequest, reply: FastifyReply): boolean {
    const { name, transports } = service
    if (!transports.includes(request.protocol) && this.#options.dispatcher.operatorRequests.recorder === undefined) {
      void reply
        .code(403)
        .type('text/plain; charset=utf-8')
        .send(`The proxy service ${name} answers on ${transports.join(', ') || 'no transport'} only.\n`)
      return true
    }
    if ((request.method !== 'GET' && request.method !== 'HEAD') || !request.url.includes('?')) return false
    const { dispatcher, publicUrl } = this.#options
    const path = `${this.#app.prefix}/services/${encodeURIComponent(name)}`
    const addresses = publicAddresses(
      { protocol: request.protocol, host: request.headers.host, path, headers: request.headers },
      { publicUrl, trustProxy: request.ips !== undefined }
    )
    const document = dispatcher.publisher.documentFor(name, request.url.slice(request.url.indexOf('?')), addresses)
    if (document === undefined) return false
    void reply.code(document.status).type(document.contentType).send(document.body)
    return true
  }
}

/** The first segment, decoded; empty, if there is none or it is malformed. */
function proxySegment ([path]: Suffix): string {
  try {
    return decodeURIComponent(path.split('/').find(segment => segment !== '') ?? '')
  } catch {
    return ''
  }
}

/** Whether an upgrade continues; responds otherwise. */
function mayUpgrade (
  { name }: ProxyService, upgrade: ClientUpgrade | undefined, { headers }: FastifyRequest, reply: FastifyReply
): boolean {
  const hasBody = Number(headers['content-length'] ?? 0) !== 0 || headers['transfer-encoding'] !== undefined
  if (upgrade !== undefined && !hasBody) return true
  void reply.type('text/plain; charset=utf-8')
  if (upgrade === undefined) {
    void reply.code(426).header('upgrade', 'HTTP/1.1').send(`The proxy ${name} does not serve WebSocket.\n`)
  } else void reply.code(400).send('A request for an upgrade has no body.\n')
  return false
}
