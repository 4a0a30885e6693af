import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'

/**
 * The options of Fastify that omit what it logs of every request: addresses may contain secrets, and the gateway has
 * its own access log. Versions of Fastify without log controllers have a switch.
 */
export const withoutRequestLines = () =>
  'LogController' in Fastify ? { logController: gatewayLog() } : { disableRequestLogging: true }

function gatewayLog () {
  return new (class GatewayLog extends Fastify.LogController {
    override incomingRequest (): void {}
    override requestCompleted (): void {}
    override routeNotFound (): void {}

    override defaultErrorLog (error: Error, _request: FastifyRequest, reply: FastifyReply): void {
      if (reply.statusCode >= 500) reply.log.error({ err: error }, error.message)
    }
  })()
}

/** The body of a refusal, by its status. */
export type RefusalBody = (status: number) => { readonly type: string, readonly body: string }

/** Refuses a request that is malformed, too large or too slow. It is not logged: it may contain secrets. */
export function refuse ({ code }: NodeJS.ErrnoException, socket: Socket, bodyOf?: RefusalBody): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
  const { type, body } = bodyOf?.(status) ?? { type: '', body: '' }
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${Buffer.byteLength(body)}`
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}
