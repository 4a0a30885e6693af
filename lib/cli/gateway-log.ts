import type { Socket } from 'node:net'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'

/** Leaves out of the log what Fastify says of every request: addresses hold what clients put into them, and a gateway has a log of its own for accesses. */
export class GatewayLog extends Fastify.LogController {
  override incomingRequest (): void {}
  override requestCompleted (): void {}
  override routeNotFound (): void {}

  override defaultErrorLog (error: Error, _request: FastifyRequest, reply: FastifyReply): void {
    if (reply.statusCode >= 500) reply.log.error({ err: error }, error.message)
  }
}

/** What is no HTTP, or too much of it, or too slow: it is answered as far as it can be, and not logged, since it is there whole. */
export function refuse ({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
