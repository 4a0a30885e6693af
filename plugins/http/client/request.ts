import type { ClientError } from './client-error.js'
import type { ClientExchange } from './client-exchange.js'
import type { ResponseHead } from './response/response-head.js'

/** Where the bytes of a body go. */
export interface RequestBodySink {
  /** Returns whether more may come now; if not, only after `flow` of the source. */
  data(chunk: Buffer): boolean
  end(): void
  /** The body broke off: what came so far is not the whole. */
  fail(cause: Error): void
}

/** Where the bytes of a body come from. */
export interface RequestBodySource {
  /** Called once; may call the sink at once. */
  attach(sink: RequestBodySink): void
  /** The sink takes more. */
  flow(): void
  /** The sink takes no more, ever. */
  discard(): void
}

/** A body that is sent as it comes: first `start`, then what the source gives. */
export interface StreamedRequestBody {
  readonly start: Buffer
  readonly source: RequestBodySource
  /** The length of all of it. `undefined`: it goes out in chunks. */
  readonly size: number | undefined
}

export interface ClientRequest {
  readonly method: string
  /** The target as it is sent: a path with its query, `*`, or a URL. */
  readonly path: string
  /**
   * Names and values in turn, sent in this order and casing. Host and Connection are added unless they are here;
   * the framing follows from the body: a Content-Length must agree with it, a Transfer-Encoding is refused.
   */
  readonly headers: readonly string[]
  /**
   * A streamed body cannot be sent again if a reused connection turns out to be stale: it goes out on a fresh one, or
   * on one that authenticates its owner.
   */
  readonly body: Buffer | StreamedRequestBody | undefined
  /**
   * How long the head of the response may take, in milliseconds. Runs while the endpoint has the whole request, or
   * takes no more of it. Default: no limit
   */
  readonly headTimeout?: number | undefined
  /** How long the endpoint may be silent inside the body of its response, in milliseconds. Default: no limit */
  readonly bodyTimeout?: number | undefined
  /**
   * The protocol that the endpoint is to switch to. After a response with status 101 all bytes that come are its body,
   * until the connection ends, and `write` of the exchange sends bytes.
   */
  readonly upgrade?: string | undefined
  /** Refuses reused connections: for the second try after a `stale` failure. */
  readonly fresh?: boolean | undefined
  /** On whose behalf: connections that authenticate themselves (NTLM, Negotiate) serve this owner alone. */
  readonly owner?: object | undefined
}

/** What is reported of an exchange; nothing follows `onEnd` or `onError`. Must not throw. */
export interface ResponseHandler {
  /** The request is about to be written. */
  onSend?(exchange: ClientExchange): void
  /** An interim response (1xx). */
  onInterim?(exchange: ClientExchange, head: ResponseHead): void
  /** `whole`: all of the body is here, and follows within this call's turn. */
  onHead(exchange: ClientExchange, head: ResponseHead, whole: boolean): void
  /** A part of the body. May be called once more after `pause`, with what had already been read. */
  onBody(exchange: ClientExchange, chunk: Buffer): void
  /** After a switch of protocols: `write` takes more. */
  onDrain?(exchange: ClientExchange): void
  /** The response is complete. May come while it is paused. */
  onEnd(exchange: ClientExchange): void
  onError(exchange: ClientExchange, error: ClientError): void
}
