import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import httpProxy from '@fastify/http-proxy'
import Fastify, {
  type FastifyInstance,
  type FastifyPluginCallback,
  type FastifyServerOptions,
  type RouteOptions
} from 'fastify'
import type { Test } from 'tap'
import proxyServices, { type ProxyServicesOptions } from '../../../plugins/index.js'
import { listenOnLoopback } from '../../support/listen-on-loopback.js'
import { listenAtSocket, socketOrigin } from '../../support/http/socket.js'

/** What a back-end received. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** A back-end that echoes what it received, or responds as `behave` says. */
export class EchoBackend {
  readonly received: Received[] = []
  port = 0
  /** `http://host:port`, or that of a unix socket. */
  origin = ''
  readonly #events = new EventEmitter()
  readonly #behave: ((request: IncomingMessage, response: ServerResponse) => void) | undefined

  constructor (behave?: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#behave = behave
  }

  /** Resolves when the next request is here. */
  async nextRequest (): Promise<void> {
    await once(this.#events, 'request')
  }

  /** Resolves when the next response is over: whether its client left before its end. */
  async nextAbort (): Promise<boolean> {
    const [isAborted] = await once(this.#events, 'close')
    return isAborted
  }

  async listen (t: Test, isAtSocket = false): Promise<this> {
    const server = createServer((request, response) => {
      response.on('close', () => this.#events.emit('close', !response.writableEnded))
      const chunks: Buffer[] = []
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', () => {})
        .on('end', () => {
          const { method = '', url = '', headers, rawHeaders } = request
          const body = Buffer.concat(chunks).toString()
          this.received.push({ method, url, headers, rawHeaders, body })
          this.#events.emit('request')
          if (this.#behave !== undefined) return this.#behave(request, response)
          response.setHeader('Content-Type', 'text/plain')
          response.setHeader('X-Back-End', 'one')
          response.end(`${method} ${url} ${body}`)
        })
    })
    this.origin = isAtSocket ? socketOrigin(await listenAtSocket(t, server)) : await listenOnLoopback(t, server)
    this.port = Number(new URL(this.origin).port)
    return this
  }
}

/** An app with one proxy at `/services/P`, before `/base` of a back-end. */
export interface Side {
  readonly name: 'http-proxy' | 'proxy services'
  readonly app: FastifyInstance
  readonly backend: EchoBackend
}

export interface SideOptions {
  readonly server?: FastifyServerOptions
  /** Further options of a server of HTTP/2. */
  readonly http2?: object
  /** What the host adds before the proxy is registered. */
  readonly host?: (app: FastifyInstance) => unknown
  readonly behave?: (request: IncomingMessage, response: ServerResponse) => void
  /** The back-end listens at a unix socket. */
  readonly isAtSocket?: boolean
  /** Options of http-proxy, beside its addresses. */
  readonly reference?: { readonly httpMethods?: string[], readonly undici?: object }
  /** Options of this plugin, beside its definitions. */
  readonly own?: Partial<ProxyServicesOptions>
  /** Registers the proxies. Default: one in the app itself */
  readonly register?: (app: FastifyInstance, add: AddProxy) => Promise<void>
  /** Registering fails: the app is not started. */
  readonly isBroken?: boolean
  /** Lets clients upgrade to WebSocket; the back-end is this one instead of the echo. */
  readonly webSocketTo?: string
}

export interface ProxyAddress {
  /** Before `/services/NAME`. */
  readonly prefix?: string
  /** Default: P */
  readonly name?: string
  /** The path at the back-end. Default: `/base` */
  readonly base?: string
  readonly constraints?: NonNullable<RouteOptions['constraints']>
}

/** Registers a proxy in a scope. */
export type AddProxy = (scope: FastifyInstance, address?: ProxyAddress) => Promise<void>

const withHttpProxy =
  (upstream: string, { reference = {}, webSocketTo }: SideOptions): AddProxy =>
    async (scope, { prefix = '', name = 'P', base = '/base', constraints = {} } = {}) => {
      await scope.register(httpProxy, {
        ...reference,
        prefix: `${prefix}/services/${name}`,
        rewritePrefix: base,
        upstream,
        constraints,
        websocket: webSocketTo !== undefined
      })
    }

const withProxyServices =
  (upstream: string, { own = {}, webSocketTo }: SideOptions): AddProxy =>
    async (scope, { prefix, name = 'P', base = '/base', constraints } = {}) => {
      await scope.register(proxyServices, {
        ...(constraints !== undefined && { proxies: { [name]: { constraints } } }),
        ...own,
        ...(prefix !== undefined && { prefix }),
        definitions: {
          proxies: {
            [name]: { websocket: webSocketTo !== undefined, endpoint: { kind: 'address', uri: upstream + base } }
          }
        }
      })
    }

const inApp: NonNullable<SideOptions['register']> = async (app, add) => await add(app)

/** The same app twice: with `@fastify/http-proxy`, and with this plugin in its place. */
export async function sides (t: Test, options: SideOptions): Promise<[reference: Side, own: Side]> {
  const build = async (name: Side['name']): Promise<Side> => {
    const backend = await new EchoBackend(options.behave).listen(t, options.isAtSocket)
    const app = Fastify({ ...options.server, ...options.http2 })
    t.teardown(() => app.close())
    await options.host?.(app)
    const { webSocketTo, register = inApp } = options
    const upstream = webSocketTo ?? backend.origin
    await register(app, (name === 'http-proxy' ? withHttpProxy : withProxyServices)(upstream, options))
    if (options.isBroken !== true) await app.ready()
    return { name, app, backend }
  }
  return [await build('http-proxy'), await build('proxy services')]
}

/** Lets an app listen, unless it does. Returns its port. */
export async function listening (app: FastifyInstance): Promise<number> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

/** Whether all connections of clients are closed. */
export const hasNoClients = async ({ server }: Pick<FastifyInstance, 'server'>): Promise<boolean> =>
  await new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count === 0) : reject(error)))
  )

