import { isIP } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { httpOriginOf, namesSocket, SOCKET_HOST, socketPathOf } from '../../../../lib/message/origin.js'
import type { OriginPoolOptions, TlsOptions } from '../client-options.js'

/** Where the connections of a pool lead. */
export interface ConnectionTarget {
  /** As in Host. */
  readonly authority: string
  /** A name, or an address without brackets. */
  readonly host: string
  readonly port: number
  readonly socketPath: string | undefined
  readonly secure: SecureTarget | undefined
}

/** What connections of one pool share for TLS. */
export interface SecureTarget {
  readonly servername: string
  readonly verify: boolean
  /** Made once: to read certificates costs milliseconds. @throws where these are unusable */
  context (): SecureContext
  /** Of the last session that may be resumed. */
  session: Buffer | undefined
}

/** @throws where the origin is neither an http or https URL of a host alone, nor one of a unix socket */
export function targetOf (
  origin: string, { tls = {}, socketPath = socketPathOf(origin) }: OriginPoolOptions
): ConnectionTarget {
  const url = new URL(origin)
  const { host, hostname, port, username, password } = url
  const protocol = httpOriginOf(url.protocol)
  if ((protocol !== 'http:' && protocol !== 'https:') || hostname === '' || username !== '' || password !== '') {
    throw new TypeError(`the origin "${protocol}//${host}" must be http://host[:port] or https://host[:port]`)
  }
  const name = namesSocket(origin) ? SOCKET_HOST : hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const isSecure = protocol === 'https:'
  return {
    authority: host,
    host: name,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    socketPath,
    secure: isSecure ? secureTarget(name, tls) : undefined
  }
}

function secureTarget (host: string, { verify = true, servername, ...certificates }: TlsOptions): SecureTarget {
  let context: SecureContext | undefined
  // A name may end with a dot, certificates and SNI have it without one.
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  return {
    servername: servername ?? (isIP(host) === 0 ? name : ''),
    verify,
    context: () => { context ??= createSecureContext(definedOf(certificates)); return context },
    session: undefined
  }
}

const definedOf = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
