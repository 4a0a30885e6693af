import { EventEmitter } from 'node:events'
import { piecesOf, type GeneratedResponse } from './client-response.js'

/** How many turns of the event loop a connection stays open after a response that ends late. */
const LATE = 3

/**
 * A connection in memory, at the side of a client, with as much of a socket as undici and node:http use: a stream would
 * cost more than what they do with it. Its peer sends this response, a piece a turn, once it has the head of a request.
 */
export class MemorySocket extends EventEmitter {
  destroyed = false
  readonly #end: GeneratedResponse['end']
  readonly #pieces: Iterator<Buffer>
  #isRequested = false
  /** What was sent and not read, where the client reads by itself. */
  #unread: Buffer | null = null
  #turnsLeft: number

  constructor (response: GeneratedResponse) {
    super()
    this.#end = response.end
    this.#pieces = piecesOf(response)
    this.#turnsLeft = response.end === 'late' ? LATE : 1
  }

  get readable (): boolean {
    return !this.destroyed
  }

  get writable (): boolean {
    return !this.destroyed
  }

  write (): boolean {
    if (!this.#isRequested) setImmediate(sendNext, this)
    this.#isRequested = true
    return true
  }

  read (): Buffer | null {
    const piece = this.#unread
    this.#unread = null
    return piece
  }

  unshift (piece: Buffer): void {
    this.#unread = piece
  }

  end (): this {
    return this.destroy()
  }

  destroySoon (): this {
    return this.destroy()
  }

  destroy (error?: Error): this {
    if (!this.destroyed) process.nextTick(close, this, error)
    this.destroyed = true
    return this
  }

  // Without meaning in memory.
  cork (): void {}
  uncork (): void {}
  pause (): this {
    return this
  }

  resume (): this {
    return this
  }

  pipe (): void {}
  setTimeout (): this {
    return this
  }

  setNoDelay (): this {
    return this
  }

  setKeepAlive (): this {
    return this
  }

  ref (): this {
    return this
  }

  unref (): this {
    return this
  }

  /** The peer has a turn. */
  onTurn (): void {
    if (this.destroyed) return
    const { value } = this.#pieces.next()
    if (value !== undefined) this.#send(value as Buffer)
    else if (--this.#turnsLeft < 0) return this.#finish()
    setImmediate(sendNext, this)
  }

  #send (piece: Buffer): void {
    if (this.listenerCount('readable') === 0) {
      this.emit('data', piece)
      return
    }
    this.#unread = piece
    this.emit('readable')
  }

  #finish (): void {
    if (this.#end === 'rst') {
      this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
      return
    }
    this.emit('end')
    // As a socket that is not half-open.
    process.nextTick(end, this)
  }
}

const sendNext = (socket: MemorySocket): void => socket.onTurn()
const end = (socket: MemorySocket): void => {
  socket.destroy()
}

function close (socket: MemorySocket, error: Error | undefined): void {
  if (error !== undefined) socket.emit('error', error)
  socket.emit('close', error !== undefined)
}
