import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { FailedLogins } from './failed-logins.js'

/** Why a request is refused. */
export interface AccessRefusal {
  readonly status: 401 | 403 | 429
  readonly message: string
  /** Seconds. */
  readonly retryAfter?: number
}

/** Who sends a request: an operator with the token, a viewer with the view token, or any caller where there is none. */
export type Role = 'operator' | 'viewer' | 'anyone'

/** Whose request it is, or why it is refused. */
export type Access = { readonly role: Role } | { readonly refusal: AccessRefusal }

export interface AccessOptions {
  /** With it, every request must carry `Authorization: Bearer TOKEN`. */
  readonly token?: string | undefined
  /** With `token`: a second token for viewers, who change nothing. */
  readonly viewToken?: string | undefined
  /** Names that `Host` may have without a token, besides addresses and `localhost`. */
  readonly allowHosts?: readonly string[] | undefined
  /** Milliseconds. */
  readonly now?: () => number
}

/**
 * Decides who may use the admin API. With a token: its bearer; the bearer of a view token may only read. Without: every
 * reader who names the gateway by its address, by `localhost` or an allowed name (a page that rebinds its own name to
 * this machine is refused); changes only from this machine, and from no web page.
 */
export class AccessControl {
  readonly #token: Buffer | undefined
  readonly #viewToken: Buffer | undefined
  readonly #allowHosts: ReadonlySet<string>
  readonly #failedLogins: FailedLogins

  constructor ({ token, viewToken, allowHosts = [], now = Date.now }: AccessOptions) {
    this.#token = token === undefined ? undefined : digest(token)
    this.#viewToken = viewToken === undefined ? undefined : digest(viewToken)
    this.#allowHosts = new Set(allowHosts.map(name => name.toLowerCase()))
    this.#failedLogins = new FailedLogins(now)
  }

  accessOf (request: FastifyRequest): Access {
    if (this.#token !== undefined) return this.#accessOfBearer(request, this.#token)
    const refusal = this.#refusalOfAnyone(request)
    return refusal === undefined ? { role: 'anyone' } : { refusal }
  }

  #refusalOfAnyone (request: FastifyRequest): AccessRefusal | undefined {
    const host = hostNameOf(request)
    if (!isLocalName(host) && !this.#allowHosts.has(host)) {
      return { status: 403, message: `the Host "${host}" is not allowed; allow it with --admin-allow-host ${host}` }
    }
    if (isReading(request) || isReadingByPost(request)) return undefined
    if (!isLoopback(request)) return forbidden('without a token, changes are accepted from this machine only')
    if (isFromBrowser(request)) return forbidden('without a token, changes are not accepted from web pages')
    return undefined
  }

  #accessOfBearer (request: FastifyRequest, token: Buffer): Access {
    const address = request.raw.socket.remoteAddress ?? ''
    const retryAfter = this.#failedLogins.secondsBlocked(address)
    if (retryAfter > 0) {
      return { refusal: { status: 429, message: 'too many wrong tokens from this address', retryAfter } }
    }
    const text = bearerTokenOf(request)
    const given = text === undefined ? undefined : digest(text)
    if (given !== undefined && timingSafeEqual(given, token)) return { role: 'operator' }
    if (given !== undefined && this.#viewToken !== undefined && timingSafeEqual(given, this.#viewToken)) {
      return isReading(request) || request.routeOptions.config.onlyReads === true
        ? { role: 'viewer' }
        : { refusal: forbidden('the view token may only look: changes need the admin token') }
    }
    if (given !== undefined) this.#failedLogins.add(address)
    return { refusal: { status: 401, message: 'the token is missing or wrong' } }
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether requests of this route change nothing, whatever their method. */
    onlyReads?: boolean
  }
}

const isReading = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD'

/** A question with a body, from the page itself or from no page: other pages cannot send JSON without a preflight. */
const isReadingByPost = ({ routeOptions, headers }: FastifyRequest): boolean =>
  routeOptions.config.onlyReads === true && (headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin'

const forbidden = (message: string): AccessRefusal => ({ status: 403, message })

/** Compared as digests, so that a wrong token takes as long as the right one. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const bearerTokenOf = ({ headers: { authorization = '' } }: FastifyRequest): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(authorization)?.[1]

/** The name in `Host` without its port, in lower case; printable characters only. */
function hostNameOf ({ headers: { host = '' } }: FastifyRequest): string {
  const name = host.startsWith('[') ? host.slice(1, Math.max(1, host.indexOf(']'))) : host.replace(/:\d*$/, '')
  return name
    .toLowerCase()
    .replace(/[^\w.:-]/g, '?')
    .slice(0, 255)
}

const isLocalName = (host: string): boolean => isIP(host) !== 0 || host === 'localhost' || host.endsWith('.localhost')

/** From a loopback address, and not forwarded by a proxy on this machine. */
function isLoopback ({ raw, headers }: FastifyRequest): boolean {
  const address = (raw.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const isLocal = address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
  return isLocal && headers['x-forwarded-for'] === undefined && headers['forwarded'] === undefined
}

/** Browsers send one of these headers with every request that is not a plain navigation. */
const isFromBrowser = ({ headers }: FastifyRequest): boolean =>
  headers['origin'] !== undefined || headers['sec-fetch-site'] !== undefined
