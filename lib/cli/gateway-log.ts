import type { Socket } from 'node:net'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'

/** Omits what Fastify logs of every request: addresses may contain secrets, and the gateway has its own access log. */
export class GatewayLog extends Fastify.LogController {
  override incomingRequest (): void {}
  override requestCompleted (): void {}
  override routeNotFound (): void {}

  override defaultErrorLog (error: Error, _request: FastifyRequest, reply: FastifyReply): void {
    if (reply.statusCode >= 500) reply.log.error({ err: error }, error.message)
  }
}

/** Refuses a request that is malformed, too large or too slow. It is not logged: it may contain secrets. */
export function refuse ({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT'
    ? '408 Request Timeout'
    : code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
