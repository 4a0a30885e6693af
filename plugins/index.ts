import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createEndpoint, createReservingEndpoint } from '../lib/contracts/endpoint.js'
import { algorithm, endpoint, mediator, session } from '../lib/contracts/kind.js'
import { defineProxy } from '../lib/definitions/define-proxy.js'
import { NO_OVERLAY, type Overlay } from '../lib/definitions/files/overlay.js'
import { ConfigurationError } from '../lib/definitions/model/problem.js'
import { dynamicEndpoint } from '../lib/endpoints/dynamic-endpoint.js'
import { fault } from '../lib/message/fault.js'
import { headerOf } from '../lib/message/headers.js'
import type { Registry } from '../lib/state/registry.js'
import { atOnce, type RunSliced } from '../lib/slices/sliced-work.js'
import { admin } from './admin/admin.js'
import { serveAcceptedFirst } from './http/server/malformed-requests.js'
import { loadTransport } from './http/upstream/load-transport.js'
import { examineConfiguration } from './gateway/configuration/examine-configuration.js'
import { loadConfiguration } from './gateway/configuration/load-configuration.js'
import { endpointRegistry } from './gateway/state/endpoint-registry.js'
import { forwardedHeaders } from './gateway/request/forwarded-headers.js'
import { AppCloses } from './errors.js'
import { checkOptions } from './gateway/configuration/option-checks.js'
import type { ProxyServicesOptions } from './gateway/configuration/options.js'
import { withStartDeadline, ProxyServices } from './gateway/proxy-services.js'
import { logListenerErrors } from './logging/listener-errors.js'
import { routes } from './gateway/routes.js'
import { Dispatcher } from './gateway/dispatcher.js'
import { inSlices } from './timing/in-slices.js'
import { OperatorRequests } from './gateway/request/operator-requests.js'
import { clusterSessions, serveClusterSessions } from './session-stores/cluster-sessions.js'
import { openTelemetry } from './tracing/open-telemetry.js'
import { version } from './package/version.js'
import { redisSessions } from './session-stores/redis.js'
import { SharedSessions } from './session-stores/shared-sessions.js'
import { runtime } from './gateway/configuration/runtime.js'
import { keepSwitches } from './gateway/state/state-file.js'
import { ServerTls } from './tls/server-tls.js'
import { closeWebSockets, serveWebSockets } from './gateway/web-sockets.js'
import { decorateReplies, type ReplyProxy } from './gateway/reply-proxy.js'
import { decorateRequests, type ProxiedRequest } from './gateway/request/proxied-request.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** All groups with their sessions and all endpoints with their states, of all proxies in this app. */
    endpointRegistry: Registry
    /** All proxies of this app, and how to reload their configuration. */
    proxyServices: ProxyServices
  }

  interface FastifyRequest {
    /**
     * What a proxy has done with this request until now; undefined: none has taken it, or it is not traced. Requests
     * are traced where their route has a hook onSend, onResponse, onError, onTimeout or onRequestAbort, where
     * `accessLog` is on, and where requests have spans of OpenTelemetry.
     */
    readonly proxy: ProxiedRequest | undefined
  }

  interface FastifyReply {
    /**
     * Serves the request of a route of your own by a proxy: `(request, reply) => reply.proxy('Orders', '/items/1')`.
     * Path and query follow the address of its endpoint. Default: the query of the request
     */
    readonly proxy: ReplyProxy
  }
}

/**
 * Load-balanced proxy services, configured by Synapse XML or JSON: one route `/services/NAME` for each proxy.
 * Decorates the app with `endpointRegistry` and `proxyServices`. May be registered more than once, with different
 * prefixes.
 * @throws ConfigurationError with all problems of the configuration
 */
const proxyServices = fp<ProxyServicesOptions>(
  async (app: FastifyInstance, options) => {
    const { publicUrl, limits, bodyLimit, upstreamClient, accessLog = false, prefix, sessionStore } = options
    const { mainSequence = 'services' } = options
    checkOptions(options)
    serveAcceptedFirst(app.server)
    await app.register(endpointRegistry)
    if (!app.hasDecorator('proxyServices')) {
      app.decorate('proxyServices', new ProxyServices())
      app.proxyServices.onListenerError = logListenerErrors(app.log)
      decorateRequests(app)
      decorateReplies(app)
      app.addHook('preClose', async () => await closeWebSockets(app))
      app.proxyServices.on('reload', () => serveWebSockets(app, app.server))
    }
    const { log, endpointRegistry: registry } = app
    // What its primary reports too, a worker does not report.
    const quiet = registry.isReplica ? log.child({}, { level: 'error' }) : log
    if (options.stateFile !== undefined) await keepSwitches(app, options.stateFile)
    const closing = new AbortController()
    const load = async (overlay: Overlay, run: RunSliced) =>
      await loadConfiguration(options, { registry, log: quiet, overlay, run })
    // Messages are served while a configuration is loaded again.
    const reload = async (overlay: Overlay) =>
      await load(overlay, async steps => await inSlices(steps, closing.signal))
    const sessions =
      sessionStore &&
      new SharedSessions(sessionStore, {
        log: quiet,
        now: runtime.now,
        seed: registry.hashSeed,
        onChange: state => app.proxyServices.report('sessionStore', state)
      })
    // Closed also where the configuration turns out to be wrong: an open connection would keep the process.
    app.addHook('onClose', async () => await sessions?.close())
    await sessions?.open()
    const { tracing: isTraced = true } = options
    const isStopping = (): boolean => registry.isStopping
    const tracing = isTraced ? await openTelemetry({ registry, log: quiet, version, isStopping }) : undefined
    const dispatcher = new Dispatcher(await load(NO_OVERLAY, atOnce), {
      limits,
      openTransport: await loadTransport(upstreamClient),
      uuid: runtime.uuid,
      sessions,
      bodyLimit,
      log,
      operatorRequests: new OperatorRequests(app, prefix),
      tracing
    })
    const endHandshakeLog = app.proxyServices.handshakeFailures.watch(app.server, log)
    app.proxyServices.add(dispatcher, {
      load: reload,
      examine: async overlay => await examineConfiguration(options, dispatcher.configuration, overlay)
    })
    app.addHook('onReady', async () => await withStartDeadline(dispatcher.publisher.tried))
    // Fastify is about to destroy the connections of all requests in flight.
    app.addHook('preClose', async () => {
      if (app.initialConfig.forceCloseConnections === true) registry.isStopping = true
    })
    app.addHook('onClose', async () => {
      closing.abort(new AppCloses())
      app.proxyServices.remove(dispatcher)
      endHandshakeLog()
      await dispatcher.close()
    })
    await app.register(routes, {
      dispatcher,
      publicUrl,
      accessLog: accessLog === false ? undefined : { ...(accessLog === true ? {} : accessLog), isStopping },
      mainSequence,
      addForwarded: forwardedHeaders(options.forwarded),
      hasProxyOptions: options.proxies !== undefined,
      hasApiOptions: options.apis !== undefined,
      ...(prefix !== undefined && { prefix })
    })
    serveWebSockets(app, app.server)
  },
  { name: 'fastify-proxy-services', fastify: '5.x' }
)

