import type { Server } from 'node:http'

/** Node's own setting, without which it aborts a request whose client sends no more. */
interface ServerWithHalfClosedClients extends Server {
  httpAllowHalfOpen?: boolean
}

/**
 * Lets clients that have ended their side of a connection get the responses to what they have sent. A client that has
 * closed its connection looks the same until something is sent to it; hence it counts as disconnected after `timeout`.
 * @param timeout milliseconds; 0: at once
 * @see RFC 9293, section 3.6
 */
export function serveHalfClosedClients (server: ServerWithHalfClosedClients, timeout: number): void {
  if (timeout === 0) return
  server.httpAllowHalfOpen = true
  server.on('connection', socket => {
    socket.once('end', () => {
      const timer = setTimeout(() => socket.destroy(), timeout)
      socket.once('close', () => clearTimeout(timer))
    })
  })
}
