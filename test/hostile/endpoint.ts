import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import { MessageReader, valuesOf, type HttpMessage } from './http-message.js'
import type { WireRow } from './row.js'
import { runSteps } from './run-steps.js'

/** What one row has done to an endpoint. */
export class Arrivals {
  readonly requests: HttpMessage[] = []
  readonly violations: string[] = []
  /** Whether the gateway has closed the connection of the last request. */
  cut = false
  readonly #waiting = new Set<() => void>()

  add (request: HttpMessage): void {
    this.requests.push(request)
    this.changed()
  }

  changed (): void {
    for (const check of this.#waiting) check()
  }

  reached (count: number): Promise<void> {
    return new Promise(resolve => {
      const check = (): void => {
        if (this.requests.length < count) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }
}

/**
 * Where a request says which row it is: in its path, or, where SOAP has no path after its service, in the header
 * X-Row.
 */
const ROW = /\/r\/([\w.-]+)/

/** An endpoint made of bare connections: it reads strictly, notes what each row sends, and does what the row says. */
export class Endpoint {
  readonly name: string
  readonly arrivals = new Map<string, Arrivals>()
  /** Requests, and broken bytes, that belong to no row. */
  readonly strays: string[] = []
  readonly #rows: ReadonlyMap<string, WireRow>
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor (name: string, rows: ReadonlyMap<string, WireRow>, tls: boolean) {
    this.name = name
    this.#rows = rows
    this.#server = tls
      ? createTlsServer({ key: KEY, cert: CERTIFICATE }, socket => this.#accept(socket)).on(
        'tlsClientError',
        () => {}
      )
      : createServer({ noDelay: true, allowHalfOpen: false }, socket => this.#accept(socket))
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket))
    })
  }

  static async open (name: string, rows: ReadonlyMap<string, WireRow> = new Map(), tls = false): Promise<Endpoint> {
    const endpoint = new Endpoint(name, rows, tls)
    await once(endpoint.#server.listen(0, '127.0.0.1'), 'listening')
    return endpoint
  }

  get port (): number {
    return (this.#server.address() as AddressInfo).port
  }

  get connections (): number {
    return this.#sockets.size
  }

  of (row: string): Arrivals {
    const known = this.arrivals.get(row)
    if (known !== undefined) return known
    const arrivals = new Arrivals()
    this.arrivals.set(row, arrivals)
    return arrivals
  }

  async close (): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(setImmediate)
  }

  #accept (socket: Socket): void {
    let current: Arrivals | undefined
    let row: WireRow | undefined
    let done = Promise.resolve()
    const serve = (request: HttpMessage, rowOfIt: WireRow | undefined): void => {
      const steps = rowOfIt?.endpoint ?? [this.#usual(request)]
      done = done.then(() => runSteps(socket, steps)).catch(() => {})
    }
    const reader = new MessageReader(false, {
      onHead: request => {
        const id = ROW.exec(request.start)?.[1] ?? valuesOf(request, 'x-row')[0]
        row = id === undefined ? undefined : this.#rows.get(id)
        current = id === undefined ? undefined : this.of(id)
        if (current === undefined) {
          if (this.#rows.size > 0) this.strays.push(request.start)
        } else current.add(request)
        if (row?.at === 'head') serve(request, row)
      },
      onEnd: request => {
        current?.changed()
        if (row?.at !== 'head') serve(request, row)
      }
    })
    socket.on('error', () => {})
    socket.on('data', chunk => {
      if (reader.problem !== undefined) return
      reader.push(chunk.toString('latin1'))
      if (reader.problem === undefined) return
      const id = ROW.exec(chunk.toString('latin1'))?.[1]
      if (current === undefined && id !== undefined && this.#rows.has(id)) current = this.of(id)
      if (current === undefined) this.strays.push(reader.problem)
      else current.violations.push(reader.problem)
      socket.destroy()
    })
    socket.on('close', () => {
      reader.settle()
      if (current !== undefined) current.cut = true
    })
  }

  #usual ({ start, body }: HttpMessage): string {
    const text = `${this.name} ${start.split(' ')[1]} ${body.length}`
    const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Endpoint: ${this.name}\r\nContent-Length: ${text.length}\r\n\r\n`
    return start.startsWith('HEAD ') ? head : head + text
  }
}
