import { headerOf, type Headers } from '../../message/headers.js'
import { httpOriginOf, namesSocket, originOf } from '../../message/origin.js'

/** The addresses of a service and of its endpoint: paths without a slash at the end. */
interface AddressPair {
  readonly service: string
  readonly endpoint: URL
  readonly path: string
}

/**
 * Translates the addresses in the headers of a response from those of the endpoint at `uri` into those of the service:
 * Location, and Path and Domain of Set-Cookie.
 * @param service the URL of the service at this gateway
 */
export function translateAddresses (
  headers: Headers,
  uri: string,
  service: string,
  status: number | undefined
): Headers {
  const location = status === 302 ? undefined : headerOf(headers, 'location')
  if (location === undefined && headerOf(headers, 'set-cookie') === undefined) return headers
  const endpoint = new URL(uri)
  const addresses: AddressPair = { service: pathOf(service), endpoint, path: endpoint.pathname.replace(/\/$/, '') }
  return headers.map((value, at) => {
    if (at % 2 === 0) return value
    switch (headers[at - 1]!.toLowerCase()) {
      // Both engines forward a 302 unchanged, and clients are used to it (ClientWorker).
      case 'location':
        return location === undefined ? value : translatedLocation(value, addresses)
      case 'set-cookie':
        return translatedCookie(value, addresses)
      default:
        return value
    }
  })
}

/** A path leads back to the gateway whatever the client calls this host. */
const pathOf = (service: string): string => service.replace(/^[a-z]+:\/\/[^/]*/i, '')

/** A Location at or below the endpoint becomes one at or below the service; any other stays. */
function translatedLocation (location: string, { service, endpoint, path }: AddressPair): string {
  const absolute = fromSocket(location, endpoint)
  if (location === '' || !URL.canParse(absolute, endpoint.href)) return location
  const url = new URL(absolute, endpoint)
  const { pathname, search, hash } = url
  const isBelow = originOf(url) === originOf(endpoint) && (pathname === path || pathname.startsWith(`${path}/`))
  return isBelow ? service + pathname.slice(path.length) + search + hash : location
}

/** A back-end at a unix socket knows its own origin from Host, which is without `unix+`. */
function fromSocket (location: string, endpoint: URL): string {
  const origin = originOf(endpoint)
  return namesSocket(origin) && location.startsWith(`${httpOriginOf(origin)}/`) ? `unix+${location}` : location
}

/**
 * A cookie that its client would send to the endpoint becomes one that it sends to the service. Domain is removed, Path
 * becomes that of the service; `/` covers it already. Other paths stay.
 * @see RFC 6265, sections 5.1.4 and 5.2
 */
function translatedCookie (cookie: string, addresses: AddressPair): string {
  const [pair = '', ...attributes] = cookie.split(';')
  const withoutDomain = attributes.filter(each => !/^\s*domain\s*(=|$)/i.test(each))
  return [
    pair,
    ...withoutDomain.map(each => {
      const path = /^\s*path\s*=\s*(\/.*?)\s*$/i.exec(each)?.[1]
      return path === undefined ? each : ` Path=${translatedPath(path, addresses)}`
    })
  ].join(';')
}

function translatedPath (cookiePath: string, { service, path }: AddressPair): string {
  if (cookiePath === '/') return '/'
  const bare = cookiePath.replace(/\/$/, '')
  if (bare === path || path.startsWith(`${bare}/`)) return service
  return bare.startsWith(`${path}/`) ? service + bare.slice(path.length) : cookiePath
}
