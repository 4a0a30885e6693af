import type { Duplex } from 'node:stream'
import { buildConnector, type Client, type Dispatcher, Pool } from 'undici'
import { tlsOptionsOf, type EndpointSecurity } from '../../lib/state/tls-material.js'
import { MAX_TIMER_MS } from '../timing/deadline.js'
import type { Limits } from './limits.js'
import { RequestBodyStream, type UploadListener } from './request-body-stream.js'
import { UndiciConnection, type TrackedOptions } from './undici-connection.js'
import { undiciFailure } from './undici-failure.js'
import type { UpstreamFailure } from './failure-outcome.js'
import type {
  ResponseListener,
  TransportCounters,
  UpstreamCall,
  UpstreamExchange,
  UpstreamTransport
} from './upstream-transport.js'

/** Interim responses (1xx) are skipped; a back-end that sends more of them is not going to respond. */
const MAX_INTERIM_RESPONSES = 64

/** Why the gateway aborts a request itself. */
const RESPONSE_TIMEOUT = new Error('The response did not come in time')
const TOO_MANY_INTERIM = new Error('bad response')
const ABORTED = new Error('The request was aborted')

/** The connections to one origin, by undici. */
export class UndiciTransport implements UpstreamTransport {
  readonly #pool: Pool
  readonly #origin: URL
  readonly #options: Client.Options
  readonly #limits: Limits
  readonly #alone = new Set<UndiciConnection>()
  #inFlight = 0

