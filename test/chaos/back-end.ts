import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Sight } from './history.js'
import { checksumOf, readOrder, writeAnswer, type Order } from './message.js'

/**
 * How a back-end treats the orders that it reads. well: answers. refuse: resets at the head. reset: reads all, then
 * resets. hang up: reads all, then ends without an answer. garble: answers what is no HTTP. cut: ends in the middle of
 * its answer. slow: answers late, by as many milliseconds. deaf: reads nothing and says nothing until it is well
 * again. stale, stale-reset: answers, and ends each connection (by FIN or RST) when it has been idle for a moment.
 */
export type Mood =
  | { readonly kind: 'well' | 'refuse' | 'reset' | 'hang up' | 'garble' | 'cut' | 'deaf' | 'stale' | 'stale-reset' }
  | { readonly kind: 'slow'; readonly by: number }

export interface BackEnd {
  readonly port: number
  feel (mood: Mood): void
  /** Resets all connections that there are. */
  drop (): void
  /** Closes idle connections. Returns how many connections are left. */
  closeIdle (): number
  /** Ends it, and all its connections. */
  close (): Promise<void>
}

/** Which service's back-ends name sessions of their own, in a cookie. */
export const NAMES_SESSIONS = 'Named'

/** After so many idle milliseconds a stale connection ends: about when the next order comes. */
const IDLE_END = 20

/**
 * The largest answer behind which a connection may end, in bytes: it is at the other side's system once it is written,
 * and a reset takes nothing of it away.
 */
const DELIVERED = 32_768

/**
 * @param life which of its lives this is: of the sessions of an earlier one it knows nothing
 * @param mood how it begins
 */
export async function openBackEnd (
  name: string,
  life: number,
  host: string,
  port: number,
  saw: (sight: Sight) => void,
  mood: Mood = { kind: 'well' }
): Promise<BackEnd> {
  let sessions = 0
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()
  /** Connections that never had an order: for node they are not idle yet. */
  const unused = new Set<Socket>()
  const idleEnds = new Map<Socket, NodeJS.Timeout>()
  /** The last answer of a connection. The next order may come before node says that the answer is written. */
  const latest = new WeakMap<Socket, ServerResponse>()
  const note = (what: Sight['what'], id: string): void => saw({ at: Date.now(), from: name, id, what })

  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, async (request, response) => {
    unused.delete(request.socket)
    clearTimeout(idleEnds.get(request.socket))
    latest.set(request.socket, response)
    response.on('error', () => {})
    const id = String(request.headers['x-order'])
    if (mood.kind === 'deaf') await new Promise<void>(resolve => waiting.add(resolve))
    const text = mood.kind === 'refuse' ? undefined : await textOf(request)
    if (text === undefined) {
      request.socket.resetAndDestroy()
      return
    }
    const order = readOrder(text)
    note(order?.id === id ? 'taken' : 'odd', id)
    if (order === undefined) response.writeHead(400).end()
    else if (order.poison) request.socket.destroy()
    else if (mood.kind === 'reset') request.socket.resetAndDestroy()
    else if (mood.kind === 'hang up') request.socket.end()
    else if (mood.kind === 'garble') request.socket.end('this is not HTTP at all\r\n\r\n')
    else {
      const late = order.takes + (mood.kind === 'slow' ? mood.by : 0)
      if (late > 0) await new Promise(resolve => setTimeout(resolve, late))
      if ((mood.kind === 'stale' || mood.kind === 'stale-reset') && order.answerSize <= DELIVERED) {
        endIdle(request.socket, response, mood.kind)
      }
      await answer(order, request, response)
    }
  })

  /** A connection that closes with bytes unread resets by itself, as that of any server does. */
  function endIdle (socket: Socket, response: ServerResponse, kind: 'stale' | 'stale-reset'): void {
    const end = (): unknown => kind === 'stale' ? socket.destroy() : socket.resetAndDestroy()
    response.once('finish', () => {
      if (latest.get(socket) === response) idleEnds.set(socket, setTimeout(end, IDLE_END))
    })
  }

  async function answer (order: Order, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const cookie = order.service === NAMES_SESSIONS ? cookieFor(order.id, request) : undefined
    const bytes = Buffer.from(writeAnswer(order, name, checksumOf(order)))
    response.writeHead(order.status, {
      'Content-Type': 'application/soap+xml; charset=UTF-8',
      'X-Order': order.id,
      'X-From': name,
      ...(cookie !== undefined && { 'Set-Cookie': `JSESSIONID=${cookie}; Path=/; HttpOnly` }),
      ...(!order.answerChunked && { 'Content-Length': bytes.length })
    })
    if (mood.kind === 'cut') {
      // In the middle, or before the proxy has seen what it reads of an answer.
      const end = order.answerSize % 2 === 0 ? bytes.length >> 1 : 20
      response.write(bytes.subarray(0, end), () => response.socket?.destroy())
      note('cut', order.id)
    } else if (order.answerChunked) {
      for (let at = 0; at < bytes.length; at += 16_384) response.write(bytes.subarray(at, at + 16_384))
      response.end()
    } else response.end(bytes)
  }

  /** A session to be told to the client, unless it brought one of ours. */
  function cookieFor (id: string, { headers: { cookie = '' } }: IncomingMessage): string | undefined {
    const [, by, inLife] = /(?:^|; )JSESSIONID=(\w+)\.(\d+)\./.exec(cookie) ?? []
    if (by !== undefined && by !== name) note('foreign', id)
    return by === name && Number(inLife) === life ? undefined : `${name}.${life}.${++sessions}`
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
  const feel = (next: Mood): void => {
    mood = next
    for (const go of waiting) go()
    waiting.clear()
  }
  await once(server.listen(port, host), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    feel,
    drop: () => {
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
      feel({ kind: 'refuse' })
      await closed
    }
  }
}

/** Undefined: it broke off. */
async function textOf (request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString()
  } catch {
    return undefined
  }
}
