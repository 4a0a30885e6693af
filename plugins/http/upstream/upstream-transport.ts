import type { LatencyHistogram } from '../../../lib/state/latency-histogram.js'
import type { EndpointSecurity } from '../../../lib/state/tls-material.js'
import type { BodySource } from '../message/body-source.js'
import type { Limits } from '../message/limits.js'
import type { UpstreamFailure } from './failure-outcome.js'

/** A request body that is sent while it comes: first `start`, then what the source gives. */
export interface StreamedBody {
  readonly start: Buffer
  readonly source: BodySource
  /** The length of all of it. Undefined: it is sent in chunks. */
  readonly size: number | undefined
}

/** A request as it is written to a connection. */
export interface UpstreamCall {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Names and values in turn, in their order and casing. */
  readonly headers: string[]
  readonly body: Buffer | StreamedBody | undefined
  /**
   * Milliseconds for the head of the response. Runs while the back-end has the whole request, or takes no more of it.
   * 0: no limit
   */
  readonly headTimeout: number
  /** How long the back-end may be silent inside the body of its response, in milliseconds. */
  readonly bodyTimeout: number
  /** The connection of the client: what its requests authenticate (NTLM, Negotiate) serves it alone. */
  readonly owner?: object | undefined
  /** The protocol that the back-end is to switch to: after status 101 the connection takes bytes both ways. */
  readonly upgrade?: string | undefined
  /** Refuses reused connections: for the second try after a failure of class `stale`. */
  readonly fresh?: boolean | undefined
}

/** A request in progress, as its caller controls it. */
export interface UpstreamExchange {
  /** Reads no more of the response until `resume`. */
  pause(): void
  resume(): void
  /** Sends bytes after a switch of protocols. Returns whether more may be sent now; if not, `onDrain` follows. */
  write(chunk: Buffer): boolean
  /** Sends nothing more after a switch of protocols. */
  finishWriting(): void
  /** Gives up. `onError` need not follow. */
  abort(): void
  /** Whether any of a streamed body was taken: it cannot be sent again. */
  readonly bodyConsumed: boolean
  /** Whether its connection has carried another request; undefined: not known, or there is none yet. */
  readonly reused: boolean | undefined
}

/** Receives the parts of a response; nothing follows `onEnd` or `onError`. */
export interface ResponseListener {
  /** The request is about to be written to a connection. */
  onSend(): void
  /**
   * The head of the final response, with its raw header list. Status 101: the back-end has switched protocols.
   * `whole`: all of the body is here and follows before this turn ends; undefined: unknown
   */
  onHead(status: number, rawHeaders: readonly (string | Buffer)[], whole: boolean | undefined): void
  onBody(chunk: Buffer): void
  /** After a switch of protocols: `write` takes more. */
  onDrain(): void
  onEnd(): void
  onError(failure: UpstreamFailure): void
}

/** What the connections to one origin are doing, and have done so far. */
export interface TransportCounters {
  readonly open: number
  readonly idle: number
  /** Requests that wait for a connection. */
  readonly queued: number
  /** Connections made, and requests on a connection that had carried another one; undefined: not known. */
  readonly connects: number | undefined
  readonly reuses: number | undefined
  /** How long connections took to be made, the name and TLS included; undefined: not known. */
  readonly connectTimes: LatencyHistogram | undefined
}

/** The connections to one origin. */
export interface UpstreamTransport {
  readonly counters: TransportCounters
  /** Sends a request. Calls the listener only after it has returned. */
  send(call: UpstreamCall, listener: ResponseListener): UpstreamExchange
  /** Takes no more requests; resolves when those in flight are over. */
  close(): Promise<void>
  /** Ends everything at once. */
  destroy(): void
}

/** Opens the connections to one origin. Throws where the origin is not usable. */
export type OpenTransport = (origin: string, security: EndpointSecurity, limits: Limits) => UpstreamTransport
