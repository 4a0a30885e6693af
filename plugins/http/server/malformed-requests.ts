import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { exchangesOn } from './client-connection.js'
import type { Exchange } from './exchange.js'

const guarded = new WeakSet<object>()
/** Connections on which the last response is on its way; what their clients still send is ignored. */
const ending = new WeakSet<Socket>()

/**
 * Lets requests that were accepted have their own responses, whatever bytes their client sends after them: the
 * connection ends after the last of these responses. All other errors of clients go to the present handlers.
 * @see RFC 9112, section 9.6
 */
export function serveAcceptedFirst (server: Pick<Server, 'listeners' | 'removeAllListeners' | 'on'>): void {
  if (guarded.has(server)) return
  guarded.add(server)
  const handlers = server.listeners('clientError')
  if (handlers.length === 0) return
  server.removeAllListeners('clientError')
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (endsAfterResponses(error, socket as Socket)) return
    for (const each of handlers) each.call(server, error, socket)
  })
}

/** Whether there is a response to wait for. A request whose body is what is wrong gets none. */
function endsAfterResponses (error: NodeJS.ErrnoException, socket: Socket): boolean {
  if (ending.has(socket)) return true
  if (error.code === 'ECONNRESET' || socket.destroyed) return false
  const exchanges = exchangesOn(socket)
  const accepted = exchanges.filter(isComplete)
  const last = accepted.at(-1)
  if (last === undefined) return false
  ending.add(socket)
  for (const each of exchanges) if (!isComplete(each)) each.close()
  const { response } = last
  if (!response.headersSent) response.shouldKeepAlive = false
  response.once('close', () => socket.destroySoon())
  return true
}

const isComplete = ({ request, upload }: Exchange): boolean => request.complete && upload?.unfinished !== true
