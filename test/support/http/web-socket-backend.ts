import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'

/**
 * A back-end on loopback that accepts WebSockets and echoes their messages after its name, or does as `behave` says.
 */
export interface WebSocketBackend {
  readonly port: number
  readonly uri: string
  /** Requests for upgrades, in their order. */
  readonly upgrades: IncomingMessage[]
  /** Requests without an upgrade. */
  readonly plain: IncomingMessage[]
  readonly open: ReadonlySet<WebSocket>
  /** The codes with which WebSockets were closed. */
  readonly closeCodes: number[]
}

export async function webSocketBackend (
  t: Test,
  name: string,
  behave?: (request: IncomingMessage, socket: Duplex) => boolean | undefined
): Promise<WebSocketBackend> {
  const upgrades: IncomingMessage[] = []
  const plain: IncomingMessage[] = []
  const closeCodes: number[] = []
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: protocols => (protocols.has('chat') ? 'chat' : false)
  })
  webSockets.on('headers', headers => headers.push('Set-Cookie: sid=of-' + name))
  const server = createServer((request, response) => {
    plain.push(request)
    response.end(name)
  })
  server.on('upgrade', (request, socket, head) => {
    upgrades.push(request)
    socket.on('error', () => {})
    if (behave?.(request, socket) === true) return
    webSockets.handleUpgrade(request, socket, head, webSocket => {
      webSocket.on('message', (data, isBinary) => {
        webSocket.send(isBinary ? data : `${name}: ${String(data)}`, { binary: isBinary })
      })
      webSocket.on('close', code => closeCodes.push(code))
      webSocket.on('error', () => {})
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    for (const each of webSockets.clients) each.terminate()
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { port, uri: `http://127.0.0.1:${port}/${name}`, upgrades, plain, open: webSockets.clients, closeCodes }
}

/** Opens a WebSocket, which ends with the test. */
export async function open (
  t: Test,
  url: string,
  { protocols = [], headers = {} }: { protocols?: string[]; headers?: Record<string, string> } = {}
): Promise<WebSocket> {
  const webSocket = new WebSocket(url.replace(/^http/, 'ws'), protocols, { headers })
  t.teardown(() => webSocket.terminate())
  await once(webSocket, 'open')
  return webSocket
}

/** The status with which an upgrade is refused, and what comes with it. */
export async function refusal (
  t: Test,
  url: string,
  headers: Record<string, string> = {}
): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }> {
  const webSocket = new WebSocket(url.replace(/^http/, 'ws'), { headers })
  webSocket.on('error', () => {})
  t.teardown(() => webSocket.terminate())
  const [, response] = (await once(webSocket, 'unexpected-response')) as [unknown, IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode!, headers: response.headers, body }
}

/** Sends a text and returns the next message. */
export async function roundTrip (webSocket: WebSocket, text: string | Buffer): Promise<string> {
  const response = once(webSocket, 'message')
  webSocket.send(text)
  return String((await response)[0])
}
