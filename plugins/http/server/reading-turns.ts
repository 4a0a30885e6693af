import { scheduleTurn, type TurnTask } from '../../timing/turn-tasks.js'
import type { Exchange } from './exchange.js'

/** A chunk below this size is tiny, in bytes: it costs more than its bytes do. */
export const TINY_CHUNK = 256
/** So many tiny chunks of a body are read before its connection waits for its turn. */
export const TINY_CHUNKS = 1024

interface WaitingConnection {
  readonly exchange: Exchange
  readonly task: TurnTask
}

const waiting: WaitingConnection[] = []

/**
 * Reads the connection of a request no more until it has its turn; then the task runs. Of all connections that wait,
 * one has its turn in each turn of the event loop, in their order. Only those of HTTP/1 wait.
 *
 * libuv reads a socket up to 32 times in one turn of the event loop, 64 KiB each: 350,000 chunks of one byte. Node's
 * parser reports each by a call with an object, an event and a tick, so that a connection where such a body has
 * gathered would have a second for itself. A connection that waits has only what was read already, 11,000 chunks at
 * most: 20 ms. The rest stays in the system, which holds back the client. A body of fewer tiny chunks costs a
 * comparison for each chunk.
 *
 * The socket is paused, not the request, whose buffer would be filled first. Node resumes the socket by `_read` of the
 * request after each chunk: that has no effect meanwhile.
 * @see libuv, uv__read; Node, IncomingMessage
 */
export function waitForTurn (exchange: Exchange, task: TurnTask): void {
  if (!exchange.isPlainHttp) return task.onTurn()
  exchange.request._read = readNothing
  exchange.request.socket.pause()
  waiting.push({ exchange, task })
  if (waiting.length === 1) scheduleTurn(READ_NEXT)
}

const READ_NEXT: TurnTask = {
  onTurn () {
    const { exchange: { request }, task } = waiting.shift()!
    if (waiting.length > 0) scheduleTurn(READ_NEXT)
    Reflect.deleteProperty(request, '_read')
    request.socket.resume()
    task.onTurn()
  }
}

const readNothing = (): void => {}
