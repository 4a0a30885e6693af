import type { ServerResponse } from 'node:http'

/** One event as its text on the stream. @param id what a client that connects again sends as `Last-Event-ID` */
export const eventText = (event: string, data: unknown, id?: string): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n${id === undefined ? '' : `id: ${id}\n`}\n`

/** Server-Sent Events on one response. Written by its producer only while the reader keeps up. @see WHATWG HTML, 9.2 */
export class EventStream {
  readonly #response: ServerResponse
  #lastWrite = performance.now()
  #blockedSince: number | undefined

  constructor (response: ServerResponse) {
    this.#response = response
    response.on('drain', () => { this.#blockedSince = undefined })
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no'
    })
    response.flushHeaders()
  }

  /** Whether the reader has not taken yet what was written. */
  get isBlocked (): boolean { return this.#blockedSince !== undefined }

  /** Milliseconds for which the reader has taken nothing. @param now of `performance.now()` */
  stalledFor (now: number): number { return this.#blockedSince === undefined ? 0 : now - this.#blockedSince }

  /** Sends the texts of events, which may be none, in one write. */
  send (text: string): void {
    if (text !== '') this.#write(text)
  }

  /** Sends a comment if nothing was sent for this many milliseconds. */
  keepAlive (quiet: number): void {
    if (performance.now() - this.#lastWrite >= quiet) this.#write(':\n\n')
  }

  onClose (closed: () => void): void { this.#response.once('close', closed) }

  end (): void { this.#response.end() }

  destroy (): void { this.#response.destroy() }

  #write (text: string): void {
    if (this.#response.destroyed || this.#response.writableEnded) return
    this.#lastWrite = performance.now()
    if (!this.#response.write(text)) this.#blockedSince ??= performance.now()
  }
}
