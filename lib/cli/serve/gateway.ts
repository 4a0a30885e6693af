import { createServer, type Server as SecureServer } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import proxyServices, { type AppPhase, type ProxyServicesOptions } from '../../../plugins/index.js'
import { spreadRequestBursts } from '../../../plugins/http/server/request-bursts.js'
import { serveAcceptedFirst } from '../../../plugins/http/server/malformed-requests.js'
import { serveHalfClosedClients } from '../../../plugins/http/server/half-closed-clients.js'
import type { WorkersOfGateway } from '../../../plugins/admin/admin.js'
import { withoutCompilers } from '../../../plugins/admin/contract/schema-compilers.js'
import { ownHook } from '../../../plugins/gateway/request/route-hooks.js'
import { closeWebSockets, serveWebSockets } from '../../../plugins/gateway/web-sockets.js'
import { endpointRegistry } from '../../../plugins/gateway/state/endpoint-registry.js'
import type { Registry } from '../../state/registry.js'
import { omitUndefined } from '../../contracts/fields.js'
import type { ServerCertificates } from '../../../plugins/tls/server-certificates.js'
import type { ServerTls } from '../../../plugins/tls/server-tls.js'
import { startAdmin, type AdminPort } from './admin-port.js'
import { refuse, withoutRequestLines } from './gateway-log.js'
import { makeChildrenLazily } from './lazy-log.js'
import { standardOutput } from './log-output.js'
import { portNamed, listeningPort } from './port-taken.js'
import { closeServers } from './close-servers.js'

/** Connections of clients. Times are milliseconds. Defaults: those of Fastify and Node. */
export interface ClientConnections {
  /** For each port; further ones are closed at once. */
  readonly maxConnections?: number
  /** Requests on one connection; 0: no limit. */
  readonly maxRequestsPerConnection?: number
  readonly keepAliveTimeout?: number
  readonly headersTimeout?: number
  readonly requestTimeout?: number
  readonly connectionTimeout?: number
  /** How long a client that has ended its side may wait for its response; 0: it has disconnected. Default: 5 s */
  readonly halfClosedTimeout?: number
  /** Bytes. */
  readonly maxHeaderSize?: number
}

export interface GatewayOptions extends ProxyServicesOptions {
  /** 0: any free port. */
  readonly port: number
  readonly host?: string
  readonly logLevel?: string
  /** Gets the lines of the log. Default: the standard output */
  readonly logStream?: { write(line: string): void }
  readonly trustProxy?: boolean
  readonly clients?: ClientConnections
  /** A second port for the same proxies. */
  readonly https?: SecurePort
  readonly admin?: AdminPort
  /** How long requests in flight may take when it closes, in milliseconds. Default: 25 s. */
  readonly shutdownTimeout?: number
  /** Default: this process is the whole gateway. */
  readonly part?: GatewayPart
}

/** A port with TLS. */
export interface SecurePort {
  readonly port: number
  readonly tls: ServerTls
}

/** What one process does in a gateway of several: the primary decides, its workers serve clients. */
export interface GatewayPart {
  /** The states of endpoints. */
  readonly registry: Registry
  /** Whether it listens for clients. */
  readonly listens: boolean
  /** What is logged for each address that it listens at. Default: as Fastify does */
  readonly listenText?: (address: string) => string
  /** Runs when the proxies are ready, before clients can connect. */
  readonly onReady: (app: FastifyInstance) => Promise<void>
  /** Runs after each reload that succeeded, and with each new certificate. */
  readonly onReload?: () => Promise<void>
  readonly onRenew?: () => Promise<void>
  readonly onDrain?: () => void
  /** Runs before the app closes. */
  readonly onClose?: (grace: number) => Promise<void>
  /** Whether clients are served. Default: they are */
  readonly isServing?: () => boolean
  readonly ports?: () => Pick<Gateway, 'port' | 'securePort'>
  readonly workers?: WorkersOfGateway
}

/** A listening app with the proxies of one configuration. */
export interface Gateway {
  readonly app: FastifyInstance
  readonly port: number
  readonly securePort: number | undefined
  readonly adminPort: number | undefined
  /** Uses these certificates for new connections. */
  renew(certificates: ServerCertificates): Promise<void>
  /** Is called after each reload that succeeded. */
  reloaded(): Promise<void>
  /** Reports not ready, and closes each connection of a client after its response. */
  drain(): void
  /** Reports not ready for `pause` milliseconds, so that load balancers notice, then waits for requests in flight. */
  close(pause?: number): Promise<void>
}

/**
 * Connections that wait to be accepted. With Node's default of 511, clients in a larger burst reconnect after a second.
 */
const BACKLOG = 4096

