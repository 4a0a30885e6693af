import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import { SummedLines } from '../logging/summed-lines.js'

/** Reasons that are counted apart; further ones are counted as `(others)`. */
const MAX_REASONS = 50

/** Counts and logs TLS handshakes that fail: unknown authorities, expired certificates, versions, cipher suites. */
export class HandshakeFailures {
  /** By reason, a code of OpenSSL or Node.js. */
  readonly counts = new Map<string, number>()
  readonly #watched = new WeakSet<object>()

  /** Does nothing for a server without TLS, and for one that is watched already. Returns what ends it. */
  watch (server: Pick<Server, 'on'>, log: FastifyBaseLogger): () => void {
    if (this.#watched.has(server)) return () => {}
    this.#watched.add(server)
    const lines = new SummedLines()
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      const reason = handshakeFailureReason(error, socket)
      this.#count(reason)
      const client = socket.remoteAddress
      lines.add('', count => log.info({ count, reason, client }, `TLS handshakes of clients fail: ${reason}`))
    })
    return () => {
      lines.close()
    }
  }

  #count (reason: string): void {
    const key = this.counts.has(reason) || this.counts.size < MAX_REASONS ? reason : '(others)'
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }
}

/** Node.js reports at the socket why a certificate is refused; its error is that of the connection that it closes. */
function handshakeFailureReason ({ code, message }: NodeJS.ErrnoException, socket: object): string {
  const refusal = 'authorizationError' in socket ? socket.authorizationError : undefined
  return String(refusal || code || message).slice(0, 80)
}