  /** @throws where the origin is not usable */
  constructor (origin: string, security: EndpointSecurity, limits: Limits) {
    const { verify, ...certificates } = tlsOptionsOf(security)
    this.#limits = limits
    this.#origin = new URL(origin)
    this.#options = {
      connect: buildConnector({ timeout: limits.connectTimeout, rejectUnauthorized: verify, ...certificates }),
      keepAliveTimeout: limits.keepAliveTimeout,
      maxHeaderSize: limits.responseHeadLimit,
      headersTimeout: 0, // each request has its own exact one
      bodyTimeout: limits.responseIdleTimeout,
      ...(limits.connectionMaxRequests > 0 && { maxRequestsPerClient: limits.connectionMaxRequests })
    }
    this.#pool = new Pool(origin, {
      ...this.#options,
      factory: (origin, options) => new UndiciConnection(origin, options as Client.Options),
      ...(limits.connectionMaxAge > 0 && { clientTtl: limits.connectionMaxAge })
    })
  }

  /** Requests that authenticate a connection have pools of their own, which are not counted. */
  get counters (): TransportCounters {
    const { connected: open, free: idle, queued } = this.#pool.stats
    return { open, idle, queued, connects: undefined, reuses: undefined, connectTimes: undefined }
  }

  send (call: UpstreamCall, listener: ResponseListener): UpstreamExchange {
    const { maxRequestsPerOrigin } = this.#limits
    const exchange = new UndiciExchange(call, listener, this.#release)
    if (maxRequestsPerOrigin !== null && this.#inFlight >= maxRequestsPerOrigin) {
      const reason = `The endpoint has ${this.#inFlight} requests in flight, which is its limit`
      this.#inFlight++
      process.nextTick(() => exchange.fail({ name: 'tooManyRequests', reason }))
      return exchange
    }
    this.#inFlight++
    const { path, method, headers, body, upgrade } = call
    const options: TrackedOptions = {
      path,
      method: method as Dispatcher.HttpMethod,
      headers,
      body: exchange.bodyStream ?? (Buffer.isBuffer(body) ? body : null),
      onConnection: exchange.onConnection,
      ...(upgrade !== undefined && { upgrade })
    }
    // A streamed body cannot be sent again if a reused connection has ended.
    const isAlone = call.fresh === true || exchange.bodyStream !== undefined || upgrade !== undefined
    if (isAlone) this.#sendAlone(options, exchange)
    else this.#pool.dispatch(options, exchange)
    return exchange
  }

  /** Sends a request on a connection of its own, which ends with it: the pool has no way to refuse its idle ones. */
  #sendAlone (options: TrackedOptions, exchange: UndiciExchange): void {
    const connection = new UndiciConnection(this.#origin, this.#options)
    this.#alone.add(connection)
    connection.dispatch(options, exchange)
    void connection.close().finally(() => this.#alone.delete(connection))
  }

  async close (): Promise<void> {
    await Promise.all([this.#pool, ...this.#alone].map(each => each.close()))
  }

  destroy (): void {
    for (const each of [this.#pool, ...this.#alone]) each.destroy().catch(() => {})
  }

  #release = (): void => {
    this.#inFlight--
  }
}

/** One request, as undici sees it. */
class UndiciExchange implements Dispatcher.DispatchHandler, UploadListener, UpstreamExchange {
  readonly bodyStream: RequestBodyStream | undefined
  readonly #headTimeout: number
  readonly #listener: ResponseListener
  readonly #release: () => void
  #controller: Dispatcher.DispatchController | undefined
  #connection: UndiciConnection | undefined
  #reused = false
  #timer: NodeJS.Timeout | undefined
  #awaitsHead = true
  #aborted = false
  #over = false
  #interim = 0
  /** The connection after a switch of protocols. */
  #switched: Duplex | undefined

  constructor ({ body, headTimeout }: UpstreamCall, listener: ResponseListener, release: () => void) {
    this.#headTimeout = headTimeout
    this.#listener = listener
    this.#release = release
    this.bodyStream = body === undefined || Buffer.isBuffer(body) ? undefined : new RequestBodyStream(body, this)
  }

  get reused (): boolean { return this.#reused }

  get bodyConsumed (): boolean {
    return this.bodyStream?.consumed === true
  }

  pause (): void {
    if (this.#switched === undefined) this.#controller?.pause()
    else this.#switched.pause()
  }

  resume (): void {
    if (this.#switched === undefined) this.#controller?.resume()
    else this.#switched.resume()
  }

  write (chunk: Buffer): boolean {
    return this.#over || this.#switched!.write(chunk)
  }

  finishWriting (): void {
    this.#switched?.end()
  }

  abort (): void {
    if (this.#over) return
    this.#aborted = true
    this.#switched?.destroy(ABORTED)
    this.#controller?.abort(ABORTED)
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) return controller.abort(ABORTED)
    this.#reused = this.#connection?.begin() === true
    this.#listener.onSend()
    if (this.bodyStream === undefined) this.onBackEndTurn()
  }

  onBackEndTurn (): void {
    if (this.#headTimeout === 0 || !this.#awaitsHead || this.#over) return
    this.#timer ??= setTimeout(timeOut, Math.min(this.#headTimeout, MAX_TIMER_MS), this)
  }

  onSourceTurn (): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  timeOut (): void {
    this.#controller!.abort(RESPONSE_TIMEOUT)
  }

  onResponseStart (controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) {
      if (++this.#interim > MAX_INTERIM_RESPONSES) controller.abort(TOO_MANY_INTERIM)
      return
    }
    this.#awaitsHead = false
    this.onSourceTurn()
    this.#listener.onHead(status, controller.rawHeaders as Buffer[], undefined)
  }

  onRequestUpgrade (
    _: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>,
    socket: Duplex
  ): void {
    this.#awaitsHead = false
    this.onSourceTurn()
    this.#switched = socket
    socket
      .on('data', (chunk: Buffer) => this.#listener.onBody(chunk))
      .on('drain', () => this.#listener.onDrain())
      .on('end', () => this.onResponseEnd())
      .on('error', cause => this.fail({ name: 'reset', cause }))
      .on('close', () => this.fail({ name: 'closed' }))
    this.#listener.onHead(status, rawHeadersOf(headers), false)
  }

  onResponseData (_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#listener.onBody(chunk)
  }

  onResponseEnd (): void {
    if (!this.#finish()) return
    this.#listener.onEnd()
  }

  onResponseError (_: Dispatcher.DispatchController | null, error: Error): void {
    if (error === RESPONSE_TIMEOUT) this.fail({ name: 'responseTimeout' })
    else if (this.bodyStream?.truncated === true) this.fail({ name: 'requestTruncated' })
    else this.fail(this.#withStaleness(undiciFailure(error, this.#controller !== undefined)))
  }

  /** Tells the end of a reused connection from a failure of the endpoint. */
  #withStaleness (failure: UpstreamFailure): UpstreamFailure {
    const { name, cause } = failure
    const connection = this.#connection
    if (name === 'closed' || name === 'reset') {
      const isStale = this.#reused && this.#awaitsHead && connection?.hasResponse === false
      return isStale ? { name: 'stale', cause } : failure
    }
    // An idle connection that is reset fails the request that was about to be written.
    const isUnsent = name === 'refused' && connection?.isUsed === true && isReset(cause)
    return isUnsent ? { name: 'stale', cause, requestSent: false } : failure
  }

  readonly onConnection = (connection: UndiciConnection): void => {
    this.#connection = connection
  }

  fail (failure: UpstreamFailure): void {
    if (this.#finish()) this.#listener.onError(failure)
  }

  #finish (): boolean {
    if (this.#over) return false
    this.#over = true
    this.onSourceTurn()
    this.#release()
    return true
  }
}

const rawHeadersOf = (headers: Record<string, string | string[] | undefined>): string[] =>
  Object.entries(headers).flatMap(([name, value = []]) => [value].flat().flatMap(each => [name, each]))

const isReset = (error: Error | undefined): boolean =>
  error !== undefined && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

const timeOut = (exchange: UndiciExchange): void => exchange.timeOut()