/** @throws Error naming the port, if one is taken; ConfigurationError */
export async function startGateway (gatewayOptions: GatewayOptions): Promise<Gateway> {
  const { port, host = '0.0.0.0', logLevel = 'info', trustProxy = false, https, admin, ...rest } = gatewayOptions
  const { shutdownTimeout = 25_000, clients = {}, logStream = standardOutput, part, ...options } = rest
  let phase: AppPhase = 'starting'
  const readiness = {
    get phase (): AppPhase {
      return phase === 'ready' && part?.isServing?.() === false ? 'starting' : phase
    }
  }
  const app = Fastify({
    ...withoutRequestLines(),
    ...withoutCompilers,
    logger: { level: logLevel, stream: logStream },
    trustProxy,
    clientErrorHandler: refuse,
    ...connectionOptions(clients)
  })
  makeChildrenLazily(app.log)
  if (clients.maxConnections !== undefined) app.server.maxConnections = clients.maxConnections
  app.addHook(
    'onRequest',
    ownHook((_request: FastifyRequest, reply: FastifyReply, next: () => void) => {
      if (phase === 'draining') reply.raw.setHeader('Connection', 'close')
      next()
    })
  )
  const closing: (() => Promise<unknown>)[] = [async () => await app.close()]
  const close = async (): Promise<void> => {
    for (const each of closing) await each()
  }
  try {
    if (part !== undefined) await app.register(endpointRegistry, { registry: part.registry })
    await app.register(proxyServices, { mainSequence: 'all', ...options })
    await app.ready()
    spreadRequestBursts(app.server)
    const { halfClosedTimeout = 5_000 } = clients
    serveHalfClosedClients(app.server, halfClosedTimeout)
    app.endpointRegistry.disconnectDelay = halfClosedTimeout
    const administration = admin && (await startAdmin(app, readiness, { ...admin, workers: part?.workers }))
    if (administration !== undefined) closing.push(async () => await administration.close())
    closing.unshift(async () => await part?.onClose?.(shutdownTimeout))
    await part?.onReady(app)
    const listens = part?.listens !== false
    if (listens) {
      const listenTextResolver = part?.listenText
      await app
        .listen({ port, host, backlog: BACKLOG, ...omitUndefined({ listenTextResolver }) })
        .catch(portNamed(port))
    }
    const secure = https && listens ? await listenSecurely(app, https, host, clients, part?.listenText) : undefined
    closing.unshift(async () => {
      const deadline = Date.now() + shutdownTimeout
      const servers = secure === undefined ? [app.server] : [app.server, secure]
      void closeWebSockets(app, shutdownTimeout)
      const onAbort = (): void => {
        app.endpointRegistry.isStopping = true
      }
      if (!(await closeServers(servers, shutdownTimeout, onAbort))) {
        app.log.warn(`requests that took more than ${shutdownTimeout} ms were aborted`)
      }
      for (const services of app.proxyServices) {
        await services.detachedDeliveries.settle(Math.max(0, deadline - Date.now()))
      }
    })
    phase = 'ready'
    const drain = (): void => {
      phase = 'draining'
      part?.onDrain?.()
    }
    return {
      app,
      ...(part?.ports?.() ?? { port: listeningPort(app.server)!, securePort: listeningPort(secure) }),
      adminPort: listeningPort(administration?.server),
      renew: async certificates => {
        https?.tls.use(certificates, ...(secure === undefined ? [] : [secure]))
        await part?.onRenew?.()
      },
      reloaded: async () => await part?.onReload?.(),
      drain,
      async close (pause = 0) {
        drain()
        if (pause > 0) await delay(pause)
        await close()
      }
    }
  } catch (error) {
    await close()
    throw error
  }
}

const connectionOptions = (clients: ClientConnections) =>
  omitUndefined({
    keepAliveTimeout: clients.keepAliveTimeout,
    requestTimeout: clients.requestTimeout,
    connectionTimeout: clients.connectionTimeout,
    maxRequestsPerSocket: clients.maxRequestsPerConnection,
    http: omitUndefined({ headersTimeout: clients.headersTimeout, maxHeaderSize: clients.maxHeaderSize })
  })

/** Serves the same app over https: one registry, one configuration, one set of routes. */
async function listenSecurely (
  app: FastifyInstance,
  { port, tls }: SecurePort,
  host: string,
  clients: ClientConnections,
  listenText: (address: string) => string = address => `Server listening at ${address}`
): Promise<SecureServer> {
  const { keepAliveTimeout, headersTimeout, requestTimeout, timeout } = app.server
  const { maxHeaderSize } = clients
  const server = createServer(
    { ...tls.serverOptions, keepAliveTimeout, headersTimeout, requestTimeout, ...omitUndefined({ maxHeaderSize }) },
    (request, response) => app.routing(request, response)
  )
  const { maxConnections, maxRequestsPerSocket } = app.server
  Object.assign(server, omitUndefined({ maxConnections, maxRequestsPerSocket }))
  server.setTimeout(timeout)
  server.on('clientError', refuse)
  serveAcceptedFirst(server)
  const endHandshakeLog = app.proxyServices.handshakeFailures.watch(server, app.log)
  server.once('close', endHandshakeLog)
  serveWebSockets(app, server)
  app.proxyServices.on('reload', () => serveWebSockets(app, server))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject)
      resolve()
    })
  }).catch(portNamed(port))
  app.log.info(listenText(`https://${host}:${listeningPort(server)}`))
  return server
}
