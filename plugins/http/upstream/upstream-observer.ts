import type { ResponseListener, UpstreamCall, UpstreamTransport } from './upstream-transport.js'
import type { UpstreamFailure } from './failure-outcome.js'

/** Sees what one attempt sends, and what comes back. */
export interface UpstreamObserver {
  /** The request as it is written; once more where it is sent again on a fresh connection. */
  onCall(call: UpstreamCall): void
  /** The head of the response. */
  onHead(status: number, rawHeaders: readonly (string | Buffer)[]): void
  /** A part of the body as it comes. */
  onBody(chunk: Buffer): void
  /** All of the body has come. */
  onEnd(): void
}

/** The same connections, with an observer of all that is sent and received. */
export const observedTransport = (transport: UpstreamTransport, observer: UpstreamObserver): UpstreamTransport => ({
  get counters () { return transport.counters },
  send (call, listener) {
    observer.onCall(call)
    return transport.send(call, new ObservedListener(listener, observer))
  },
  close: async () => await transport.close(),
  destroy: () => transport.destroy()
})

class ObservedListener implements ResponseListener {
  readonly #listener: ResponseListener
  readonly #observer: UpstreamObserver

  constructor (listener: ResponseListener, observer: UpstreamObserver) {
    this.#listener = listener
    this.#observer = observer
  }

  onSend (): void {
    this.#listener.onSend()
  }

  onHead (status: number, rawHeaders: readonly (string | Buffer)[], whole: boolean | undefined): void {
    this.#observer.onHead(status, rawHeaders)
    this.#listener.onHead(status, rawHeaders, whole)
  }

  onBody (chunk: Buffer): void {
    this.#observer.onBody(chunk)
    this.#listener.onBody(chunk)
  }

  onDrain (): void {
    this.#listener.onDrain()
  }

  onEnd (): void {
    this.#observer.onEnd()
    this.#listener.onEnd()
  }

  onError (failure: UpstreamFailure): void {
    this.#listener.onError(failure)
  }
}
