import { LatencyHistogram } from '../../../lib/state/latency-histogram.js'
import type { ClientError, FailureKind } from '../client/client-error.js'
import { ConnectionPool } from '../client/connection-pool.js'
import type { ClientExchange } from '../client/client-exchange.js'
import type { ResponseHandler } from '../client/request.js'
import type { ResponseHead } from '../client/response/response-head.js'
import { releaseWithOwner } from './connection-owner.js'
import type { FailureClassName } from './failure-classes.js'
import { tlsOptionsOf, type EndpointSecurity } from '../../../lib/state/tls-material.js'
import type { Limits } from '../message/limits.js'
import { REFUSED_WITHOUT_ALERT, tlsFailureText } from './tls-failure.js'
import { firstLine, refusalOf, SILENT_RESPONSE, type UpstreamFailure } from './failure-outcome.js'
import type {
  ResponseListener,
  TransportCounters,
  UpstreamCall,
  UpstreamExchange,
  UpstreamTransport
} from './upstream-transport.js'

/** The connections to one origin, by the project's own client. */
export class OwnTransport implements UpstreamTransport {
  readonly #pool: ConnectionPool
  /** Whether the gateway shows a certificate. */
  readonly #isCertified: boolean
  readonly #connectTimes = new LatencyHistogram()

  /** @throws where the origin is not usable */
  constructor (origin: string, security: EndpointSecurity, limits: Limits) {
    this.#isCertified = security.tls?.cert !== undefined
    const pool: ConnectionPool = (this.#pool = new ConnectionPool(origin, {
      tls: tlsOptionsOf(security),
      maxInFlight: limits.maxRequestsPerOrigin ?? undefined,
      maxQueued: limits.maxQueuedPerOrigin,
      queueTimeout: limits.queueTimeout,
      connectTimeout: limits.connectTimeout,
      tlsTimeout: limits.connectTimeout,
      idleTimeout: limits.keepAliveTimeout,
      maxAge: limits.connectionMaxAge,
      maxRequests: limits.connectionMaxRequests,
      headLimit: limits.responseHeadLimit,
      onConnect: ms => this.#connectTimes.record(ms),
      onPinned: client => {
        if (!releaseWithOwner(client, pool)) pool.releaseOwner(client)
      }
    }))
  }

  get counters (): TransportCounters {
    return { ...this.#pool.counters, connectTimes: this.#connectTimes }
  }

  send (call: UpstreamCall, listener: ResponseListener): UpstreamExchange {
    return new OwnExchange(listener, this.#isCertified).begin(call, this.#pool)
  }

  close (): Promise<void> {
    return this.#pool.close()
  }

  destroy (): void {
    this.#pool.destroy()
  }
}

/** One request. */
class OwnExchange implements ResponseHandler, UpstreamExchange {
  readonly #listener: ResponseListener
  readonly #isCertified: boolean
  #exchange: ClientExchange | undefined

  constructor (listener: ResponseListener, isCertified: boolean) {
    this.#listener = listener
    this.#isCertified = isCertified
  }

  get bodyConsumed (): boolean {
    return this.#exchange?.bodyStarted === true
  }

  get reused (): boolean | undefined {
    const exchange = this.#exchange
    return exchange === undefined || exchange.bytesWritten === 0 ? undefined : exchange.reused
  }

  begin (call: UpstreamCall, pool: ConnectionPool): this {
    this.#exchange = pool.request(call, this)
    return this
  }

  pause (): void {
    this.#exchange!.pause()
  }

  resume (): void {
    this.#exchange!.resume()
  }

  write (chunk: Buffer): boolean {
    return this.#exchange!.write(chunk)
  }

  finishWriting (): void {
    this.#exchange!.finishWriting()
  }

  abort (): void {
    this.#exchange!.abort()
  }

  onSend (): void {
    this.#listener.onSend()
  }

  onHead (_: ClientExchange, head: ResponseHead, whole: boolean): void {
    this.#listener.onHead(head.status, head.headers, whole ? true : undefined)
  }

  onBody (_: ClientExchange, chunk: Buffer): void {
    this.#listener.onBody(chunk)
  }

  onDrain (): void {
    this.#listener.onDrain()
  }

  onEnd (): void {
    this.#listener.onEnd()
  }

  onError (_: ClientExchange, error: ClientError): void {
    const failure = failureOf(error)
    const mayBeRefusal = this.#isCertified && isEnd(failure) && !error.reused && !error.firstByteSeen
    this.#listener.onError(mayBeRefusal ? { ...failure, detail: REFUSED_WITHOUT_ALERT } : failure)
  }
}

const CLASSES: Readonly<Record<FailureKind, FailureClassName>> = {
  aborted: 'clientDisconnected',
  poolClosed: 'invalidRequest',
  invalidRequest: 'invalidRequest',
  requestBodyFailed: 'invalidRequest',
  queueFull: 'tooManyRequests',
  queueTimeout: 'tooManyRequests',
  unknownHost: 'unknownHost',
  nameServerFailed: 'nameServerFailed',
  exhausted: 'exhausted',
  refused: 'refused',
  connectTimeout: 'connectTimeout',
  tls: 'tls',
  tlsTimeout: 'connectTimeout',
  stale: 'stale',
  closed: 'closed',
  reset: 'reset',
  responseTimeout: 'responseTimeout',
  protocolError: 'protocolError',
  headTooLarge: 'headTooLarge',
  truncated: 'responseTruncated',
  bodyTimeout: 'responseTooSlow'
}

const SLOW_HANDSHAKE = 'The endpoint accepted a connection, but did not end the TLS handshake in time'

/** Classifies a failure of the client. */
export function failureOf (error: ClientError): UpstreamFailure {
  const { kind, code } = error
  const failure = { name: classOf(kind, code), cause: error, requestSent: error.bytesWritten > 0 }
  const original = error.cause instanceof Error ? error.cause : error
  switch (failure.name) {
    case 'tls':
      return { ...failure, detail: tlsFailureText(original) }
    case 'connectTimeout':
      return kind === 'tlsTimeout' ? { ...failure, reason: SLOW_HANDSHAKE } : failure
    case 'invalidRequest':
    case 'exhausted':
      return { ...failure, detail: firstLine(original) }
    case 'refused':
      return { ...failure, ...refusalOf(code, original) }
    case 'responseTooSlow':
      return { ...failure, reason: SILENT_RESPONSE }
    default:
      return failure
  }
}

function classOf (kind: FailureKind, code: string): FailureClassName {
  return kind === 'requestBodyFailed' && code === 'BODY_FAILED' ? 'requestTruncated' : CLASSES[kind]
}

const isEnd = ({ name }: UpstreamFailure): boolean => name === 'closed' || name === 'reset'
