import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { faultMessage } from '../../lib/pipeline/fault-response.js'
import type { CompiledConfiguration } from '../../lib/compiler/compile.js'
import { fault, MediationError, toFault, type Fault } from '../../lib/message/fault.js'
import type { Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import { TABLE_SESSIONS, type EffectHandlers } from '../../lib/pipeline/interpret.js'
import { runFlow, withRace } from '../../lib/pipeline/run-flow.js'
import type { Message } from '../../lib/message/message.js'
import { serveRequest, type ProxyService } from '../../lib/pipeline/service.js'
import type { Registry } from '../../lib/state/registry.js'
import type { ConfigurationSource, RunnableConfiguration } from './configuration/load-configuration.js'
import { DetachedDeliveries } from './request/detached-deliveries.js'
import { hasHooks, responseWithHooks, sendWithHooks, type ProxyHooks } from './request/proxy-hooks.js'
import type { ApiRouteOptions, ProxyRouteOptions, RouteOptions } from './configuration/proxy-options.js'
import type { MessageRecorder } from '../recording/message-recorder.js'
import type { Suffix } from './request-target.js'
import type { OperatorRequests } from './request/operator-requests.js'
import { ProxyTraffic, servedNames } from './request/proxy-traffic.js'
import { RequestContext, type SendingContext } from './request/request-context.js'
import { BufferBudget } from '../http/message/buffer-budget.js'
import { createForwarder, type Forwarder } from '../http/upstream/forwarder.js'
import { LIMITS, type Limits } from '../http/message/limits.js'
import type { OpenTransport, TransportCounters } from '../http/upstream/upstream-transport.js'
import { receiveRequest } from '../http/server/receive-request.js'
import { sendResponse } from '../http/server/send-response.js'
import { sendThroughReply } from './request/hooked-response.js'
import { OpenWebSockets } from '../http/web-sockets/open-web-sockets.js'
import { ClientDisconnected } from '../http/server/client-failures.js'
import { headOnly } from './request/head-only.js'
import { RequestLog } from './request/request-log.js'
import { capturedAttempt, isObserved, noteDecisions, observedAttempt, tracedSessions } from './request/trace-effects.js'
import { PlaceQueue } from './request/place-queue.js'
import type { Tracing } from '../tracing/tracing.js'
import { TrialQueue } from './request/trial-queue.js'
import { MAX_TIMER_MS } from '../timing/deadline.js'
import type { SharedSessions } from '../session-stores/shared-sessions.js'
import type { Publisher } from '../wsdl/publisher.js'

/** How long detached deliveries may take when the app closes, in milliseconds. */
const DETACHED_GRACE_MS = 10_000

export interface DispatcherOptions {
  readonly limits?: Partial<Limits> | undefined
  readonly openTransport: OpenTransport
  readonly uuid: () => string
  /** The greatest request body, in bytes. Default: no limit */
  readonly bodyLimit?: number | undefined
  /** Undefined: sessions are kept in the tables of this gateway only. */
  readonly sessions?: SharedSessions | undefined
  readonly log: FastifyBaseLogger
  /** Sends requests of operators to the proxies of this dispatcher. */
  readonly operatorRequests: OperatorRequests
  /** Default: requests have no spans. */
  readonly tracing?: Tracing | undefined
}

type ServeByName = (name: string, request: FastifyRequest, reply: FastifyReply, suffix: Suffix) => void

/** What all requests of one proxy share. */
interface RunningProxy {
  readonly handlers: EffectHandlers<SendingContext>
  /** The functions of the app for this proxy. Undefined: it has none. */
  readonly hooks: ProxyHooks | undefined
}

/** Runs the requests of one registration: receives them, drives their flows, forwards messages and sends responses. */
export class Dispatcher {
  readonly budget: BufferBudget
  readonly limits: Limits
  readonly sessions: SharedSessions | undefined
  readonly tracing: Tracing | undefined
  readonly detachedDeliveries: DetachedDeliveries
  readonly webSockets: OpenWebSockets
  readonly operatorRequests: OperatorRequests
  /** Requests sent again on a fresh connection, because the reused one had ended. */
  staleConnections = 0
  /** The paths of proxies, which serve everything below them. */
  readonly paths = new Set<string>()
  /** Traffic by name of the proxy. */
  readonly traffic = new Map<string, ProxyTraffic>()
  #configured: RunnableConfiguration
  readonly #forwarder: Forwarder
  /** Captures messages. Default: none. */
  recorder: MessageRecorder | undefined
  /** Serves a request by the proxy of this name, with what follows its address. */
  serveByName: ServeByName | undefined
  /** Called with the configuration that was replaced. */
  onReload: ((before: CompiledConfiguration) => void) | undefined
  readonly #running = new WeakMap<ProxyService, RunningProxy>()
  readonly #trials: TrialQueue
  readonly #places: PlaceQueue
  readonly #log: RequestLog
  readonly #uuid: () => string
  readonly #bodyLimit: number | undefined

  constructor (configured: RunnableConfiguration, options: DispatcherOptions) {
    const { limits, openTransport, uuid, sessions, bodyLimit, log, operatorRequests, tracing } = options
    this.operatorRequests = operatorRequests
    this.tracing = tracing
    this.#bodyLimit = bodyLimit
    this.sessions = sessions
    this.#configured = configured
    this.limits = { ...LIMITS, ...limits }
    this.webSockets = new OpenWebSockets(this.limits.webSocketIdleTimeout)
    this.budget = new BufferBudget(this.limits.bufferBudget)
    this.detachedDeliveries = new DetachedDeliveries(this.limits.maxDetached, this.budget)
    this.#uuid = uuid
    this.#trials = new TrialQueue(configured.configuration.lease.registry)
    this.#places = new PlaceQueue(configured.configuration.lease.registry)
    this.#log = new RequestLog(log)
    const onStale = (forward: Forward): void => {
      this.staleConnections++
      this.#log.staleConnection(forward)
    }
    const onShortage = (forward: Forward, reason: Fault): void => this.#log.shortage(forward, reason)
    this.#forwarder = createForwarder({ limits: this.limits, budget: this.budget, openTransport, onStale, onShortage })
  }

  /** Returns the traffic of the proxy of this name. */
  trafficOf (proxy: string): ProxyTraffic {
    let traffic = this.traffic.get(proxy)
    if (traffic === undefined) this.traffic.set(proxy, (traffic = new ProxyTraffic()))
    return traffic
  }

  /** Connections by origin. */
  origins (): Iterable<readonly [origin: string, counters: TransportCounters]> {
    return this.#forwarder.origins()
  }

  get configuration (): CompiledConfiguration {
    return this.#configured.configuration
  }

  get source (): ConfigurationSource {
    return this.#configured.source
  }

  get registry (): Registry {
    return this.configuration.lease.registry
  }

  /** Parts of the configuration that `failSafe` has left out. */
  get partsLeftOut (): number {
    return this.#configured.partsLeftOut
  }

  get publisher (): Publisher {
    return this.#configured.publisher
  }

  /** The options of the developer for the routes of proxies, by name. */
  get proxyOptions (): ReadonlyMap<string, ProxyRouteOptions> {
    return this.#configured.proxyOptions
  }

  /** The options of the developer for the routes of APIs, by name. */
  get apiOptions (): ReadonlyMap<string, ApiRouteOptions> {
    return this.#configured.apiOptions
  }

  /** The options of a proxy, or those of its API for a resource. */
  #optionsOf ({ name, isResource }: ProxyService): RouteOptions | undefined {
    return isResource === true ? this.apiOptions.get(name) : this.proxyOptions.get(name)
  }

  bodyLimitOf (service: ProxyService): number | undefined {
    return this.#optionsOf(service)?.bodyLimit ?? this.#bodyLimit
  }

  /** Runs this configuration from now on. Requests in progress end on the one before, which is returned. */
  use (configured: RunnableConfiguration): RunnableConfiguration {
    const before = this.#configured
    this.#configured = configured
    const served = servedNames(configured.configuration)
    for (const [name, { inFlight }] of this.traffic) {
      if (!served.has(name) && inFlight === 0) this.traffic.delete(name)
    }
    this.onReload?.(before.configuration)
    return before
  }

  /** Runs one request to its end. Never rejects: the client gets a response, unless it disconnects. */
  async handle (service: ProxyService, context: RequestContext, path: string, query: string): Promise<void> {
    const recorder = this.operatorRequests.recorder ?? this.recorder
    if (recorder !== undefined) context.record(recorder, service.name, this.configuration.definitions)
    context.limitTime(this.limits.exchangeTimeout)
    try {
      const received = receiveRequest(context, { readDepth: service.reads.request, path, query, limits: this.limits })
      const request = 'body' in received ? received : await received
      context.recorded?.receive(request.headers, request.body)
      const flow = serveRequest(service, request, this.#uuid, context.onFault)
      const { handlers, hooks } = this.#runningOf(service)
      const response = await runFlow(flow, handlers, context)
      if (response === undefined) return
      const { detachedContext, upload } = context
      upload?.endStream()
      // A body on its way to a back-end must be here before its client learns that it is accepted.
      if (detachedContext !== undefined && upload?.unfinished === true) {
        await Promise.race([upload.finished(), detachedContext.done])
      }
      if (context.rejection !== undefined) throw new MediationError(context.rejection)
      if (hooks === undefined) this.#respond(context, response)
      else await this.#respondWithHooks(service, hooks, context, response)
    } catch (error) {
      await this.#refuse(service, context, error)
    }
  }

  async close (): Promise<void> {
    await this.detachedDeliveries.settle(DETACHED_GRACE_MS)
    this.#configured.discard()
    this.#trials.close()
    this.#places.close()
    this.#log.close()
    await this.#forwarder.close()
  }

  #runningOf (service: ProxyService): RunningProxy {
    const known = this.#running.get(service)
    if (known !== undefined) return known
    const { sessions } = this
    const options = this.#optionsOf(service)
    const hooks = hasHooks(options) ? options : undefined
    const plain = (forward: Forward, client: SendingContext): Promise<ForwardOutcome> =>
      client.recorded === undefined
        ? this.#forwarder.forward(forward, client, service.reads.response)
        : capturedAttempt(forward, client.recorded, attempt =>
          this.#forwarder.forward(forward, client, service.reads.response, attempt)
        )
    const send = hooks === undefined ? plain : sendWithHooks(service.name, hooks, plain)
    const handlers = withRace<SendingContext>({
      forward: (forward, client) =>
        isObserved(client) ? observedAttempt(forward, client, send) : send(forward, client),
      ...tracedSessions(
        sessions === undefined
          ? TABLE_SESSIONS
          : {
              lookupSession: effect => sessions.lookup(effect),
              bindSession: effect => sessions.bind(effect),
              prolongSession: effect => {
                sessions.prolong(effect)
              }
            }
      ),
      noteDecisions,
      waitForTrial: (effect, client) => this.#trials.wait(effect, client),
      waitForPlace: (effect, client) => this.#places.wait(effect, client),
      startTrial: ({ endpoint, duration }) => this.registry.requestTrial?.(endpoint, duration),
      log: (effect, { log }) => this.#log.mediation(effect, service.name, log),
      after: (milliseconds, call) => {
        const timer = setTimeout(call, Math.min(milliseconds, MAX_TIMER_MS)).unref()
        return () => {
          clearTimeout(timer)
        }
      },
      detach: (client, deliver) => client instanceof RequestContext && this.detachedDeliveries.detach(client, deliver)
    })
    const running = { handlers, hooks }
    this.#running.set(service, running)
    return running
  }

  #respond (context: RequestContext, response: Message): void {
    const rest = context.upgrade === undefined ? response : this.webSockets.open(context, response)
    if (rest === undefined) return
    if (context.sendThroughReply) sendThroughReply(context, rest)
    else sendResponse(context, rest)
  }

  async #respondWithHooks (
    { name }: ProxyService, hooks: ProxyHooks, context: RequestContext, response: Message
  ): Promise<void> {
    const message = await responseWithHooks(name, hooks, context, response)
    if (message !== undefined) this.#respond(context, message)
  }

  /** Responds to a request that cannot be received, or whose response cannot be sent. */
  async #refuse (service: ProxyService, context: RequestContext, error: unknown): Promise<void> {
    const { name } = service
    const { log } = context
    if (context.disconnected || error instanceof ClientDisconnected) return
    const isExpected = error instanceof MediationError
    if (!isExpected) this.#log.unexpected(error, 'a request failed unexpectedly', name, log)
    const reason = isExpected ? toFault(error) : fault('MEDIATION', 'the request could not be served')
    context.onFault(reason)
    try {
      const { hooks } = this.#runningOf(service)
      const message = faultMessage(headOnly(context), reason)
      if (hooks === undefined) this.#respond(context, message)
      else await this.#respondWithHooks(service, hooks, context, message)
    } catch (second) {
      this.#log.unexpected(second, 'a response could not be sent', name, log)
      context.response.destroy()
    }
  }
}
