import { createServer, type IncomingMessage, type RequestListener, type Server as HttpServer } from 'node:http'
import { type AddressInfo, connect, createServer as createRawServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Test } from 'tap'
import { MediationError, type Fault } from '../../../lib/message/fault.js'
import type { Forward, ForwardOutcome } from '../../../lib/contracts/flow.js'
import type { Message, ReadDepth } from '../../../lib/message/message.js'
import { BufferBudget } from '../../../plugins/http/message/buffer-budget.js'
import { Exchange } from '../../../plugins/http/server/exchange.js'
import { loadTransport, type UpstreamClientName } from '../../../plugins/http/upstream/load-transport.js'
import type { UpstreamDispatcher } from '../../../plugins/http/upstream/upstream-dispatcher.js'
import { createForwarder, type Forwarder } from '../../../plugins/http/upstream/forwarder.js'
import { LIMITS, type Limits } from '../../../plugins/http/message/limits.js'
import { receiveRequest } from '../../../plugins/http/server/receive-request.js'
import { sendResponse } from '../../../plugins/http/server/send-response.js'

export interface BareProxyOptions {
  /** Tried in turn while a failure may be repeated. */
  readonly origins?: readonly string[]
  readonly request?: ReadDepth
  readonly response?: ReadDepth
  readonly timeout?: number
  readonly verify?: boolean
  /** As for a group with `retry="unsent"`. */
  readonly unsentOnly?: boolean
  readonly limits?: Partial<Limits>
  /** Default: what the environment variable UPSTREAM_CLIENT names, else `own` */
  readonly upstreamClient?: UpstreamClientName | UpstreamDispatcher
  /** Instead of `origins`: what is done with a message. */
  readonly handle?: (self: BareProxy, message: Message, exchange: Exchange) => Promise<Message>
}

/** A proxy without a framework: receive, forward, reply. */
export interface BareProxy {
  readonly port: number
  readonly budget: BufferBudget
  readonly forwarder: Forwarder
  /** What came of each request, in order. */
  readonly messages: Message[]
  readonly outcomes: ForwardOutcome[]
  readonly errors: unknown[]
  readonly exchanges: Exchange[]
  readonly unrepeatable: Array<{ call: Forward; reason: Fault }>
  /** Origins of reused connections that had ended. */
  readonly stale: string[]
  call(origin: string, message: Message): Forward
  /** Resolves with the next error, or the next outcome. */
  nextError(): Promise<unknown>
  nextOutcome(): Promise<ForwardOutcome>
}

export async function bareProxy (t: Test, options: BareProxyOptions): Promise<BareProxy> {
  const { request: need = 'nothing', response = 'nothing', timeout = 0, verify = true, origins = [] } = options
  const limits: Limits = { ...LIMITS, ...options.limits }
  const budget = new BufferBudget(limits.bufferBudget)
  const unrepeatable: BareProxy['unrepeatable'] = []
  const stale: string[] = []
  const named = process.env['UPSTREAM_CLIENT'] === 'undici' ? 'undici' : 'own'
  const forwarder = createForwarder({
    limits,
    budget,
    openTransport: await loadTransport(options.upstreamClient ?? named),
    onRetryImpossible: (call, reason) => unrepeatable.push({ call, reason }),
    onStale: ({ origin }) => stale.push(origin)
  })
  const waiting: { error: Array<(error: unknown) => void>; outcome: Array<(outcome: ForwardOutcome) => void> } = {
    error: [],
    outcome: []
  }
  const server = createServer((request, reply) => {
    serve(request, reply).catch(error => {
      throw error
    })
  })
  const port = await listen(t, server)
  t.teardown(() => forwarder.close(0))

  const self: BareProxy = {
    port,
    budget,
    forwarder,
    messages: [],
    outcomes: [],
    errors: [],
    exchanges: [],
    unrepeatable,
    stale,
    call: (origin, message) => ({
      kind: 'forward',
      endpointName: 'endpoint',
      origin,
      path: message.path + message.query,
      message,
      options: { timeout, verify },
      unsentOnly: options.unsentOnly
    }),
    nextError: () => new Promise(resolve => waiting.error.push(resolve)),
    nextOutcome: () => new Promise(resolve => waiting.outcome.push(resolve))
  }

  async function through (message: Message, exchange: Exchange): Promise<Message> {
    if (options.handle !== undefined) return await options.handle(self, message, exchange)
    for (const origin of origins) {
      const outcome = await forwarder.forward(self.call(origin, message), exchange, response)
      self.outcomes.push(outcome)
      waiting.outcome.shift()?.(outcome)
      if (outcome.kind === 'answered') return outcome.message
      if (outcome.kind === 'failed' && outcome.retry === 'none') throw new MediationError(outcome.fault)
    }
    const last = self.outcomes.at(-1)
    throw last === undefined || last.kind === 'answered'
      ? new Error('no endpoint to call')
      : new MediationError(last.fault)
  }

  const serve: (...args: Parameters<RequestListener>) => Promise<void> = async (raw, response_) => {
    const exchange = new Exchange(raw, response_, { budget })
    self.exchanges.push(exchange)
    const at = raw.url!.indexOf('?')
    const path = at < 0 ? raw.url! : raw.url!.slice(0, at)
    try {
      const received = receiveRequest(exchange, {
        readDepth: need,
        path,
        query: at < 0 ? '' : raw.url!.slice(at),
        limits
      })
      const message = received instanceof Promise ? await received : received
      self.messages.push(message)
      sendResponse(exchange, await through(message, exchange))
    } catch (error) {
      self.errors.push(error)
      waiting.error.shift()?.(error)
      if (error instanceof MediationError) {
        sendResponse(
          exchange,
          made(error.fault.status ?? 502, ['X-Code', String(error.fault.code)], error.fault.reason)
        )
      } else if (!exchange.disconnected) sendResponse(exchange, made(500, [], String(error)))
    }
  }
  return self
}

