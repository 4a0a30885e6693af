import type { IncomingMessage, ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import { admin as adminPlugin, type AdminOptions, type AppPhase } from '../../../plugins/index.js'
import { withoutCompilers } from '../../../plugins/admin/contract/schema-compilers.js'
import { refuse, withoutRequestLines } from './gateway-log.js'
import { PortTaken, portNamed } from './port-taken.js'

/** The admin port. `ifFree`: run without it where the port is taken. */
export interface AdminPort
  extends Pick<
    AdminOptions,
    'token' | 'viewToken' | 'allowHosts' | 'console' | 'edit' | 'recordHide' | 'reload' | 'workers'
  > {
  readonly port: number
  readonly host: string
  readonly ifFree?: boolean
}

const JSON_TYPE = 'application/json; charset=utf-8'
const errorText = (text: string): string => JSON.stringify({ Error: text })

/** The errors of requests that Node.js cannot read, by their HTTP status. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'this is not a valid HTTP request',
  408: 'the request took too long',
  431: 'the head of the request is too large'
}

/** Responds outside of the routes of the app. */
function respond (response: ServerResponse, status: number, text: string): void {
  const body = errorText(text)
  const length = Buffer.byteLength(body)
  response.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': length, connection: 'close' }).end(body)
}

const refusalOf = (status: number): { type: string; body: string } => ({
  type: JSON_TYPE,
  body: errorText(REFUSALS[status]!)
})

/**
 * Listens for operators, with an app of its own: its log is that of the gateway.
 * @returns Undefined where the port is taken, and `ifFree` allows running without it.
 */
export async function startAdmin (
  gateway: FastifyInstance,
  readiness: { readonly phase: AppPhase },
  { port, host, ifFree = false, ...options }: AdminPort
): Promise<FastifyInstance | undefined> {
  const app = Fastify({
    ...withoutRequestLines(),
    ...withoutCompilers,
    loggerInstance: gateway.log,
    clientErrorHandler: (error, socket) => refuse(error, socket, refusalOf),
    frameworkErrors: ({ statusCode = 400 }, _request, reply) => {
      respond(reply.raw, statusCode, 'the path is malformed, or a part of it is too long')
    },
    // A request without Host is refused below, in the shape of all errors.
    http: { requireHostHeader: false },
    forceCloseConnections: true
  })
  app.addHook('onRequest', async ({ headers, raw: { httpVersion } }, reply) => {
    if (headers.host === undefined && httpVersion === '1.1') {
      await reply.code(400).send({ Error: 'the header Host is missing' })
    }
  })
  app.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    respond(response, 417, 'the header Expect names an unknown expectation')
  })
  await app.register(adminPlugin, {
    registry: gateway.endpointRegistry,
    proxyServices: gateway.proxyServices,
    readiness,
    ...options
  })
  try {
    await app
      .listen({ port, host, listenTextResolver: address => `Admin listening at ${address}` })
      .catch(portNamed(port))
    return app
  } catch (error) {
    await app.close()
    if (!ifFree || !(error instanceof PortTaken)) throw error
    gateway.log.warn(`the admin port ${port} is in use: this gateway has no admin API (--admin-port)`)
    return undefined
  }
}
