import type { Addresses } from '../../lib/wsdl/document.js'

export interface WsdlRequest {
  /** Of the socket. */
  readonly protocol: string
  /** The Host header (or `:authority`) as it came. */
  readonly host: string | undefined
  /** Of the proxy on this server, encoded as in a URL, such as `/services/LBProxy`. */
  readonly path: string
  /** With names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

const HOST = /^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9._-]{0,252}[a-z0-9.])?)(?::[0-9]{1,5})?$/i
const PREFIX = /^(?:\/(?!\.{0,2}(?:\/|$))[\w.~!$&'()*+,;=:@%-]{1,255}){0,16}\/?$/

/**
 * Where the client would call a proxy: below the configured public URL; else, when the sender of the request is
 * trusted, at that of X-Forwarded-Proto, -Host, -Port and -Prefix, or `Forwarded` (RFC 7239) where there are none of
 * these; else at the Host of the request. Of lists the last member counts, that of the nearest sender, as for Fastify's
 * own `request.host`. Undefined when that is not a host: of what a client sends only `host[:port]` and a plain path
 * are used.
 * @throws TypeError of a public URL that is no http or https URL
 */
export function publicAddresses (
  request: WsdlRequest,
  options: { publicUrl?: string | undefined; trustProxy: boolean }
): Addresses | undefined {
  if (options.publicUrl !== undefined) {
    const { protocol, host, pathname } = new URL(options.publicUrl)
    if (protocol !== 'http:' && protocol !== 'https:') {
      throw new TypeError(`a public URL begins with http or https: ${options.publicUrl}`)
    }
    return at(protocol.slice(0, -1), host, pathname, request.path)
  }
  const address = options.trustProxy ? forwarded(request.headers) : {}
  const named = address.host ?? request.host
  const port = address.port !== undefined && /^[1-9]\d{0,4}$/.test(address.port) ? address.port : undefined
  const host = port === undefined || named === undefined ? named : withPort(named, port)
  if (host === undefined || !HOST.test(host)) return undefined
  const protocol = address.proto?.toLowerCase()
  const prefix = address.prefix !== undefined && PREFIX.test(address.prefix) ? address.prefix : ''
  return at(protocol === 'http' || protocol === 'https' ? protocol : request.protocol, host, prefix, request.path)
}

const at = (protocol: string, host: string, prefix: string, path: string): Addresses => ({
  [protocol === 'https' ? 'https' : 'http']: `${protocol}://${host}${prefix.replace(/\/$/, '')}${path}`
})

/** A host without a port gets this one, unless every scheme has it by default. */
const withPort = (host: string, port: string): string =>
  /:\d+$/.test(host) || port === '80' || port === '443' ? host : `${host}:${port}`

type ForwardedAddress = Partial<Record<'proto' | 'host' | 'prefix' | 'port', string>>

function forwarded (headers: WsdlRequest['headers']): ForwardedAddress {
  const last = (name: string): string | undefined => {
    const value = headers[name]
    return (typeof value === 'object' ? value.at(-1) : value)?.split(',').at(-1)?.trim() || undefined
  }
  const [proto, host, prefix] = [last('x-forwarded-proto'), last('x-forwarded-host'), last('x-forwarded-prefix')]
  const address = (proto ?? host) ? { proto, host } : lastForwarded([headers['forwarded'] ?? ''].flat().join(','))
  return Object.fromEntries(
    Object.entries({ ...address, prefix, port: last('x-forwarded-port') }).filter(([, value]) => value !== undefined)
  )
}

/** The last element of a Forwarded header. One that does not follow the grammar is ignored. */
function lastForwarded (header: string): ForwardedAddress {
  const pair = /[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;\s]+)))?[ \t]*([;,]|$)/y
  let address: Record<string, string> = {}
  while (pair.lastIndex < header.length) {
    const match = pair.exec(header)
    if (!match) return {}
    if (match[1] !== undefined) address[match[1].toLowerCase()] = match[3] ?? match[2]!.replace(/\\(.)/g, '$1')
    if (match[4] === ',' && pair.lastIndex < header.length) address = {}
  }
  return { ...(address.proto && { proto: address.proto }), ...(address.host && { host: address.host }) }
}
