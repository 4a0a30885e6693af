import type { FastifyInstance, FastifyRequest } from 'fastify'
import { tenths, traceOf, type AttemptTrace, type SessionDecision } from '../../logging/request-trace.js'

/** What a proxy has done with a request until now. Contains no session id, query, header or secret. */
export interface ProxiedRequest {
  /** The proxy or API. */
  readonly name: string
  /** The origin that responded, `http://host:port`; undefined: none has, or the gateway itself responded. */
  readonly endpoint: string | undefined
  /** The first 16 attempts at endpoints, in their order. */
  readonly attempts: readonly Readonly<AttemptTrace>[]
  /** The number of all attempts. */
  readonly attemptCount: number
  /** What became of its session; undefined: it has none. */
  readonly session: SessionDecision | undefined
  /** The kind of its session: `header`, `http`, `soap` and the like; undefined: it has none. */
  readonly sessionKind: string | undefined
  /** The code of the first fault; undefined: there was none. */
  readonly fault: number | undefined
  /** From the start of its trace until now, in milliseconds. */
  readonly ms: number
}

/** Decorates requests with `proxy`, which costs nothing until it is read. A decorator of the host stays. */
export function decorateRequests (app: FastifyInstance): void {
  if (app.hasRequestDecorator('proxy')) {
    app.log.warn('the app decorates requests with "proxy" itself: request.proxy does not describe proxied requests')
    return
  }
  app.decorateRequest('proxy', {
    getter (this: FastifyRequest) {
      return describe(this)
    }
  })
}

function describe (request: FastifyRequest): ProxiedRequest | undefined {
  const trace = traceOf(request)
  if (trace?.proxy === undefined) return undefined
  return {
    name: trace.proxy,
    endpoint: trace.respondedBy,
    attempts: trace.attempts.map(attempt => ({ ...attempt })),
    attemptCount: trace.attemptCount,
    session: trace.sessionDecision,
    sessionKind: trace.sessionKind,
    fault: trace.measured?.faultCode,
    ms: tenths(performance.now() - trace.startedAt)
  }
}
