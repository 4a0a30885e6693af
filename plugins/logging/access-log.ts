import type { FastifyInstance, FastifyRequest } from 'fastify'
import { redactUrl } from './redact.js'

/** What became of one request: which proxy took it, how many back-ends were asked, and which of them answered. */
export interface RequestTrace {
  proxy?: string
  /** `http://host:port` */
  endpoint?: string
  attempts: number
}

const traces = new WeakMap<FastifyRequest, RequestTrace>()

/** Where to note what becomes of a request, if anybody wants to know. */
export const traceOf = (request: FastifyRequest): RequestTrace | undefined => traces.get(request)

/**
 * One line for each request of this scope, when it is over. It names neither path, query nor headers: clients put secrets into them.
 * `status` is missing where the client left before it got one.
 */
export function logAccess (app: FastifyInstance): void {
  app.addHook('onRequest', (request, { raw: response }, next) => {
    const begun = performance.now()
    const trail: RequestTrace = { attempts: 0 }
    traces.set(request, trail)
    response.once('close', () => {
      const left = !response.writableFinished
      const status = response.headersSent ? response.statusCode : undefined
      const endpoint = trail.endpoint === undefined ? undefined : redactUrl(trail.endpoint)
      const line = { access: { method: request.method, proxy: trail.proxy, endpoint, status, attempts: trail.attempts, ms: Math.round((performance.now() - begun) * 10) / 10, ...left && { left } } }
      request.log.info(line, `${request.method} ${trail.proxy ?? '-'} ${status ?? '-'}`)
    })
    next()
  })
}
