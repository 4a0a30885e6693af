import Fastify, { type FastifyInstance } from 'fastify'
import proxyServices, { type ProxyServicesOptions } from '../../plugins/index.js'

export interface GatewayOptions extends Omit<ProxyServicesOptions, 'config'> {
  /** A file or a folder. */
  readonly config: string
  /** 0: any that is free. */
  readonly port: number
  readonly host?: string
  readonly logLevel?: string
  readonly accessLog?: boolean
  readonly trustProxy?: boolean
  readonly https?: { readonly key: Buffer, readonly cert: Buffer }
}

export interface Gateway {
  readonly app: FastifyInstance
  readonly port: number
  close (): Promise<void>
}

/** An app of its own with the proxy services of one configuration, listening. @throws Error naming the port, if it is taken */
export async function startGateway ({ port, host = '0.0.0.0', logLevel = 'info', accessLog = false, trustProxy = false, https, ...options }: GatewayOptions): Promise<Gateway> {
  const app = Fastify({ logger: { level: logLevel }, disableRequestLogging: !accessLog, trustProxy, ...https && { https } } as object) as FastifyInstance
  try {
    await app.register(proxyServices, options)
    await app.listen({ port, host })
  } catch (error) {
    await app.close()
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? new Error(`port ${port} is in use`) : error
  }
  const address = app.server.address()
  return { app, port: typeof address === 'object' && address !== null ? address.port : port, close: async () => await app.close() }
}
