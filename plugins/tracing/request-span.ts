import type * as Api from '@opentelemetry/api'
import type { Context, Span, Tracer } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import { containsLineBreak, withoutHeaders, type Headers } from '../../lib/message/headers.js'
import { beginTrace, endOf, isSent, type RequestTrace } from '../logging/request-trace.js'
import { attemptAttributes, endAttributes, methodInName, requestAttributes } from './span-attributes.js'
import type { AttemptSpan, RequestSpan } from './tracing.js'

/** What all spans of one app share. */
export interface SpanContext {
  readonly api: typeof Api
  readonly tracer: Tracer
  readonly isStopping: () => boolean
  /** The groups that contain an endpoint. */
  readonly groupsOf: (endpoint: string) => readonly string[]
  /** Calls a function. Returns undefined where it throws. */
  readonly guard: <T>(call: () => T) => T | undefined
}

/**
 * The span of one request. Its parent is the span of another instrumentation, if one is active, else that which the
 * client names in its headers.
 */
export class OpenTelemetrySpan implements RequestSpan {
  readonly traceId: string
  readonly isSampled: boolean
  readonly #common: SpanContext
  readonly #span: Span
  readonly #context: Context
  readonly #trace: RequestTrace
  readonly #reply: FastifyReply
  #attempts = 0
  #hasEnded = false

  constructor (common: SpanContext, request: FastifyRequest, reply: FastifyReply) {
    const { api, tracer } = common
    this.#common = common
    this.#reply = reply
    this.#trace = beginTrace(request)
    const active = api.context.active()
    const isInner = hasLocalSpan(api)
    const parent = isInner ? active : api.propagation.extract(active, request.headers)
    const { method, routeOptions } = request
    this.#span = tracer.startSpan(
      isInner
        ? `proxy ${this.#trace.proxy ?? ''}`.trimEnd()
        : `${methodInName(method)} ${routeOptions.url ?? ''}`.trimEnd(),
      {
        // A second span of kind SERVER for one request would count it twice.
        kind: isInner ? api.SpanKind.INTERNAL : api.SpanKind.SERVER,
        attributes: requestAttributes(request)
      },
      parent
    )
    this.#context = api.trace.setSpan(parent, this.#span)
    const { traceId, traceFlags } = this.#span.spanContext()
    this.traceId = traceId
    this.isSampled = (traceFlags & api.TraceFlags.SAMPLED) !== 0
    this.#trace.traceId = this.traceId
    reply.raw.once('close', () => this.end())
  }

  run<T>(call: () => T): T {
    return this.#common.api.context.with(this.#context, call)
  }

  attempt (forward: Forward): AttemptSpan {
    const { guard } = this.#common
    const resends = this.#attempts++
    const span = guard(() => new OpenTelemetryAttempt(this.#common, this.#context, forward, resends))
    return span ?? { forward, run: call => call(), end: () => {} }
  }

  end (): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const { api, guard, isStopping } = this.#common
    const { raw } = this.#reply
    const status = raw.headersSent ? raw.statusCode : undefined
    guard(() => {
      this.#span.setAttributes(
        endAttributes(this.#trace, { status, ...endOf(this.#trace, isSent(raw), isStopping()) })
      )
      if (status !== undefined && status >= 500) this.#span.setStatus({ code: api.SpanStatusCode.ERROR })
    })
    guard(() => this.#span.end())
  }
}

/** Whether another instrumentation has made a span of the request that is being served. */
export const hasLocalSpan = ({ trace }: typeof Api): boolean => {
  const active = trace.getActiveSpan()
  return active !== undefined && active.spanContext().isRemote !== true
}

/** The span of one attempt. */
class OpenTelemetryAttempt implements AttemptSpan {
  readonly forward: Forward
  readonly #common: SpanContext
  readonly #span: Span
  readonly #suppressed: Context

  constructor (common: SpanContext, parent: Context, forward: Forward, resends: number) {
    const { api, tracer, groupsOf } = common
    this.#common = common
    const { endpointName, message } = forward
    const groups = groupsOf(endpointName)
    this.#span = tracer.startSpan(
      methodInName(message.method),
      { kind: api.SpanKind.CLIENT, attributes: attemptAttributes(forward, groups, resends) },
      parent
    )
    const context = api.trace.setSpan(parent, this.#span)
    const headers = headersFor(api, context, message.headers)
    this.forward = headers === message.headers ? forward : { ...forward, message: { ...message, headers } }
    this.#suppressed = context.setValue(api.createContextKey(SUPPRESSED), true)
  }

  run<T>(call: () => T): T {
    return this.#common.api.context.with(this.#suppressed, call)
  }

  end (outcome: ForwardOutcome, reused: boolean | undefined): void {
    const { api, guard } = this.#common
    guard(() => {
      const span = this.#span
      if (reused !== undefined) span.setAttribute('proxy_services.connection.reused', reused)
      if (outcome.kind === 'answered') {
        const { status = 200 } = outcome.message
        span.setAttribute('http.response.status_code', status)
        if (status >= 400) {
          span.setAttribute('error.type', String(status)).setStatus({ code: api.SpanStatusCode.ERROR })
        }
      } else {
        const { code, reason } = outcome.fault
        span
          .setAttributes({ 'proxy_services.fault.code': code, 'error.type': String(code) })
          .setStatus({ code: api.SpanStatusCode.ERROR, message: reason })
      }
    })
    guard(() => this.#span.end())
  }
}

/**
 * Under this key a context forbids instrumentations to make spans in it. @see @opentelemetry/core, suppressTracing
 */
const SUPPRESSED = 'OpenTelemetry SDK Context Key SUPPRESS_TRACING'

/** Returns headers with those of the propagators in place of the client's; the same where there is none to add. */
function headersFor ({ propagation }: typeof Api, context: Context, headers: Headers): Headers {
  const carrier: Record<string, unknown> = {}
  propagation.inject(context, carrier)
  const added = Object.entries(carrier).flatMap(([name, value]) =>
    typeof value === 'string' && !containsLineBreak(value) ? [name, value] : []
  )
  return added.length === 0
    ? headers
    : [...withoutHeaders(headers, ...propagation.fields().map(name => name.toLowerCase())), ...added]
}
