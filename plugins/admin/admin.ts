import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import type { Registry as MetricsRegistry } from 'prom-client'
import type { Registry } from '../../lib/state/registry.js'
import { AdminWithoutPlugin, ViewTokenAlone } from '../errors.js'
import type { ProcessCondition } from '../gateway/process-condition.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import { AccessControl } from './access/access-control.js'
import { CallerRights } from './access/caller-rights.js'
import { configurationRoutes } from './configuration/configuration-routes.js'
import { consoleRoutes } from './console-routes.js'
import { GatewayView, gatewayView, rightsOf } from './access/gateway-view.js'
import { version } from '../package/version.js'
import { explainRoutes } from './proxies/explain-routes.js'
import { handChangeEntry } from './contract/hand-change.js'
import { HttpError } from './contract/http-error.js'
import { Journal } from './journal/journal.js'
import { entryOfReload } from './journal/journal-entry.js'
import { recordEvents } from './journal/journal-events.js'
import { lazyMetrics } from './lazy-metrics.js'
import { LiveStream } from './live/live-stream.js'
import { messageRoutes } from './messages/message-routes.js'
import { liveRoutes } from './live/live-routes.js'
import { loggingRoutes } from './logging-routes.js'
import { documentApi } from './contract/openapi.js'
import { Project } from './project/project.js'
import { ProxyDetails } from './proxies/proxy-details.js'
import { proxyRoutes } from './proxies/proxy-routes.js'
import { Recording, type RecordingWorkers } from './messages/recording.js'
import { readinessRoutes, type Readiness } from './readiness.js'
import { reloadRoutes, type Reload } from './configuration/reload-routes.js'
import { adminRoutes } from './routes.js'
import { serializerCompiler, validatorCompiler } from './contract/schema-compilers.js'
import { sessionRoutes } from './sessions/session-routes.js'
import { Tries } from './proxies/tries.js'

/** What the admin API needs of the processes that serve clients, where it is in another one. */
export interface WorkersOfGateway extends RecordingWorkers {
  /** Returns the metrics of all processes. @param own those of this one */
  gatherMetrics(own: MetricsRegistry): Promise<MetricsRegistry>
  setLogLevel(level: string): void
  /** How the processes that serve clients are, by their ids. */
  conditions(): ReadonlyMap<number, ProcessCondition>
}

export interface AdminOptions {
  /** Fastify's own option of this name. */
  prefix?: string
  /** Whose endpoints are shown and switched. Default: `app.endpointRegistry`. */
  registry?: Registry
  /** Whose proxies are shown. Default: `app.proxyServices`, if the app has it. */
  proxyServices?: ProxyServices
  /** Returns whether the app accepts requests. Default: it does from when it is ready until it closes. */
  readiness?: Readiness
  /**
   * With it, every request except those for health must carry `Authorization: Bearer TOKEN`. Without it, changes are
   * accepted from loopback addresses only.
   */
  token?: string | undefined
  /** With `token`: a second token for viewers, who change nothing and see no sources and no messages. Default: none. */
  viewToken?: string | undefined
  /** Names that `Host` may have where there is no token, besides addresses and `localhost`. Default: none. */
  allowHosts?: readonly string[] | undefined
  /** Serves the console, a web page for operators, at `console/`. Default: false. */
  console?: boolean
  /** Whether the console may change the configuration, where there is a token. Default: true. */
  edit?: boolean | undefined
  /**
   * Names of headers, elements, members of JSON and fields of forms whose values recordings hide, besides those that
   * look secret. Default: none.
   */
  recordHide?: readonly string[] | undefined
  /** A registry of prom-client that the gateway adds its metrics to. Default: its own, with metrics of the process. */
  metricsRegistry?: MetricsRegistry
  /** The log whose level `/logging` changes. Default: that of the app. */
  log?: FastifyBaseLogger
  /** What `POST /reload` does. Default: `proxyServices.reload()` */
  reload?: Reload | undefined
  /** The other processes of this gateway. Default: there are none. */
  workers?: WorkersOfGateway | undefined
}

/**
 * The admin API: which endpoints are out, why and until when, and how to switch them. For an app of its own, or below
 * a prefix of any app. Paths and shapes follow the management API of WSO2 Micro Integrator; `GET /openapi.json`
 * describes them.
 */