/** What `require` returns: the plugin, with the other exports as its properties. */
const others = {
  proxyServices,
  admin,
  ServerTls,
  redisSessions,
  clusterSessions,
  serveClusterSessions,
  ConfigurationError,
  defineProxy,
  mediator,
  endpoint,
  algorithm,
  session,
  createEndpoint,
  createReservingEndpoint,
  dynamicEndpoint,
  headerOf,
  fault,
  Type
}
const commonJs = Object.assign(proxyServices, { default: proxyServices, ...others })

export default proxyServices
export {
  proxyServices,
  admin,
  ServerTls,
  redisSessions,
  ConfigurationError,
  defineProxy,
  commonJs as 'module.exports'
}
export { clusterSessions, serveClusterSessions }
/** For extensions: kinds of your own, and what their running parts need. */
export { mediator, endpoint, algorithm, session, createEndpoint, createReservingEndpoint, dynamicEndpoint, fault }
export { headerOf, Type }
export type * from '../lib/definitions/model/kind-definitions.js'
export type { Kind, Kinds } from '../lib/contracts/kind.js'
export type { Mediator, Step } from '../lib/contracts/mediator.js'
export type { Endpoint, Refusal, Reservation, Reserve } from '../lib/contracts/endpoint.js'
export type { Algorithm, Candidate, MemberOrder } from '../lib/contracts/algorithm.js'
export type { ClientHeldSession, SessionAffinity, SessionKind } from '../lib/contracts/session-affinity.js'
export type { BuildContext } from '../lib/contracts/build-context.js'
export type { Reader, Writer } from '../lib/contracts/xml-form.js'
export type { ReadRequirements, RequirementsOf } from '../lib/contracts/read-requirements.js'
export type { Delivery, Effect, Flow, Outcome } from '../lib/contracts/flow.js'
export type { Fault } from '../lib/message/fault.js'
export type { Headers } from '../lib/message/headers.js'
export type { Body, Message, Properties, ReadDepth } from '../lib/message/message.js'
export type { Element } from '../lib/xml/element.js'
export type { DefineProxyOptions, Sticky, Upstream } from '../lib/definitions/define-proxy.js'
export type { AdminOptions } from './admin/admin.js'
export type { Problem } from '../lib/definitions/model/problem.js'
export type { Api, ApiResource, Definitions, Proxy, Template, Wsdl } from '../lib/definitions/model/model.js'
export type { GroupState } from '../lib/state/group-state.js'
export type { EndpointState } from '../lib/state/endpoint-state.js'
export type { Registry, StateChange } from '../lib/state/registry.js'
export type { Health } from '../lib/state/suspension.js'
export type { ForwardedOption } from './gateway/request/forwarded-headers.js'
export type { UpstreamDispatcher } from './http/upstream/upstream-dispatcher.js'
export type { ProxiedRequest } from './gateway/request/proxied-request.js'
export type { AttemptTrace, SessionDecision } from './logging/request-trace.js'
export type {
  ProxiedHeaders,
  ProxiedResponse,
  ProxyHooks,
  RequestFailedError
} from './gateway/request/proxy-hooks.js'
export type {
  ApiRouteOptions,
  ApisOption,
  ProxiesOption,
  ProxyRouteOptions,
  RouteOptions
} from './gateway/configuration/proxy-options.js'
export type { ProxyServicesOptions } from './gateway/configuration/options.js'
export type { ProxyServices, ReloadResult } from './gateway/proxy-services.js'
export type { AppPhase, Readiness } from './admin/readiness.js'
export type { ClusterSessionsOptions } from './session-stores/cluster-sessions.js'
export type { RedisClient, RedisSessionsOptions } from './session-stores/redis.js'
export type { SecureServer, ServerTlsOptions } from './tls/server-tls.js'
export type { CertificateFiles, ServerCertificates } from './tls/server-certificates.js'
export type { SessionStore, StoredSession } from './session-stores/session-store.js'
