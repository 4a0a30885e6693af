import { authenticatesConnection } from '../client/response/connection-authentication.js'
import type { Limits } from '../message/limits.js'
import { tooManyRequests, UndiciExchange } from './undici-exchange.js'
import type { UpstreamDispatcher } from './upstream-dispatcher.js'
import type {
  ResponseListener,
  TransportCounters,
  UpstreamCall,
  UpstreamExchange,
  UpstreamTransport
} from './upstream-transport.js'

/** The requests to one origin, by a dispatcher of the app. Its connections and their TLS are its own: it stays open. */
export class DispatcherTransport implements UpstreamTransport {
  readonly #dispatcher: UpstreamDispatcher
  readonly #origin: string
  readonly #limits: Limits
  readonly #inFlight = new Set<UndiciExchange>()
  #onIdle = (): void => {}

  constructor (dispatcher: UpstreamDispatcher, origin: string, limits: Limits) {
    this.#dispatcher = dispatcher
    this.#origin = origin
    this.#limits = limits
  }

  /** Its connections are not known: each request in flight counts as one. */
  get counters (): TransportCounters {
    const open = this.#inFlight.size
    return { open, idle: 0, queued: 0, connects: undefined, reuses: undefined, connectTimes: undefined }
  }

  send (call: UpstreamCall, listener: ResponseListener): UpstreamExchange {
    const { maxRequestsPerOrigin } = this.#limits
    const exchange = new UndiciExchange(call, listener, this.#release)
    const isRefused = maxRequestsPerOrigin !== null && this.#inFlight.size >= maxRequestsPerOrigin
    this.#inFlight.add(exchange)
    // A mock responds before it returns.
    process.nextTick(() => {
      if (isRefused) exchange.fail(tooManyRequests(maxRequestsPerOrigin))
      else this.#dispatch(exchange, authenticatesConnection(call.headers))
    })
    return exchange
  }

  /** @param authenticates no other request may come on its connection, which ends with it */
  #dispatch (exchange: UndiciExchange, authenticates: boolean): void {
    if (exchange.isAborted) return exchange.fail({ name: 'clientDisconnected' })
    const options = {
      ...exchange.options,
      origin: this.#origin,
      headersTimeout: 0,
      bodyTimeout: this.#limits.responseIdleTimeout,
      ...(authenticates && { reset: true })
    }
    try {
      this.#dispatcher.dispatch(options, exchange)
    } catch (error) {
      exchange.onResponseError(null, error as Error)
    }
  }

  async close (): Promise<void> {
    if (this.#inFlight.size === 0) return
    await new Promise<void>(resolve => {
      this.#onIdle = resolve
    })
  }

  destroy (): void {
    for (const exchange of this.#inFlight) exchange.abort()
  }

  readonly #release = (exchange: UndiciExchange): void => {
    this.#inFlight.delete(exchange)
    if (this.#inFlight.size === 0) this.#onIdle()
  }
}
