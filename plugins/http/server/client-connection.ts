import type { Socket } from 'node:net'
import { createAttachment } from '../../../lib/message/attachment.js'
import { clientCertificateOf, type ClientCertificate } from '../../tls/client-certificate.js'
import type { Exchange } from './exchange.js'

/** What the requests of one connection of a client have in common. */
export class ClientConnection {
  /** Exchanges that are not over, in the order of their requests. */
  readonly exchanges = new Set<Exchange>()
  /** Whether a response has ended the connection: later requests get none. */
  isEnding = false
  /** The client's address; empty where it is not known. */
  readonly remoteAddress: string
  /** The address at which the client has connected, `host:port`. */
  readonly localHost: string
  /** What the client has shown of itself; undefined: nothing. */
  readonly certificate: ClientCertificate | undefined

  constructor (socket: Socket) {
    const { remoteAddress = '', localAddress = '', localPort = 0 } = socket
    this.certificate = clientCertificateOf(socket)
    this.remoteAddress = remoteAddress
    this.localHost = `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
  }
}

const CONNECTION = createAttachment<Socket, ClientConnection>()

/**
 * Returns the connection of a socket, made at its first request. Responses to pipelined requests have no socket yet, so
 * they get no event when it closes: their exchanges are closed here.
 */
export function connectionOf (socket: Socket): ClientConnection {
  const known = CONNECTION.of(socket)
  if (known !== undefined) return known
  const connection = new ClientConnection(socket)
  CONNECTION.attach(socket, connection)
  socket.once('close', () => {
    for (const each of connection.exchanges) each.close()
  })
  return connection
}

/** Returns the exchanges of a connection that are not over, in the order of their requests. */
export const exchangesOn = (socket: Socket): readonly Exchange[] => [...(CONNECTION.of(socket)?.exchanges ?? [])]
