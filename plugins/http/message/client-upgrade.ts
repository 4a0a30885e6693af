import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** Bytes that are kept of what a client sends before its upgrade has a response. */
const MAX_EARLY = 65_536

/**
 * A client's request to switch to WebSocket. Reads the connection until a response is there: what the client sends too
 * early is kept within a limit, and its end is noticed.
 */
export class ClientUpgrade {
  readonly protocol = 'websocket'
  readonly socket: Duplex
  #received: Buffer[] = []
  #size = 0

  /** @param head what has come after the head of the request */
  constructor (socket: Duplex, head: Buffer) {
    this.socket = socket
    socket.on('error', ignore)
    if (head.length > 0) this.#keep(head)
    socket.on('data', this.#keep)
    socket.on('end', this.#onEnd)
  }

  /** Ends the wait: the caller reads the connection from now on. Returns what the client has sent so far. */
  take (): Buffer {
    this.socket.off('data', this.#keep).off('end', this.#onEnd).pause()
    return Buffer.concat(this.#received)
  }

  readonly #keep = (chunk: Buffer): void => {
    this.#received.push(chunk)
    this.#size += chunk.length
    if (this.#size >= MAX_EARLY) this.socket.pause()
  }

  readonly #onEnd = (): void => {
    this.socket.destroy()
  }
}

const ignore = (): void => {}

/** Whether a request asks to switch to WebSocket. @see RFC 6455, section 4.1 */
export const isWebSocketUpgrade = ({ headers, method }: Pick<IncomingMessage, 'headers' | 'method'>): boolean =>
  method === 'GET' && headers.upgrade?.trim().toLowerCase() === 'websocket'
