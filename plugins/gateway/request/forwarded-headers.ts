import type { FastifyRequest } from 'fastify'
import { valuesOf, withoutHeaders, type Headers } from '../../../lib/message/headers.js'
import { connectionOf } from '../../http/server/client-connection.js'

/** What an endpoint learns of the client. `true`: all of it, except for its certificate. */
export type ForwardedOption =
  | boolean
  | {
    /** `X-Forwarded-For`, `-Host`, `-Proto` and `-Port`. Default: false */
    readonly xForwarded?: boolean
    /** `Forwarded`. Default: false */
    readonly forwarded?: boolean
    /** `Via`. Default: false */
    readonly via?: boolean
    /** `X-Request-Id`, the id of the request in the log. Default: false */
    readonly requestId?: boolean
    /** `Client-Cert`: the valid certificate of the client. Default: false */
    readonly clientCertificate?: boolean
  }

/** Adds headers to a request. */
export type AddForwarded = (headers: Headers, request: FastifyRequest) => Headers

/** The name of a gateway in `Via`. */
const PSEUDONYM = 'proxy-services'

/**
 * Returns what adds the headers of an option; undefined where none are added. Headers of these names that a client
 * sends are replaced. If the app trusts the proxy in front (`trustProxy`), they are continued. `Via` always is.
 * `Client-Cert` is the certificate of this connection alone, whatever the proxy in front sends.
 * @see RFC 7239; RFC 9110, section 7.6.3; RFC 9440
 */
export function forwardedHeaders (option: ForwardedOption = false): AddForwarded | undefined {
  if (option === false) return undefined
  const { xForwarded, forwarded, via, requestId, clientCertificate }: Exclude<ForwardedOption, boolean> =
    option === true ? { xForwarded: true, forwarded: true, via: true, requestId: true } : option
  const replaced = [
    ...(xForwarded === true ? ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'] : []),
    ...(forwarded === true ? ['forwarded'] : []),
    ...(via === true ? ['via'] : []),
    ...(requestId === true ? ['x-request-id'] : []),
    ...(clientCertificate === true ? ['client-cert', 'client-cert-chain'] : [])
  ]
  if (replaced.length === 0) return undefined
  return (headers, request) => [
    ...withoutHeaders(headers, ...replaced),
    ...(xForwarded === true ? xForwardedHeaders(headers, request) : []),
    ...(forwarded === true ? ['Forwarded', forwardedList(headers, request)] : []),
    ...(via === true ? ['Via', listWith(headers, 'via', `${request.raw.httpVersion} ${PSEUDONYM}`)] : []),
    ...(requestId === true ? ['X-Request-Id', String(request.id)] : []),
    ...(clientCertificate === true ? clientCertHeader(request) : [])
  ]
}

/** The certificate as a byte sequence of a structured field. @see RFC 8941, section 3.3.5 */
function clientCertHeader ({ raw }: FastifyRequest): Headers {
  const der = connectionOf(raw.socket).certificate?.der
  return der === undefined ? [] : ['Client-Cert', `:${der.toString('base64')}:`]
}

/** Whether the app believes headers of the proxy in front: Fastify has read them then. */
const isTrusting = ({ ips }: FastifyRequest): boolean => ips !== undefined

function xForwardedHeaders (headers: Headers, request: FastifyRequest): Headers {
  const { ip, ips, host, protocol } = request
  const addresses = ips === undefined ? ip : [...ips].reverse().join(', ')
  return [
    ...(addresses ? ['X-Forwarded-For', addresses] : []),
    ...(host ? ['X-Forwarded-Host', host] : []),
    'X-Forwarded-Proto',
    protocol,
    'X-Forwarded-Port',
    clientPort(headers, request)
  ]
}

/** The port that the client used: as the proxy in front states, else that of Host, else that of the scheme. */
function clientPort (headers: Headers, request: FastifyRequest): string {
  const [given] = isTrusting(request) ? valuesOf(headers, 'x-forwarded-port') : []
  if (given !== undefined && /^\d{1,5}$/.test(given.trim())) return given.trim()
  return /:(\d{1,5})$/.exec(request.host)?.[1] ?? (request.protocol === 'https' ? '443' : '80')
}

const forwardedList = (headers: Headers, request: FastifyRequest): string =>
  listWith(isTrusting(request) ? headers : [], 'forwarded', elementOf(request))

/** The element of this gateway in `Forwarded`. */
function elementOf ({ raw, host, protocol }: FastifyRequest): string {
  const address = raw.socket.remoteAddress
  const node = address === undefined ? 'unknown' : address.includes(':') ? `[${address}]` : address
  return [`for=${quoted(node)}`, ...(host ? [`host=${quoted(host)}`] : []), `proto=${protocol}`].join(';')
}

const quoted = (value: string): string =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`

/** The values of a list header with one more. */
const listWith = (headers: Headers, name: string, value: string): string =>
  [...valuesOf(headers, name), value].join(', ')
