import type { FastifyInstance, FastifyRequest } from 'fastify'
import { redactUrl } from './redact.js'

/** What happened to one request: its proxy, the number of attempts, and the back-end that responded. */
export interface RequestTrace {
  proxy?: string
  /** `http://host:port` */
  endpoint?: string
  attempts: number
}

const traces = new WeakMap<FastifyRequest, RequestTrace>()

/** Returns the trace of a request; undefined without an access log. */
export const traceOf = (request: FastifyRequest): RequestTrace | undefined => traces.get(request)

/**
 * Logs one line for each request of this scope when it is over. It contains neither path, query nor headers: clients
 * put secrets into them. `status` is missing where the client disconnected before it got one.
 */
export function logAccess (app: FastifyInstance): void {
  app.addHook('onRequest', (request, { raw: response }, done) => {
    const start = performance.now()
    const trace: RequestTrace = { attempts: 0 }
    traces.set(request, trace)
    response.once('close', () => {
      const { method } = request
      const { proxy, attempts } = trace
      const status = response.headersSent ? response.statusCode : undefined
      const endpoint = trace.endpoint === undefined ? undefined : redactUrl(trace.endpoint)
      const ms = Math.round((performance.now() - start) * 10) / 10
      const left = !response.writableFinished
      request.log.info(
        { access: { method, proxy, endpoint, status, attempts, ms, ...left && { left } } },
        `${method} ${proxy ?? '-'} ${status ?? '-'}`)
    })
    done()
  })
}
