import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type buildConnector, Client, type Dispatcher } from 'undici'

/** Options of a request that learns which connection carries it. */
export interface TrackedOptions extends Dispatcher.DispatchOptions {
  readonly onConnection?: (connection: UndiciConnection) => void
}

/** One connection of undici, and the requests on it, one at a time. */
export class UndiciConnection extends Client {
  readonly #link: Link
  /** Whether requests of all clients go out on it. */
  readonly #isShared: boolean

  constructor (origin: URL, options: Client.Options, isShared: boolean) {
    const link = new Link(options.connect as buildConnector.connector)
    super(origin, { ...options, connect: link.connect })
    this.#link = link
    this.#isShared = isShared
  }

  override dispatch (options: TrackedOptions, handler: Dispatcher.DispatchHandler): boolean {
    options.onConnection?.(this)
    return super.dispatch(options, handler)
  }

  /** Called when a request is about to be written. Returns whether the connection has carried another one. */
  begin (): boolean {
    this.#link.bytesBefore = this.#link.socket?.bytesRead ?? 0
    return this.#link.requests++ > 0
  }

  /** Called at the end of a response that asks for an authentication of the connection: no other client may get it. */
  endChallenged (): void {
    if (this.#isShared) this.#link.socket?.destroy()
  }

  /** Whether it is open, and has carried a request. */
  get isUsed (): boolean { return this.#link.requests > 0 }

  /** Whether any byte has come since the last request began. Unknown with TLS, which has bytes of its own: false. */
  get hasResponse (): boolean {
    const { socket, bytesBefore } = this.#link
    return socket !== undefined && !(socket instanceof TLSSocket) && socket.bytesRead > bytesBefore
  }
}

/** What undici does not report about its socket. */
class Link {
  socket: Socket | undefined
  requests = 0
  bytesBefore = 0
  readonly #connector: buildConnector.connector

  constructor (connector: buildConnector.connector) {
    this.#connector = connector
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    this.socket = undefined
    this.requests = 0
    this.#connector(options, (...result) => {
      const [, socket] = result
      if (socket !== null) this.socket = socket
      callback(...result)
    })
  }
}
