import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { hostOf } from './member.js'

/**
 * How a back-end of a case treats its requests. `reset`: reads them, then resets the connection. `frozen`: accepts
 * connections and reads, and responds once it is healthy again.
 */
export type MemberBehaviour = 'healthy' | 'reset' | 'frozen'

/** When an idle connection ends, in milliseconds, and how. */
export interface IdleEnd {
  readonly after: number
  readonly by: 'fin' | 'reset'
}

/** A request with this in its path makes each back-end close the connection without a response. */
export const POISON = 'poison'
/** The path of health checks. They are not counted as requests. */
export const HEALTH = '/health'

/** A back-end of a case: in this process, at an address of its own. */
export class CaseMember {
  readonly name: string
  readonly host: string
  /** When it received its requests, in milliseconds since 1970. */
  readonly received: number[] = []
  idleEnd: IdleEnd | undefined
  /** How long each response takes, in milliseconds. */
  delay = 0
  port = 0
  #behaviour: MemberBehaviour = 'healthy'
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  readonly #waiting = new Set<() => void>()
  readonly #idleTimers = new WeakMap<Socket, NodeJS.Timeout>()

  constructor (number: number) {
    this.name = `m${number}`
    this.host = hostOf(number)
  }

  get origin (): string {
    return `http://${this.host}:${this.port}`
  }

  get behaviour (): MemberBehaviour {
    return this.#behaviour
  }

  set behaviour (behaviour: MemberBehaviour) {
    this.#behaviour = behaviour
    if (behaviour === 'frozen') return
    for (const resume of this.#waiting) resume()
    this.#waiting.clear()
  }

  /** Listens, at the port that it had before. @param port the port if it had none. 0: any */
  async start (port = 0): Promise<void> {
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      void this.#serve(request, response)
    })
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {})
    })
    server.listen(this.port || port, this.host)
    await once(server, 'listening')
    this.port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Refuses connections, and ends the open ones. */
  async stop (): Promise<void> {
    const server = this.#server
    if (server?.listening !== true) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    this.behaviour = 'healthy'
    await closed
  }

  async #serve (request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume().on('error', () => {})
    response.on('error', () => {})
    await once(request, 'end').catch(() => {})
    if (request.url !== HEALTH) this.received.push(Date.now())
    if (this.#behaviour === 'frozen') await new Promise<void>(resolve => this.#waiting.add(resolve))
    if (request.url === HEALTH) {
      response.end()
      return
    }
    const { socket } = request
    if (this.#behaviour === 'reset') {
      socket.resetAndDestroy()
      return
    }
    if (request.url?.includes(POISON) === true) {
      socket.end()
      return
    }
    if (this.delay > 0) await new Promise(resolve => setTimeout(resolve, this.delay))
    response.setHeader('X-From', this.name).end('ok')
    if (this.idleEnd !== undefined) this.#endIdle(socket, this.idleEnd)
  }

  #endIdle (socket: Socket, { after, by }: IdleEnd): void {
    clearTimeout(this.#idleTimers.get(socket))
    this.#idleTimers.set(
      socket,
      setTimeout(() => {
        if (by === 'fin') socket.end()
        else socket.resetAndDestroy()
      }, after)
    )
  }
}