/** A response made here. */
export const made = (status: number, headers: string[], text: string): Message => ({
  direction: 'response',
  method: '',
  path: '',
  query: '',
  status,
  headers,
  addressing: {},
  properties: {},
  axis2: {},
  read: false,
  body: text === '' ? { kind: 'none' } : { kind: 'bytes', bytes: Buffer.from(text) }
})

/** A message on its way to an endpoint that no test connects to. */
export const FORWARD: Forward = {
  kind: 'forward',
  endpointName: 'E',
  origin: 'http://e.test',
  path: '/',
  message: made(200, [], 'x'),
  options: { timeout: 0, verify: true }
}

export const origin = (port: number): string => `http://127.0.0.1:${port}`

async function listen (t: Test, server: Server | HttpServer): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(
    () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
  )
  return (server.address() as AddressInfo).port
}

/** A back-end that serves HTTP. */
export const backend = (t: Test, listener: RequestListener): Promise<number> => listen(t, createServer(listener))

/** A back-end whose connections the test handles. `pauseOnConnect`: it does not even read. */
export const rawBackend = (
  t: Test,
  onConnection: (socket: Socket) => void,
  pauseOnConnect = false
): Promise<number> => listen(t, createRawServer({ pauseOnConnect, noDelay: true }, onConnection))

/** The connection of a client that counts and says each byte itself. */
export interface Wire {
  readonly socket: Socket
  /** Everything received, as Latin-1. */
  text: string
  readonly closed: Promise<void>
  /** Resolves when what was received satisfies this; rejects if the connection ends before. */
  until(seen: (text: string) => boolean): Promise<string>
}

export function wire (t: Test, port: number, request: string | Buffer): Wire {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  t.teardown(() => socket.destroy())
  const checks = new Set<() => void>()
  const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
  const self: Wire = {
    socket,
    text: '',
    closed,
    until: seen =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!seen(self.text)) return
          checks.delete(check)
          resolve(self.text)
        }
        checks.add(check)
        check()
        closed.then(() => {
          if (checks.has(check)) reject(new Error(`closed after: ${self.text.slice(0, 2000)}`))
        })
      })
  }
  socket.on('data', chunk => {
    self.text += chunk.toString('latin1')
    for (const check of checks) check()
  })
  socket.on('error', () => {})
  socket.write(request)
  return self
}

/** Whether a whole response with a Content-Length, or with chunks, is there. */
export function whole (text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))
  return length === null ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + Number(length[1])
}

export const post = (body: string, headers = ''): string =>
  `POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** All of a request's body, at a back-end. */
export async function bodyOf (request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('latin1')) text += chunk
  return text
}

/** A promise and how to resolve it. */
export function promised<T = void> (): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  return {
    promise: new Promise<T>(_resolve => {
      resolve = _resolve
    }),
    resolve
  }
}

/** A SOAP message of about this size. */
export function envelope (size: number, header = ''): string {
  const [start, end] = [
    `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>${header}</e:Header><e:Body>`,
    '</e:Body></e:Envelope>'
  ]
  return start + 'x'.repeat(Math.max(0, size - start.length - end.length)) + end
}
