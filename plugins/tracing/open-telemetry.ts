import type * as Api from '@opentelemetry/api'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { createAttachment } from '../../lib/message/attachment.js'
import type { Registry } from '../../lib/state/registry.js'
import { hasLocalSpan, OpenTelemetrySpan, type SpanContext } from './request-span.js'
import type { RequestSpan, Tracing } from './tracing.js'

export interface TracingOptions {
  readonly registry: Registry
  readonly log: FastifyBaseLogger
  /** The version of the gateway. */
  readonly version: string
  /** Whether requests are being aborted because the app stops. */
  readonly isStopping: () => boolean
}

/** Where every 1.x of the API keeps what an SDK has registered. @see @opentelemetry/api, global-utils */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

/**
 * Returns the tracing of an app whose process has registered an SDK of OpenTelemetry; undefined where there is none.
 * The API is loaded only then.
 */
export async function openTelemetry (options: TracingOptions): Promise<Tracing | undefined> {
  const registered: unknown = Reflect.get(globalThis, REGISTERED)
  if (typeof registered !== 'object' || registered === null || !('trace' in registered)) return undefined
  const { log } = options
  try {
    const api = await import('@opentelemetry/api')
    if (hasTracer(api)) {
      log.info('requests are traced with OpenTelemetry')
      return new OpenTelemetry(api, options)
    }
    log.warn('requests are not traced: @opentelemetry/api is newer than that of the SDK')
  } catch (err) {
    log.warn({ err }, 'requests are not traced: @opentelemetry/api cannot be loaded')
  }
  return undefined
}

/** Whether an SDK stands behind the provider of the API. */
function hasTracer ({ trace }: typeof Api): boolean {
  const provider = trace.getTracerProvider()
  if (!('getDelegateTracer' in provider) || typeof provider.getDelegateTracer !== 'function') return true
  return provider.getDelegateTracer(TRACER) !== undefined
}

const TRACER = 'fastify-proxy-services'

/** Spans by an SDK of OpenTelemetry. What it throws is logged once and affects no request. */
class OpenTelemetry implements Tracing {
  readonly #span = createAttachment<FastifyRequest, RequestSpan>()
  readonly #common: SpanContext

  constructor (api: typeof Api, { registry, log, version, isStopping }: TracingOptions) {
    let hasReported = false
    this.#common = {
      api,
      tracer: api.trace.getTracer(TRACER, version),
      isStopping,
      groupsOf: endpoint =>
        [...registry.groups.values()].filter(({ members }) => members.includes(endpoint)).map(({ name }) => name),
      guard (call) {
        try {
          return call()
        } catch (err) {
          if (!hasReported) log.warn({ err }, 'tracing failed; further failures of its kind are not logged')
          hasReported = true
          return undefined
        }
      }
    }
  }

  observe (request: FastifyRequest, reply: FastifyReply): void {
    const { api, guard } = this.#common
    if (guard(() => hasLocalSpan(api)) === false) this.spanOf(request, reply)
  }

  spanOf (request: FastifyRequest, reply: FastifyReply): RequestSpan | undefined {
    const known = this.#span.of(request)
    if (known !== undefined) return known
    const span = this.#common.guard(() => new OpenTelemetrySpan(this.#common, request, reply))
    if (span !== undefined) this.#span.attach(request, span)
    return span
  }
}
