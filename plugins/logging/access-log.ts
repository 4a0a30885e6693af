import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { oneLine } from './one-line.js'
import { beginTrace, endOf, isSent, tenths, type RequestTrace, type ResponseEnd } from './request-trace.js'

/** How requests are logged. */
export interface AccessLogOptions {
  /** `json`: fields of `access`. `combined`: one text in Apache's format, without path and query. Default: `json` */
  readonly format?: 'json' | 'combined'
  /** The share of requests that are logged, from 0 to 1; those with status 5xx, or none, are always. Default: 1 */
  readonly sample?: number
  /** Whether requests are being cut off because the app stops. Default: they never are */
  readonly isStopping?: () => boolean
}

/**
 * Returns a hook that logs one line for each request when it is over. It contains neither path, query, headers nor
 * session ids: clients put secrets into them. `status` is missing where the client disconnected before it got one.
 */
export function accessLogHook (options: AccessLogOptions): onRequestHookHandler {
  const { format = 'json', sample = 1 } = options
  return (request, { raw: response }, done) => {
    const trace = beginTrace(request)
    response.once('close', () => {
      const status = response.headersSent ? response.statusCode : undefined
      const isFailure = status === undefined || status >= 500
      if (!isFailure && sample < 1 && Math.random() >= sample) return
      const end: LoggedRequest = {
        status,
        ms: tenths(performance.now() - trace.startedAt),
        ...endOf(trace, isSent(response), options.isStopping?.() === true)
      }
      if (format === 'combined') request.log.info(combinedLine(request, trace, end))
      else {
        const access = accessFields(request, trace, end)
        request.log.info({ access }, oneLine(`${request.method} ${trace.proxy ?? '-'} ${status ?? '-'}`))
      }
    })
    done()
  }
}

interface LoggedRequest extends ResponseEnd {
  readonly status: number | undefined
  readonly ms: number
}

/** The fields of a line; those that are undefined are absent. One object of one shape costs least. */
function accessFields (request: FastifyRequest, trace: RequestTrace, end: LoggedRequest): object {
  const { attemptCount, attempts, sentAt, measured, sessionDecision: session } = trace
  const isForwarded = sentAt !== undefined
  return {
    client: oneLine(request.ip),
    method: request.method,
    proxy: trace.proxy === undefined ? undefined : oneLine(trace.proxy),
    endpoint: trace.respondedBy,
    status: end.status,
    fault: measured?.faultCode,
    session,
    sessionKind: session === undefined ? undefined : trace.sessionKind,
    traceId: trace.traceId,
    attempts,
    moreAttempts: attemptCount > attempts.length ? attemptCount - attempts.length : undefined,
    ms: end.ms,
    waitMs: isForwarded ? tenths(sentAt - trace.startedAt) : undefined,
    upstreamMs: isForwarded ? trace.upstreamMs : undefined,
    requestBytes: measured?.requestBytes ?? 0,
    responseBytes: measured?.responseBytes ?? 0,
    left: end.left ? true : undefined,
    aborted: end.aborted
  }
}

/**
 * One request as a text; the proxy stands for the path. The status is 499 where the client disconnected, and `-` where
 * the gateway aborted the request. A client may choose its address where proxies in front are trusted.
 * @see Apache HTTP Server, mod_log_config, "combined"
 */
function combinedLine (request: FastifyRequest, trace: RequestTrace, end: LoggedRequest): string {
  const time = new Date().toISOString()
  const {
    method,
    ip,
    raw: { httpVersion }
  } = request
  const target = trace.proxy === undefined ? '-' : `/services/${encodeURIComponent(trace.proxy)}`
  return (
    `${encodeURI(ip)} - - [${time}] "${method} ${target} HTTP/${httpVersion}" ${statusOf(end)} ` +
    `${trace.measured?.responseBytes ?? 0} "-" "-"`
  )
}

const statusOf = ({ status, left, aborted }: LoggedRequest): number | string =>
  left ? 499 : aborted === undefined ? (status ?? '-') : '-'
