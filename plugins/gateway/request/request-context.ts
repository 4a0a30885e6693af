import { performance } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { CODES, type Fault } from '../../../lib/message/fault.js'
import type { Registry } from '../../../lib/state/registry.js'
import type { Headers } from '../../../lib/message/headers.js'
import type { Body } from '../../../lib/message/message.js'
import { traceOf, type RequestTrace } from '../../logging/request-trace.js'
import type { RequestSpan } from '../../tracing/tracing.js'
import type { BufferBudget } from '../../http/message/buffer-budget.js'
import type { ClientUpgrade } from '../../http/message/client-upgrade.js'
import { Exchange } from '../../http/server/exchange.js'
import { ExchangeScope } from '../../http/message/exchange-scope.js'
import { type HookHeaders, withHookChanges } from '../../http/server/hook-headers.js'
import { withoutPseudoHeaders } from '../../http/message/message-head.js'
import type { ProxyTraffic } from './proxy-traffic.js'
import type { AddForwarded } from './forwarded-headers.js'
import type { MessageCapture } from '../../recording/message-capture.js'
import type { MessageRecorder } from '../../recording/message-recorder.js'
import type { HookDuties } from './route-hooks.js'

export interface RequestContextOptions {
  readonly budget: BufferBudget
  readonly duties: HookDuties
  /** The body as Fastify hands it over; undefined: the request itself. */
  readonly payload: Readable | undefined
  /** In bytes; undefined: no limit. */
  readonly bodyLimit: number | undefined
  readonly traffic: ProxyTraffic
  readonly addForwarded: AddForwarded | undefined
  /** Undefined: it is not traced by OpenTelemetry. */
  readonly span: RequestSpan | undefined
  readonly registry: Pick<Registry, 'isStopping'>
  readonly upgrade?: ClientUpgrade | undefined
}

/** An exchange with the log of its request, its trace, and its reply in the app of the host. */
export class RequestContext extends Exchange {
  #log: FastifyBaseLogger | undefined
  readonly trace: RequestTrace | undefined
  readonly span: RequestSpan | undefined
  readonly reply: FastifyReply
  /** Whether the response passes the `onSend` hooks of the host. */
  readonly sendThroughReply: boolean
  /** What its proxy counts. */
  readonly #traffic: ProxyTraffic
  readonly #addForwarded: AddForwarded | undefined
  /** Whether a hook of the host before the handler may have set headers of the reply. */
  readonly #hasHostHooks: boolean
  /** Of the route, in milliseconds. 0: none */
  readonly #handlerTimeout: number
  readonly #registry: Pick<Registry, 'isStopping'>
  readonly #startedAt = performance.now()
  /** When its WebSocket was opened. */
  #switchedAt: number | undefined
  /** What a recorder keeps of this request. */
  recorded: MessageCapture | undefined
  #recorder: MessageRecorder | undefined
  /** The code of the first fault. */
  faultCode: number | undefined
  /** Its reason, for the client. */
  faultReason: string | undefined
  /** Whether a developer's function knows of the failure. */
  failureReported = false
  /** The endpoint of the last response, `http://host:port`; known only where functions of a developer run. */
  respondedBy: string | undefined
  /** The delivery that continues without the client. */
  detachedContext: DetachedContext | undefined
  #takenOver = false

  constructor (request: FastifyRequest, reply: FastifyReply, options: RequestContextOptions) {
    const { raw } = request
    const rawHeaders = options.duties.readHeaders ? withHookChanges(raw.rawHeaders, request.headers) : raw.rawHeaders
    const { budget, payload, bodyLimit, traffic, span, upgrade } = options
    super(raw, reply.raw, { budget, payload, rawHeaders, bodyLimit, upgrade })
    this.#traffic = traffic
    this.#hasHostHooks = options.duties.readHeaders
    this.#handlerTimeout = options.duties.handlerTimeout
    this.#addForwarded = options.addForwarded
    this.#registry = options.registry
    if (!this.closed) {
      this.observer = this
      traffic.inFlight++
    }
    this.span = span
    this.reply = reply
    this.secure = request.protocol === 'https'
    this.sendThroughReply = options.duties.sendThroughReply
    this.trace = traceOf(request)
    if (this.trace !== undefined) this.trace.measured = this
  }

