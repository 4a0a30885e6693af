import { ServerResponse, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ClientUpgrade, isWebSocketUpgrade } from '../message/client-upgrade.js'
import { exchangesOn } from './client-connection.js'
import { rawHeadersKept } from './head-validation.js'

/** Where upgrades go. */
export interface UpgradeTarget {
  /** Handles a request like any other: hooks run, and may refuse it. */
  readonly route: (request: IncomingMessage, response: ServerResponse) => void
  /** Whether a path is one of a proxy, so that upgrades to it are not left to other listeners of the host. */
  readonly owns: (path: string) => boolean
}

/** How long a connection is kept for the end of its client, in milliseconds. */
const LINGER_MS = 5_000

const upgrades = new WeakMap<IncomingMessage, ClientUpgrade>()
const accepting = new WeakSet<object>()

/** Returns the upgrade that a request asks for; undefined: none, or its server does not accept upgrades. */
export const upgradeOf = (request: IncomingMessage): ClientUpgrade | undefined => upgrades.get(request)

/**
 * Takes the WebSocket upgrades of a server. Where the host has other listeners for upgrades, these come first, and only
 * the paths of proxies are taken. Requests that offer another protocol, such as h2c, are served without it.
 */
export function acceptUpgrades (server: Server, { route, owns }: UpgradeTarget): void {
  if (accepting.has(server)) return
  accepting.add(server)
  const isAlone = (): boolean => server.listenerCount('upgrade') === 1
  const decidesByRequest = withoutOtherProtocols(server, isAlone)
  server.prependListener('upgrade', (request, socket, head) => {
    if (!isWebSocketUpgrade(request)) {
      if (isAlone() && !decidesByRequest) serveWithoutUpgrade(server, request, socket, head)
      return
    }
    const alone = isAlone()
    if (!alone && !owns((request.url ?? '/').split('?', 1)[0]!)) return
    upgrades.set(request, new ClientUpgrade(socket, head))
    if (alone) dispatch(request, socket, route)
    else process.nextTick(dispatch, request, socket, route)
  })
}

function dispatch (request: IncomingMessage, socket: Duplex, route: UpgradeTarget['route']): void {
  if (socket.destroyed) return
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  try {
    response.assignSocket(socket as Socket)
  } catch {
    // Another listener has dispatched the request, or a request before it has no response yet.
    if (hasEarlierExchanges(request)) exchangesOn(request.socket).at(-1)!.response.once('close', () => socket.destroy())
    return
  }
  response.once('finish', () => endAfterClient(socket))
  route(request, response)
}

/** After its last response a connection is read until the client ends it too, so that nothing on its way is lost. */
function endAfterClient (socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('close', () => clearTimeout(timer))
  socket.end()
  socket.resume()
}

const hasEarlierExchanges = (request: IncomingMessage): boolean =>
  exchangesOn(request.socket).some(each => each.request !== request)

type DecidingServer = Server & { shouldUpgradeCallback?: (request: IncomingMessage) => boolean }

/**
 * Lets Node itself leave other protocols out, where its version asks for each request. Returns whether it does.
 * @see Node.js 24.9, http.createServer, shouldUpgradeCallback
 */
function withoutOtherProtocols (server: DecidingServer, isAlone: () => boolean): boolean {
  const before = server.shouldUpgradeCallback
  if (typeof before !== 'function') return false
  server.shouldUpgradeCallback = request => isAlone() ? isWebSocketUpgrade(request) : before.call(server, request)
  return true
}

/**
 * Node has stopped to read HTTP, so the request is put back in front of its connection without the offer to switch.
 * A server may ignore that offer. @see RFC 9110, section 7.8
 */
function serveWithoutUpgrade (server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request
  // Node has left headers out, perhaps those of the framing.
  if (rawHeaders.length >= rawHeadersKept(request.socket)) {
    socket.destroy()
    return
  }
  // Its response could not follow that of a request before it: a new parser does not know their order.
  const before = exchangesOn(request.socket).at(-1)
  if (before !== undefined) {
    before.response.once('close', () => socket.destroy())
    return
  }
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (/^(?:upgrade|http2-settings)$/i.test(name)) continue
    const isConnection = /^connection$/i.test(name)
    const value = isConnection ? withoutOffer(rawHeaders[at + 1]!) : rawHeaders[at + 1]!
    if (!isConnection || value !== '') text += `${name}: ${value}\r\n`
  }
  socket.removeAllListeners('timeout')
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]))
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
}

const withoutOffer = (connection: string): string =>
  connection.split(',').map(each => each.trim()).filter(each => !/^(?:upgrade|http2-settings)$/i.test(each)).join(', ')