export async function admin (app: FastifyInstance, options: AdminOptions): Promise<void> {
  const { readiness, token, viewToken, allowHosts, metricsRegistry, workers } = options
  const registry = options.registry ?? (app.hasDecorator('endpointRegistry') ? app.endpointRegistry : undefined)
  if (registry === undefined) throw new AdminWithoutPlugin()
  const proxyServices = options.proxyServices ?? (app.hasDecorator('proxyServices') ? app.proxyServices : undefined)
  if (viewToken !== undefined && (token === undefined || token === viewToken)) throw new ViewTokenAlone()
  const access = new AccessControl({ token, viewToken, allowHosts })
  const callers = new CallerRights()
  const metrics = await lazyMetrics(app, { registry, proxyServices, version, metricsRegistry })
  const journal = new Journal(registry.now)
  const live = new LiveStream(registry, proxyServices, journal, { conditions: workers && (() => workers.conditions()) })
  const endJournal = recordEvents(journal, registry, proxyServices)
  app.addHook('preClose', async () => live.close('the gateway is stopping'))
  app.addHook('onClose', async () => endJournal())
  respondToErrors(app)
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler)
  documentApi(app)
  await app.register(readinessRoutes, { readiness })
  if (options.console === true) consoleRoutes(app)
  const recording =
    options.console === true && proxyServices !== undefined
      ? openRecording(app, proxyServices, journal, options)
      : undefined
  const project =
    options.console === true && proxyServices !== undefined ? openProject(app, proxyServices, journal) : undefined
  await app.register(async inner => {
    // Bodies are JSON, which a web page cannot send across origins without a preflight request.
    inner.removeContentTypeParser('text/plain')
    inner.addHook('onRequest', async (request, reply) => {
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
      const granted = access.accessOf(request)
      if ('role' in granted) return callers.admit(request, rightsOf(granted.role, options.edit))
      const { refusal } = granted
      if (refusal.status === 401) reply.header('www-authenticate', 'Bearer')
      if (refusal.retryAfter !== undefined) reply.header('retry-after', refusal.retryAfter)
      await reply.code(refusal.status).send({ Error: refusal.message })
    })
    adminRoutes(inner, {
      registry,
      proxyServices,
      journal,
      metrics: async () => {
        const own = await metrics()
        return (await workers?.gatherMetrics(own)) ?? own
      }
    })
    const fingerprintOf = recording && ((id: string) => recording.fingerprintOf(id))
    sessionRoutes(inner, { registry, proxyServices, journal, fingerprintOf })
    liveRoutes(inner, live, journal)
    loggingRoutes(inner, options.log ?? app.log, level => workers?.setLogLevel(level))
    if (proxyServices !== undefined) {
      const { reload = async (reason: string) => await proxyServices.reload({ reason }) } = options
      reloadRoutes(inner, { proxyServices, journal, reload })
    }
    if (project !== undefined && proxyServices !== undefined) {
      configurationRoutes(inner, { project, proxyServices, journal, callers })
    }
    if (options.console === true && proxyServices !== undefined) {
      const details = new ProxyDetails(proxyServices)
      explainRoutes(inner, details)
      proxyRoutes(inner, { details, tries: new Tries(details, options.recordHide ?? []), journal, callers })
    }
    if (recording !== undefined) messageRoutes(inner, recording, journal, callers)
    inner.get(
      '/gateway',
      { schema: { summary: 'This gateway, and what the caller may do.', response: { 200: GatewayView } } },
      async request => gatewayView(callers.of(request))
    )
  })
}

/** Records messages while an operator wants that. Its end is an entry of the journal. */
function openRecording (
  app: FastifyInstance, proxyServices: ProxyServices, journal: Journal, { workers, recordHide = [] }: AdminOptions
): Recording {
  const recording = new Recording({
    proxyServices,
    log: app.log,
    workers,
    hide: recordHide,
    onStop: (reason, who) => {
      const text = `The recording of messages has ended: ${reason}`
      const kind = 'recording'
      journal.add(who === undefined ? { level: 'info', kind, text } : handChangeEntry(kind, text, who))
    }
  })
  app.addHook('onClose', async () => recording.close())
  return recording
}

/** The configuration as a project. Its reloads and unconfirmed configurations become entries of the journal. */
function openProject (app: FastifyInstance, proxyServices: ProxyServices, journal: Journal): Project {
  const project = new Project(proxyServices, {
    reloaded: entry => journal.add(entryOfReload(entry)),
    unconfirmed: text => {
      journal.add({ level: 'info', kind: 'unconfirmed', text })
      app.log.info(text)
    }
  })
  app.addHook('onReady', async () => await project.start())
  app.addHook('onClose', async () => project.close())
  return project
}

/** Texts in place of those of Fastify that give no advice. */
const TEXTS: Readonly<Record<string, (request: FastifyRequest) => string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => 'the body must be JSON, with Content-Type: application/json',
  FST_ERR_CTP_BODY_TOO_LARGE: ({ routeOptions }) => `the body is too large: at most ${routeOptions.bodyLimit} bytes`
}

/** Every error has one shape, those of unknown paths included; causes inside the gateway go to its log only. */
function respondToErrors (app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500
    const isUnexpected = status >= 500 && !(error instanceof HttpError)
    if (isUnexpected) request.log.error({ err: error }, 'the admin API failed')
    if (error instanceof HttpError && error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
    const text = TEXTS[error.code]?.(request) ?? error.message
    return reply.code(status).send({ Error: isUnexpected ? 'unexpected error, see the log of the gateway' : text })
  })
  app.setNotFoundHandler((request, reply) => {
    void reply.code(404).send({ Error: `no resource at ${request.method} ${request.url.split('?')[0]}` })
  })
}
