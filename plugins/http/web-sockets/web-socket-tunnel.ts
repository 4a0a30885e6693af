import type { Message } from '../../../lib/message/message.js'
import { NO_BYTES, type BodySink } from '../message/body-source.js'
import { Deadline } from '../../timing/shared-timer.js'
import type { Exchange } from '../server/exchange.js'
import { withHookHeaders } from '../server/hook-headers.js'
import { responseHeaders } from '../message/message-head.js'
import { HIGH_WATER_MARK } from '../server/send-response.js'
import { UpstreamRequest } from '../upstream/upstream-request.js'
import { closeFrame, FrameTracker } from './web-socket-frames.js'

/** How long the second side of a WebSocket may take to end once the first has, in milliseconds. */
const CLOSE_GRACE_MS = 5_000

/** The gateway stops, or nothing has been sent for too long. @see RFC 6455, section 7.4.1 */
const GOING_AWAY = 1001

/** Returns the connection that a response has switched to WebSocket; undefined: none. */
export function switchedBy ({ body }: Message): UpstreamRequest | undefined {
  const rest = body.kind === 'stream' ? body.rest : undefined
  return rest instanceof UpstreamRequest && rest.switched !== undefined ? rest : undefined
}

/**
 * An open WebSocket: passes bytes both ways, each as fast as the other side takes them. Frames are not changed, and
 * their bounds are followed only to end it with a Close frame of its own.
 *
 *     open ──(one side ends)──▶ ending ──(the other side ends, or 5 s)──▶ over
 *       └──(shutdown, idle: Close 1001 both ways)──▶ closing ──▲
 */
export class WebSocketTunnel extends Deadline implements BodySink {
  /** Resolves when it is over. */
  readonly over: Promise<void>
  readonly #exchange: Exchange
  readonly #upstream: UpstreamRequest
  readonly #idleTimeout: number
  readonly #toClient = new FrameTracker()
  readonly #toEndpoint = new FrameTracker()
  #phase: 'open' | 'closing' | 'ending' = 'open'
  #upstreamEnded = false

  constructor (exchange: Exchange, upstream: UpstreamRequest, idleTimeout: number) {
    super()
    this.#exchange = exchange
    this.#upstream = upstream
    this.#idleTimeout = idleTimeout
    this.over = new Promise(resolve => {
      exchange.response.once('close', () => {
        this.stop()
        resolve()
      })
    })
  }

  /** Grants the upgrade of the client with this response. Returns false where the client has left. */
  begin (message: Message): boolean {
    const exchange = this.#exchange
    const { response, upgrade } = exchange
    if (exchange.disconnected || response.destroyed || response.headersSent || !exchange.takeOver()) {
      this.#upstream.discard()
      return false
    }
    const { socket } = upgrade!
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    const headers = withHookHeaders(exchange.hookHeaders(), responseHeaders(message.headers, false))
    exchange.responded = true
    response.writeHead(101, ['Connection', 'Upgrade', 'Upgrade', upgrade!.protocol, ...headers])
    response.flushHeaders()
    exchange.unlimitTime()
    exchange.onSwitch()
    this.#renew()
    const early = upgrade!.take()
    exchange.request.socket.setTimeout(0)
    socket
      .on('data', (chunk: Buffer) => this.#fromClient(chunk))
      .on('end', () => this.#clientEnded())
      .on('drain', () => { if (!this.#upstreamEnded) this.#upstream.flow() })
    this.#upstream.onWritable = () => { socket.resume() }
    if (early.length > 0) this.#fromClient(early)
    const { body } = message
    if (body.kind === 'stream' && body.head.length > 0) this.data(body.head)
    this.#upstream.attach(this)
    socket.resume()
    return true
  }

  /** Sends a Close frame to both sides, each as soon as a whole frame has passed, and ends soon after. */
  close (): void {
    if (this.#phase !== 'open') return
    this.#phase = 'closing'
    this.start(CLOSE_GRACE_MS)
    this.#sendCloseToClient()
    this.#sendCloseToEndpoint()
    // A side that was blocked must be read for its Close frame.
    this.#exchange.upgrade!.socket.resume()
    this.#upstream.flow()
  }

  /** Ends both sides at once. */
  destroy (): void {
    this.#exchange.upgrade!.socket.destroy()
  }

  override onDeadline (): void {
    if (this.#phase === 'open') this.close()
    else this.destroy()
  }

  /** From the endpoint. */
  data (chunk: Buffer): boolean {
    const { response, upgrade } = this.#exchange
    if (response.destroyed) return false
    const passed = this.#pass(this.#toClient, chunk)
    this.#exchange.responseBytes += passed.length
    const { socket } = upgrade!
    const isFree = passed.length === 0 || socket.write(passed) || socket.writableLength < HIGH_WATER_MARK
    if (this.#phase === 'closing') this.#sendCloseToClient()
    this.#renew()
    return isFree
  }

  /** The endpoint has ended. */
  end (): void {
    if (this.#upstreamEnded) return
    this.#upstreamEnded = true
    this.#end()
    // After what was written, the connection of the client ends.
    this.#exchange.response.end()
    this.#exchange.upgrade!.socket.resume()
  }

  /** Its connection broke, which the end of the client's connection reports as well. */
  fail (): void {
    this.end()
  }

  #fromClient (chunk: Buffer): void {
    if (this.#upstreamEnded) return
    const passed = this.#pass(this.#toEndpoint, chunk)
    this.#exchange.requestBytes += passed.length
    if (passed.length > 0 && !this.#upstream.switched!.write(passed)) this.#exchange.upgrade!.socket.pause()
    if (this.#phase === 'closing') this.#sendCloseToEndpoint()
    this.#renew()
  }

  #clientEnded (): void {
    if (this.#upstreamEnded) return
    this.#upstream.switched!.finishWriting()
    this.#end()
  }

  /** The part of a chunk that is passed on: all, or while it closes the rest of the frame that has begun. */
  #pass (frames: FrameTracker, chunk: Buffer): Buffer {
    const isClosing = this.#phase === 'closing'
    if (isClosing && frames.closed && frames.atBoundary) return NO_BYTES
    const size = frames.take(chunk, isClosing)
    return size === chunk.length ? chunk : chunk.subarray(0, size)
  }

  #sendCloseToClient (): void {
    const { response, upgrade } = this.#exchange
    if (this.#toClient.closed || !this.#toClient.atBoundary || response.destroyed) return
    this.#toClient.closed = true
    upgrade!.socket.write(closeFrame(GOING_AWAY, false))
  }

  #sendCloseToEndpoint (): void {
    if (this.#toEndpoint.closed || !this.#toEndpoint.atBoundary || this.#upstreamEnded) return
    this.#toEndpoint.closed = true
    this.#upstream.switched!.write(closeFrame(GOING_AWAY, true))
  }

  #end (): void {
    if (this.#phase === 'open') this.start(CLOSE_GRACE_MS)
    this.#phase = 'ending'
  }

  #renew (): void {
    if (this.#phase === 'open') this.start(this.#idleTimeout)
  }
}
