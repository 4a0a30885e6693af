import { type Dispatcher, Pool } from 'undici'
import type { Limits } from './limits.js'
import { RequestBodyStream, type UploadListener } from './request-body-stream.js'
import { undiciFailure } from './undici-failure.js'
import type { UpstreamFailure } from './upstream-failure.js'
import type { ResponseListener, UpstreamCall, UpstreamExchange, UpstreamTransport } from './upstream-transport.js'

/** Interim responses (1xx) are skipped; a back-end that sends more of them is not going to respond. */
const MAX_INTERIM_RESPONSES = 64
const MAX_TIMER_MS = 2 ** 31 - 1

/** Why the gateway aborts a request itself. */
const RESPONSE_TIMEOUT = new Error('The response did not come in time')
const TOO_MANY_INTERIM = new Error('bad response')
const ABORTED = new Error('The request was aborted')

/** The connections to one origin, by undici. */
export class UndiciTransport implements UpstreamTransport {
  readonly #pool: Pool
  readonly #limits: Limits
  #inFlight = 0

  /** @throws where the origin is not usable */
  constructor (origin: string, verify: boolean, limits: Limits) {
    this.#limits = limits
    this.#pool = new Pool(origin, {
      connect: { timeout: limits.connectTimeout, rejectUnauthorized: verify },
      keepAliveTimeout: limits.keepAliveTimeout,
      maxHeaderSize: limits.responseHeadLimit,
      headersTimeout: 0, // each request has its own exact one
      bodyTimeout: limits.responseIdleTimeout
    })
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
    const { path, method, headers, body } = call
    this.#pool.dispatch({
      path,
      method: method as Dispatcher.HttpMethod,
      headers,
      body: exchange.bodyStream ?? (Buffer.isBuffer(body) ? body : null)
    }, exchange)
    return exchange
  }

  async close (): Promise<void> { await this.#pool.close() }
  destroy (): void { this.#pool.destroy().catch(() => {}) }

  #release = (): void => { this.#inFlight-- }
}

/** One request, as undici sees it. */
class UndiciExchange implements Dispatcher.DispatchHandler, UploadListener, UpstreamExchange {
  readonly bodyStream: RequestBodyStream | undefined
  readonly #headTimeout: number
  readonly #listener: ResponseListener
  readonly #release: () => void
  #controller: Dispatcher.DispatchController | undefined
  #timer: NodeJS.Timeout | undefined
  #awaitsHead = true
  #aborted = false
  #over = false
  #interim = 0

  constructor ({ body, headTimeout }: UpstreamCall, listener: ResponseListener, release: () => void) {
    this.#headTimeout = headTimeout
    this.#listener = listener
    this.#release = release
    this.bodyStream = body === undefined || Buffer.isBuffer(body) ? undefined : new RequestBodyStream(body, this)
  }

  get bodyConsumed (): boolean { return this.bodyStream?.consumed === true }

  pause (): void { this.#controller?.pause() }
  resume (): void { this.#controller?.resume() }

  abort (): void {
    if (this.#over) return
    this.#aborted = true
    this.#controller?.abort(ABORTED)
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) return controller.abort(ABORTED)
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

  timeOut (): void { this.#controller!.abort(RESPONSE_TIMEOUT) }

  onResponseStart (controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) {
      if (++this.#interim > MAX_INTERIM_RESPONSES) controller.abort(TOO_MANY_INTERIM)
      return
    }
    this.#awaitsHead = false
    this.onSourceTurn()
    this.#listener.onHead(status, controller.rawHeaders as Buffer[], undefined)
  }

  onResponseData (_: Dispatcher.DispatchController, chunk: Buffer): void { this.#listener.onBody(chunk) }

  onResponseEnd (): void {
    if (!this.#finish()) return
    this.#listener.onEnd()
  }

  onResponseError (_: Dispatcher.DispatchController | null, error: Error): void {
    if (error === RESPONSE_TIMEOUT) this.fail({ name: 'responseTimeout' })
    else if (this.bodyStream?.truncated === true) this.fail({ name: 'requestTruncated' })
    else this.fail(undiciFailure(error, this.#controller !== undefined))
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

const timeOut = (exchange: UndiciExchange): void => exchange.timeOut()