/** A response as it was on the wire. */
export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: string
  readonly text: string
}

/** Sends these bytes and returns the response when the connection ends, or when it is complete. */
export async function exchange ({ app }: Pick<Side, 'app'>, request: string | Buffer): Promise<WireResponse> {
  const socket = connect(await listening(app), '127.0.0.1')
  socket.setTimeout(60_000, () => socket.destroy())
  socket.write(request)
  let text = ''
  socket
    .on('data', chunk => {
      text += chunk.toString('latin1')
      if (isComplete(text)) socket.destroy()
    })
    .on('error', () => {})
  await once(socket, 'close')
  return parse(text)
}

/** http-proxy keeps the connection open, whatever the client asks for. */
function isComplete (text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))
  return length === null ? text.endsWith('0\r\n\r\n') : text.length >= end + 4 + Number(length[1])
}

function parse (text: string): WireResponse {
  const end = text.indexOf('\r\n\r\n')
  const [line = '', ...fields] = text.slice(0, end).split('\r\n')
  const headers: Record<string, string[]> = {}
  for (const field of fields) {
    const colon = field.indexOf(':')
    ;(headers[field.slice(0, colon).toLowerCase()] ??= []).push(field.slice(colon + 1).trim())
  }
  const body = text.slice(end + 4)
  return {
    status: Number(line.split(' ')[1] ?? 0),
    headers,
    body: headers['transfer-encoding'] === undefined ? body : unchunked(body),
    text
  }
}

function unchunked (body: string): string {
  let out = ''
  for (let at = 0; at < body.length;) {
    const line = body.indexOf('\r\n', at)
    const size = parseInt(body.slice(at, line), 16)
    if (!(size > 0)) break
    out += body.slice(line + 2, line + 2 + size)
    at = line + 2 + size + 2
  }
  return out
}

/** A plugin that is a development dependency; undefined where it is not installed. */
export async function optionalPlugin (name: string): Promise<FastifyPluginCallback<object> | undefined> {
  try {
    const { default: plugin } = (await import(name)) as { default: FastifyPluginCallback<object> }
    return plugin
  } catch {
    return undefined
  }
}
