import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { UnknownProxy, UnreadableBody } from '../errors.js'

/**
 * Serves the request of a route of the host by the proxy of this name.
 * @param target path and query after the address of the endpoint. Default: the query of the request
 */
export type ReplyProxy = (name: string, target?: string) => FastifyReply

/** Decorates replies with `proxy`. A decorator of the host stays. */
export function decorateReplies (app: FastifyInstance): void {
  if (app.hasReplyDecorator('proxy')) {
    app.log.warn('the app decorates replies with "proxy" itself: reply.proxy does not serve requests by a proxy')
    return
  }
  app.decorateReply('proxy', function (this: FastifyReply, name: string, target?: string): FastifyReply {
    const { request } = this
    for (const { configuration, serveByName } of app.proxyServices) {
      if (!configuration.services.has(name)) continue
      const { url = '/' } = request.raw
      serveByName?.(name, request, this, partsOf(target ?? url.slice(queryStart(url))))
      return this
    }
    throw new UnknownProxy(name)
  })
}

const queryStart = (target: string): number => (target.includes('?') ? target.indexOf('?') : target.length)

const partsOf = (target: string): [path: string, query: string] => {
  const mark = queryStart(target)
  const path = target.slice(0, mark)
  return [path === '' || path.startsWith('/') ? path : `/${path}`, target.slice(mark)]
}

/**
 * Returns the body of a request as the host has left it; undefined: it was not read, or there is none.
 * @throws UnreadableBody where the host has parsed it to something else than JSON
 */
export function payloadOf ({ body, headers }: FastifyRequest): Readable | undefined {
  if (body === undefined || body === null) return undefined
  if (isStream(body)) return body
  if (typeof body === 'string' || body instanceof Uint8Array) return Readable.from([Buffer.from(body)])
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type !== 'application/json' && !type.endsWith('+json')) throw new UnreadableBody(typeof body)
  return Readable.from([Buffer.from(JSON.stringify(body))])
}

/** A stream of Node, or of the package `readable-stream`. */
const isStream = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function'
