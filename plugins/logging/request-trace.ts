import type { ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { redactUrl } from '../../lib/message/redact-url.js'

/** Attempts of one request that are kept; further ones are only counted. */
const MAX_ATTEMPTS = 16

/**
 * Why the gateway itself ended a request before its response was complete: it stops, a limit of time is over, or the
 * endpoint has truncated its response.
 */
export type AbortReason = 'shutdown' | 'timeout' | 'endpoint'

/** What a request measures of itself. */
export interface Measured {
  readonly requestBytes: number
  readonly responseBytes: number
  readonly faultCode: number | undefined
  readonly abortReason: AbortReason | undefined
  /** Whether the member of its session could not be used. */
  readonly sessionRefused: boolean
}

/** One attempt at one endpoint. */
export interface AttemptTrace {
  /** `http://host:port`, without users and passwords. */
  readonly endpoint: string
  /** `response`, or the code of the fault; missing while it is in flight, and where its client disconnected. */
  outcome?: 'response' | number
  /** Until the head of the response, in milliseconds; missing while it is in flight. */
  ms?: number
  /** Whether the connection had carried another request; missing where there was none, or where it is not known. */
  reused?: boolean
}

/**
 * What became of the session of a request: it was bound already, is new, moved to another member, or its member could
 * not be used.
 */
export type SessionDecision = 'bound' | 'new' | 'moved' | 'refused'

/** What happened to one request on its way. Contains no id, query, header or secret. */
export class RequestTrace {
  /** The name of the proxy or API that took it; undefined: none did. */
  proxy: string | undefined
  readonly startedAt = performance.now()
  /** Where the bytes of the bodies and the code of the first fault are known; undefined: no proxy took it. */
  measured: Measured | undefined
  session: SessionDecision | undefined
  /** The kind of its session. */
  sessionKind: string | undefined
  readonly attempts: AttemptTrace[] = []
  attemptCount = 0
  /** The id of its trace in OpenTelemetry; undefined: it has no span. */
  traceId: string | undefined
  /** When the first attempt began; undefined: there was none. */
  sentAt: number | undefined
  #upstreamMs = 0

  /** Begins an attempt at an origin. Returns what ends it. */
  begin (origin: string): (outcome: 'response' | number, reused: boolean | undefined) => void {
    const start = performance.now()
    this.sentAt ??= start
    this.attemptCount++
    const attempt: AttemptTrace = { endpoint: redactUrl(origin) }
    if (this.attempts.length < MAX_ATTEMPTS) this.attempts.push(attempt)
    return (outcome, reused) => {
      const ms = performance.now() - start
      this.#upstreamMs += ms
      attempt.outcome = outcome
      attempt.ms = tenths(ms)
      if (reused !== undefined) attempt.reused = reused
    }
  }

  /** The time of all attempts that are over, in milliseconds. */
  get upstreamMs (): number {
    return tenths(this.#upstreamMs)
  }

  get sessionDecision (): SessionDecision | undefined {
    return this.measured?.sessionRefused === true ? 'refused' : this.session
  }

  /** The origin that responded; undefined: the gateway itself responded. */
  get respondedBy (): string | undefined {
    return this.attempts.findLast(({ outcome }) => outcome === 'response')?.endpoint
  }
}

/** How the response to a request ended, where it is incomplete. */
export interface ResponseEnd {
  /** Whether the client disconnected. */
  readonly left: boolean
  /** Why the gateway ended it; undefined: it did not. */
  readonly aborted: AbortReason | undefined
}

/**
 * Whether a response that is closed was sent completely. That of a request without a connection (`app.inject`) is
 * closed as soon as it has ended, before what was written counts as finished.
 */
export const isSent = (response: ServerResponse): boolean =>
  response.writableFinished || (response.writableEnded && 'isLightMyRequest' in response)

/** @param isStopping whether requests are being cut off because the app stops */
export function endOf ({ measured }: RequestTrace, isComplete: boolean, isStopping: boolean): ResponseEnd {
  const aborted = isComplete ? undefined : (measured?.abortReason ?? (isStopping ? 'shutdown' : undefined))
  return { left: !isComplete && aborted === undefined, aborted }
}

/** A property of requests. A WeakMap would promote each trace, with its request, to V8's old generation. */
const TRACE = Symbol('trace')
type RequestWithTrace = FastifyRequest & { [TRACE]?: RequestTrace }

/** Returns the trace of a request; undefined: it is not traced. */
export const traceOf = (request: RequestWithTrace): RequestTrace | undefined => request[TRACE]

/** Returns the trace of a request, which begins now unless it has begun. */
export function beginTrace (request: RequestWithTrace): RequestTrace {
  return (request[TRACE] ??= new RequestTrace())
}

/** Milliseconds with one decimal. */
export const tenths = (ms: number): number => Math.round(ms * 10) / 10
