import type { Attributes } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import type { Forward } from '../../lib/contracts/flow.js'
import { socketPathOf } from '../../lib/message/origin.js'
import { redactUrl } from '../../lib/message/redact-url.js'
import type { RequestTrace, ResponseEnd } from '../logging/request-trace.js'

/**
 * Methods that an attribute may name; all others are `_OTHER`.
 * @see OpenTelemetry Semantic Conventions 1.40, HTTP spans, `http.request.method`
 */
const METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
  'QUERY'
])

/** The method in the name of a span. */
export const methodInName = (method: string): string => (METHODS.has(method) ? method : 'HTTP')

const methodAttributes = (method: string): Attributes =>
  METHODS.has(method)
    ? { 'http.request.method': method }
    : { 'http.request.method': '_OTHER', 'http.request.method_original': method }

/**
 * What is known of a request when it arrives.
 * @see OpenTelemetry Semantic Conventions 1.40, HTTP server span
 */
export function requestAttributes (request: FastifyRequest): Attributes {
  const { method, protocol, hostname, port, ip, raw, routeOptions, headers } = request
  const url = redactPath(raw.url ?? '/')
  const mark = url.indexOf('?')
  return {
    ...methodAttributes(method),
    'url.scheme': protocol,
    'url.path': mark < 0 ? url : url.slice(0, mark),
    ...(mark >= 0 && { 'url.query': url.slice(mark + 1) }),
    ...(routeOptions.url !== undefined && { 'http.route': routeOptions.url }),
    ...(hostname && { 'server.address': hostname }),
    ...(port != null && { 'server.port': port }),
    'client.address': ip,
    ...(headers['user-agent'] !== undefined && { 'user_agent.original': headers['user-agent'] }),
    'network.protocol.version': raw.httpVersion
  }
}

/** How a request ended. */
export interface SpanEnd extends ResponseEnd {
  /** The HTTP status; undefined: the client disconnected before. */
  readonly status: number | undefined
}

/** What is known of a request when it is over. */
export function endAttributes (trace: RequestTrace, { status, left, aborted }: SpanEnd): Attributes {
  const { proxy, sessionKind, sessionDecision, measured, attemptCount } = trace
  return {
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(status !== undefined && status >= 500 && { 'error.type': String(status) }),
    ...(proxy !== undefined && { 'proxy_services.proxy': proxy }),
    'proxy_services.attempts': attemptCount,
    ...(sessionKind !== undefined && { 'proxy_services.session.kind': sessionKind }),
    ...(sessionDecision !== undefined && { 'proxy_services.session.decision': sessionDecision }),
    ...(measured?.faultCode !== undefined && { 'proxy_services.fault.code': measured.faultCode }),
    ...(left && { 'proxy_services.left': true }),
    ...(aborted !== undefined && { 'proxy_services.aborted': aborted })
  }
}

/**
 * What is known of an attempt when it begins.
 * @param groups the groups that contain the endpoint
 * @param resends attempts of the request before this one
 * @see OpenTelemetry Semantic Conventions 1.40, HTTP client span
 */
export function attemptAttributes (
  { origin, path, message, endpointName }: Forward,
  groups: readonly string[],
  resends: number
): Attributes {
  return {
    ...methodAttributes(message.method),
    'url.full': redactPath(path.startsWith('/') ? origin + path : path),
    ...serverAttributes(origin),
    'network.protocol.version': '1.1',
    ...(resends > 0 && { 'http.request.resend_count': resends }),
    'proxy_services.endpoint': redactUrl(endpointName),
    ...(groups.length > 0 && { 'proxy_services.groups': groups.map(redactUrl) })
  }
}

/** Where an attempt goes. @see OpenTelemetry Semantic Conventions 1.40, Server and network attributes */
function serverAttributes (origin: string): Attributes {
  const socket = socketPathOf(origin)
  if (socket !== undefined) return { 'server.address': socket, 'network.transport': 'unix' }
  const { hostname, port, protocol } = new URL(origin)
  return { 'server.address': hostname, 'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) }
}

/** Returns a path or URL without the values of its query and of parameters such as `;jsessionid=…`. */
const redactPath = (url: string): string =>
  redactUrl(url)
    .replace(/([?&][^=&#]*)=[^&#]*/g, '$1=***')
    .replace(/(;[^=;/?#]*)=[^;/?#]*/g, '$1=***')
