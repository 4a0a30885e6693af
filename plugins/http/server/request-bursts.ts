import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

/** Requests with a large body that are received in one turn of the event loop. */
export const LARGE_PER_TURN = 128
/** Bytes of a body that is not large. The first read of a connection brings up to 64 KiB of a large one. */
const MAX_SMALL = 16_384

/**
 * Receives a burst of requests with large bodies in portions, one in each turn of the event loop. Requests are sent to
 * endpoints after the poll phase, before which one poll phase would read the starts of all bodies into memory. What
 * is not read yet waits in the system, which holds back the clients.
 * @see libuv, uv__io_poll: polls again while there are events
 */
export function spreadRequestBursts (server: Server): void {
  const open = new Set<Socket>()
  let held: Socket[] = []
  let received = 0
  const hold = (socket: Socket): void => {
    if (socket.isPaused()) return
    socket.pause()
    held.push(socket)
  }
  const onTurn = (): void => {
    received = 0
    const sockets = held
    held = []
    for (const socket of sockets) socket.resume()
  }
  // Over TLS, 'connection' has the socket below, which the server does not read from.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    if (received >= LARGE_PER_TURN) hold(socket)
  })
  server.on('request', request => {
    if (!isLarge(request)) return
    if (received++ === 0) setImmediate(onTurn)
    if (received === LARGE_PER_TURN) for (const socket of open) hold(socket)
  })
}

const isLarge = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] === undefined
    ? headers['transfer-encoding'] !== undefined
    : Number(headers['content-length']) > MAX_SMALL
