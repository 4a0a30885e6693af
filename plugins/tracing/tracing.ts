import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Forward, ForwardOutcome } from '../../lib/contracts/flow.js'

/** Makes spans of requests and of their attempts. A failure in it affects no request. */
export interface Tracing {
  /** Begins the span of a request before the hooks of the host, unless another instrumentation makes one. */
  observe(request: FastifyRequest, reply: FastifyReply): void
  /** Returns the span of a request, which begins now unless it has begun; undefined: it could not be made. */
  spanOf(request: FastifyRequest, reply: FastifyReply): RequestSpan | undefined
}

/** The span of one request, from its head until its response is over. */
export interface RequestSpan {
  readonly traceId: string
  /** Whether the trace is recorded. */
  readonly isSampled: boolean
  /** Calls a function in whose asynchronous context this span is the active one. */
  run<T>(call: () => T): T
  /** Begins the span of an attempt. */
  attempt(forward: Forward): AttemptSpan
  /** Ends the span. Further calls have no effect. */
  end(): void
}

/** The span of one attempt, until the head of its response. */
export interface AttemptSpan {
  /** The message with headers that continue the trace. */
  readonly forward: Forward
  /** Calls a function in whose asynchronous context other instrumentations make no spans and add no headers. */
  run<T>(call: () => T): T
  /** @param reused whether the connection had carried another request; undefined: not known */
  end(outcome: ForwardOutcome, reused: boolean | undefined): void
}