  /** The log of the request. */
  get log (): FastifyBaseLogger {
    const { log } = this.reply.request
    return (this.#log ??= this.span === undefined ? log : log.child({ traceId: this.span.traceId }))
  }

  /** A fault has ended a sequence. */
  readonly onFault = ({ code, reason }: Fault): void => {
    this.faultCode ??= code
    this.faultReason ??= reason
    this.respondedBy = undefined
    if (this.recorded !== undefined) this.recorded.fault ??= { code, reason }
  }

  get sessionRefused (): boolean {
    return this.faultCode === CODES.SESSION_NOT_READY
  }

  /** Begins the record of this request, unless the recorder does not want it. */
  record (recorder: MessageRecorder, proxy: string, definitions: object): void {
    const { method = '', url = '', rawHeaders, httpVersionMajor } = this.request
    const headers = httpVersionMajor > 1 ? withoutPseudoHeaders(rawHeaders) : rawHeaders
    this.recorded = recorder.begin({ proxy, method, path: url, headers, definitions })
    this.#recorder = recorder
  }

  override onRespond (headers: readonly string[], body: Body): void {
    this.recorded?.respond(headers, body)
  }

  override onSwitch (): void {
    this.#switchedAt = performance.now()
    this.#traffic.webSockets++
  }

  onFinish (): void {
    const traffic = this.#traffic
    const { response, recorded } = this
    if (recorded !== undefined) {
      recorded.finish(response.headersSent ? response.statusCode : undefined, this.disconnected)
      this.#recorder?.finished(recorded, this.detachedContext?.done)
    }
    this.span?.end()
    traffic.inFlight--
    if (this.#switchedAt !== undefined) traffic.webSockets--
    traffic.record({
      status: response.headersSent ? response.statusCode : undefined,
      isAborted: this.abortReason !== undefined || this.#registry.isStopping,
      faultCode: this.faultCode,
      ms: (this.#switchedAt ?? performance.now()) - this.#startedAt,
      requestBytes: this.requestBytes,
      responseBytes: this.responseBytes,
      traceId: this.span?.isSampled === true ? this.span.traceId : undefined
    })
  }

  get fastifyRequest (): FastifyRequest {
    return this.reply.request
  }

  override takeOver (): boolean {
    if (this.#takenOver) return true
    const { reply } = this
    if (reply.sent) return false
    this.#takenOver = true
    // Fastify ends its own timer for a reply that is hijacked.
    if (this.#handlerTimeout > 0) this.limitTime(Math.max(1, this.#handlerTimeout - reply.elapsedTime))
    reply.hijack()
    return true
  }

  override requestHeaders (headers: Headers): Headers {
    return this.#addForwarded?.(headers, this.reply.request) ?? headers
  }

  override hookHeaders (): HookHeaders | undefined {
    if (this.#hasHostHooks) return this.reply.getHeaders()
    return this.response.getHeaderNames().length > 0 ? this.response.getHeaders() : undefined
  }
}

/** A delivery whose client has its response already. No disconnect ends it; a shutdown may abort it. */
export class DetachedContext extends ExchangeScope {
  override readonly isDetached = true
  readonly log: FastifyBaseLogger
  readonly trace: RequestTrace | undefined
  readonly span: RequestSpan | undefined
  readonly recorded: MessageCapture | undefined
  readonly fastifyRequest: FastifyRequest
  respondedBy: string | undefined
  /** Resolves when the delivery is over. */
  done: Promise<void> | undefined

  constructor ({ log, trace, span, agent, recorded, fastifyRequest }: RequestContext, budget: BufferBudget) {
    super(budget)
    this.fastifyRequest = fastifyRequest
    this.span = span
    this.recorded = recorded
    this.log = log
    this.trace = trace
    this.agent = agent
  }
}

/** The context that a request to an endpoint belongs to. */
export type SendingContext = RequestContext | DetachedContext
