import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Observation } from './history.js'
import { checksumOf, readOrder, writeResponse, type Order } from './message.js'

/**
 * How a back-end treats the orders that it reads. `healthy`: responds. `refuse`: resets at the head. `reset`: reads
 * all, then resets. `close`: reads all, then ends without a response. `not-http`: sends bytes that are not HTTP.
 * `truncate`: ends in the middle of its response. `slow`: responds late, by as many milliseconds. `unresponsive`: reads
 * nothing and sends nothing until it is healthy again. `stale`, `stale-reset`: responds, and ends each connection (by
 * FIN or RST) when it has been idle for a moment.
 */
export type Behaviour =
  | { readonly kind: 'healthy' | 'refuse' | 'reset' | 'close' | 'not-http' | 'truncate' | 'unresponsive' }
  | { readonly kind: 'stale' | 'stale-reset' }
  | { readonly kind: 'slow'; readonly by: number }

export interface BackEnd {
  readonly port: number
  behave (behaviour: Behaviour): void
  /** Resets all open connections. */
  resetAll (): void
  /** Closes idle connections. Returns how many connections are left. */
  closeIdle (): number
  /** Ends it, and all its connections. */
  close (): Promise<void>
}

/** The service whose back-ends name their sessions in a cookie. */
export const COOKIE_SERVICE = 'Named'

/** A stale connection ends after this idle time: about when the next order arrives. */
const IDLE_END_MS = 20

/**
 * The largest response after which a connection may end, in bytes: the kernel of the other side has it once it is
 * written, and a reset loses nothing of it.
 */
const MAX_DELIVERED = 32_768

/**
 * @param incarnation how often it has started: the sessions of an earlier start are lost
 * @param behaviour how it behaves at first
 */
export async function openBackEnd (
  name: string,
  incarnation: number,
  host: string,
  port: number,
  observe: (observation: Observation) => void,
  behaviour: Behaviour = { kind: 'healthy' }
): Promise<BackEnd> {
  let sessions = 0
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()
  /** Connections that never carried an order: Node does not count them as idle. */
  const unused = new Set<Socket>()
  const idleEnds = new Map<Socket, NodeJS.Timeout>()
  /** The last response of a connection. The next order may arrive before Node reports the response as written. */
  const latest = new WeakMap<Socket, ServerResponse>()
  const note = (kind: Observation['kind'], id: string): void => observe({ at: Date.now(), from: name, id, kind })

  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, async (request, response) => {
    unused.delete(request.socket)
    clearTimeout(idleEnds.get(request.socket))
    latest.set(request.socket, response)
    response.on('error', () => {})
    const id = String(request.headers['x-order'])
    if (behaviour.kind === 'unresponsive') await new Promise<void>(resolve => waiting.add(resolve))
    const text = behaviour.kind === 'refuse' ? undefined : await textOf(request)
    if (text === undefined) {
      request.socket.resetAndDestroy()
      return
    }
    const order = readOrder(text)
    note(order?.id === id ? 'taken' : 'malformed', id)
    if (order === undefined) response.writeHead(400).end()
    else if (order.poison) request.socket.destroy()
    else if (behaviour.kind === 'reset') request.socket.resetAndDestroy()
    else if (behaviour.kind === 'close') request.socket.end()
    else if (behaviour.kind === 'not-http') request.socket.end('this is not HTTP at all\r\n\r\n')
    else {
      const delay = order.delay + (behaviour.kind === 'slow' ? behaviour.by : 0)
      if (delay > 0) await new Promise(resolve => setTimeout(resolve, delay))
      if ((behaviour.kind === 'stale' || behaviour.kind === 'stale-reset') && order.responseSize <= MAX_DELIVERED) {
        endIdle(request.socket, response, behaviour.kind)
      }
      await respond(order, request, response)
    }
  })

  /** A connection that closes with unread bytes resets by itself, as that of any server does. */
  function endIdle (socket: Socket, response: ServerResponse, kind: 'stale' | 'stale-reset'): void {
    const end = (): unknown => kind === 'stale' ? socket.destroy() : socket.resetAndDestroy()
    response.once('finish', () => {
      if (latest.get(socket) === response) idleEnds.set(socket, setTimeout(end, IDLE_END_MS))
    })
  }

  async function respond (order: Order, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const cookie = order.service === COOKIE_SERVICE ? cookieFor(order.id, request) : undefined
    const bytes = Buffer.from(writeResponse(order, name, checksumOf(order)))
    response.writeHead(order.status, {
      'Content-Type': 'application/soap+xml; charset=UTF-8',
      'X-Order': order.id,
      'X-From': name,
      ...(cookie !== undefined && { 'Set-Cookie': `JSESSIONID=${cookie}; Path=/; HttpOnly` }),
      ...(!order.responseChunked && { 'Content-Length': bytes.length })
    })
    if (behaviour.kind === 'truncate') {
      // In the middle, or before the proxy has as much of the response as it reads.
      const end = order.responseSize % 2 === 0 ? bytes.length >> 1 : 20
      response.write(bytes.subarray(0, end), () => response.socket?.destroy())
      note('truncated', order.id)
    } else if (order.responseChunked) {
      for (let at = 0; at < bytes.length; at += 16_384) response.write(bytes.subarray(at, at + 16_384))
      response.end()
    } else response.end(bytes)
  }

  /** The session id for the client; undefined: the request has one of this back-end. */
  function cookieFor (id: string, { headers: { cookie = '' } }: IncomingMessage): string | undefined {
    const [, by, inLife] = /(?:^|; )JSESSIONID=(\w+)\.(\d+)\./.exec(cookie) ?? []
    if (by !== undefined && by !== name) note('foreign-session', id)
    return by === name && Number(inLife) === incarnation ? undefined : `${name}.${incarnation}.${++sessions}`
  }

  server.on('connection', socket => {
    sockets.add(socket)
    unused.add(socket)
    socket
      .on('error', () => {})
      .on('close', () => {
        sockets.delete(socket)
        unused.delete(socket)
        clearTimeout(idleEnds.get(socket))
        idleEnds.delete(socket)
      })
  })
  server.on('clientError', (_, socket) => socket.destroy())
  const behave = (next: Behaviour): void => {
    behaviour = next
    for (const go of waiting) go()
    waiting.clear()
  }
  await once(server.listen(port, host), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    behave,
    resetAll: () => {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    closeIdle () {
      server.closeIdleConnections()
      for (const socket of unused) socket.destroy()
      return sockets.size
    },
    async close () {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      behave({ kind: 'refuse' })
      await closed
    }
  }
}

/** The body; undefined: it is truncated. */
async function textOf (request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString()
  } catch {
    return undefined
  }
}
