import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Test } from 'tap'
import { CERTIFICATE, KEY } from '../../support/http/certificate.js'

/** A request that a scripted server has received, as far as its head. */
export interface Received {
  /** From 0, over all connections. */
  readonly total: number
  /** From 0, on its connection. */
  readonly onConnection: number
  readonly text: string
}

/** One connection of a scripted server. */
export interface ServerConnection {
  /** What is written to. */
  readonly socket: Socket
  /** The connection below TLS, which can be reset, and closed without a close_notify. */
  readonly tcp: Socket
}

export interface ScriptedServer {
  readonly port: number
  readonly origin: string
  readonly connections: ServerConnection[]
  readonly requests: Received[]
  /** Resolves once a request came, or at once if one was not waited for yet. */
  next (): Promise<ServerConnection & Received>
  close (): Promise<void>
}

export type Script = (connection: ServerConnection, request: Received) => void

export interface ServerOptions {
  readonly secure?: boolean
  /** Where it listens, if not on a port. */
  readonly path?: string
  readonly host?: string
  readonly port?: number
}

/** A server on loopback that responds to each request by a script: with any bytes, or with none. */
export async function scriptedServer (t: Test, script: Script = () => {},
  options: ServerOptions = {}): Promise<ScriptedServer> {
  const connections: ServerConnection[] = []
  const requests: Received[] = []
  const unseen: (ServerConnection & Received)[] = []
  const waiting: ((request: ServerConnection & Received) => void)[] = []
  const server = createServer({ allowHalfOpen: true }, tcp => {
    const socket = options.secure === true ? new TLSSocket(tcp, { isServer: true, key: KEY, cert: CERTIFICATE }) : tcp
    const connection: ServerConnection = { socket, tcp }
    let text = ''
    let count = 0
    connections.push(connection)
    tcp.setNoDelay(true)
    for (const each of [tcp, socket]) each.on('error', () => {})
    socket.on('end', () => { if (options.secure === true) tcp.destroy() })
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      const received: Received = { total: requests.length, onConnection: count++, text }
      text = ''
      requests.push(received)
      const waiter = waiting.shift()
      if (waiter !== undefined) waiter({ ...connection, ...received })
      else unseen.push({ ...connection, ...received })
      script(connection, received)
    })
  })
  if (options.path !== undefined) server.listen(options.path)
  else server.listen(options.port ?? 0, options.host ?? '127.0.0.1')
  await once(server, 'listening')
  const { port = 0 } = server.address() as Partial<AddressInfo>
  const close = async (): Promise<void> => {
    for (const { tcp } of connections) tcp.destroy()
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    await closed
  }
  t.teardown(close)
  return {
    port,
    origin: `${options.secure === true ? 'https' : 'http'}://127.0.0.1:${port}`,
    connections,
    requests,
    next: () => {
      const seen = unseen.shift()
      return seen !== undefined ? Promise.resolve(seen) : new Promise(resolve => waiting.push(resolve))
    },
    close
  }
}

/** A response that leaves the connection open. */
export const response = (body: string, fields = ''): string =>
  `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`

export const respond = (body: string, fields = ''): Script =>
  ({ socket }) => { socket.write(response(body, fields), 'latin1') }

/** Another turn of the event loop: what was written to loopback has been read after it. */
export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

export async function turns (count: number): Promise<void> {
  for (let left = count; left > 0; left--) await turn()
}
