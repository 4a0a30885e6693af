import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { MAX_TIMER_MS } from '../../timing/deadline.js'
import { isConnectionChallenge } from '../client/response/connection-authentication.js'
import { RequestBodyStream, type UploadListener } from './request-body-stream.js'
import type { UndiciConnection } from './undici-connection.js'
import { undiciFailure } from './undici-failure.js'
import type { UpstreamFailure } from './failure-outcome.js'
import type { ResponseListener, UpstreamCall, UpstreamExchange } from './upstream-transport.js'

/** Interim responses (1xx) are skipped; a back-end that sends more of them is not going to respond. */
const MAX_INTERIM_RESPONSES = 64

/** Why the gateway aborts a request itself. */
const RESPONSE_TIMEOUT = new Error('The response did not come in time')
const TOO_MANY_INTERIM = new Error('bad response')
const ABORTED = new Error('The request was aborted')

/** @param limit requests in flight to one origin; null: no limit */
export const tooManyRequests = (limit: number): UpstreamFailure =>
  ({ name: 'tooManyRequests', reason: `The endpoint has ${limit} requests in flight, which is its limit` })

/** One request, as undici sees it. */
export class UndiciExchange implements Dispatcher.DispatchHandler, UploadListener, UpstreamExchange {
  readonly bodyStream: RequestBodyStream | undefined
  /** What is dispatched. */
  readonly options: Dispatcher.DispatchOptions
  readonly #headTimeout: number
  readonly #listener: ResponseListener
  readonly #release: (exchange: UndiciExchange) => void
  #controller: Dispatcher.DispatchController | undefined
  #connection: UndiciConnection | undefined
  #reused = false
  #timer: NodeJS.Timeout | undefined
  #awaitsHead = true
  /** Whether the response asks for an authentication of the connection. */
  #isChallenged = false
  #aborted = false
  #over = false
  #interim = 0
  /** The connection after a switch of protocols. */
  #switched: Duplex | undefined

  /** @param release called when it is over */
  constructor (call: UpstreamCall, listener: ResponseListener, release: (exchange: UndiciExchange) => void) {
    const { path, method, headers, body, upgrade, headTimeout } = call
    this.#headTimeout = headTimeout
    this.#listener = listener
    this.#release = release
    this.bodyStream = body === undefined || Buffer.isBuffer(body) ? undefined : new RequestBodyStream(body, this)
    this.options = {
      path,
      method: method as Dispatcher.HttpMethod,
      headers,
      body: this.bodyStream ?? (Buffer.isBuffer(body) ? body : null),
      ...(upgrade !== undefined && { upgrade })
    }
  }

  get reused (): boolean | undefined { return this.#connection === undefined ? undefined : this.#reused }

  get isAborted (): boolean { return this.#aborted }

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

  onResponseStart (
    controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>
  ): void {
    if (status < 200) {
      if (++this.#interim > MAX_INTERIM_RESPONSES) controller.abort(TOO_MANY_INTERIM)
      return
    }
    this.#awaitsHead = false
    this.onSourceTurn()
    this.#isChallenged = [headers['www-authenticate'] ?? []].flat().some(isConnectionChallenge)
    const { rawHeaders } = controller
    // Interceptors of an app may give an object.
    this.#listener.onHead(status, Array.isArray(rawHeaders) ? rawHeaders : rawHeadersOf(headers), undefined)
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
    if (this.#isChallenged) this.#connection?.endChallenged()
    if (!this.#finish()) return
    this.#listener.onEnd()
  }

  onResponseError (_: Dispatcher.DispatchController | null, error: Error): void {
    if (error === RESPONSE_TIMEOUT) this.fail({ name: 'responseTimeout' })
    else if (this.bodyStream?.truncated === true) this.fail({ name: 'requestTruncated' })
    else this.fail(this.#withStaleness(undiciFailure(error, this.#controller !== undefined)))
  }

  /** Distinguishes the end of a reused connection from a failure of the endpoint. */
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
    this.#release(this)
    return true
  }
}

const rawHeadersOf = (headers: Record<string, string | string[] | undefined>): string[] =>
  Object.entries(headers).flatMap(([name, value = []]) => [value].flat().flatMap(each => [name, each]))

const isReset = (error: Error | undefined): boolean =>
  error !== undefined && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

const timeOut = (exchange: UndiciExchange): void => exchange.timeOut()
