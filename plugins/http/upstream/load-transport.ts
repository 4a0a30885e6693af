import { namesSocket } from '../../../lib/message/origin.js'
import type { EndpointSecurity } from '../../../lib/state/tls-material.js'
import { DispatcherTransport } from './dispatcher-transport.js'
import { OwnTransport } from './own-transport.js'
import type { UpstreamDispatcher } from './upstream-dispatcher.js'
import type { OpenTransport } from './upstream-transport.js'

/** What sends the requests to endpoints: the project's own HTTP/1.1 client, or undici. */
export type UpstreamClientName = 'own' | 'undici'

const openOwn: OpenTransport = (origin, security, limits) => new OwnTransport(origin, security, limits)

/**
 * Loads the connections by this client. Default: `own`. The package undici is loaded for `undici` only. Unix sockets
 * are served by the own client where a dispatcher serves the others: dispatchers know hosts only.
 */
export async function loadTransport (client: UpstreamClientName | UpstreamDispatcher = 'own'): Promise<OpenTransport> {
  if (client === 'own') return openOwn
  if (client !== 'undici') {
    return (origin, security, limits) => {
      if (namesSocket(origin)) return openOwn(origin, security, limits)
      if (hasTlsSettings(security)) throw new TypeError('a dispatcher has TLS settings of its own')
      return new DispatcherTransport(client, origin, limits)
    }
  }
  const { UndiciTransport } = await import('./undici-transport.js')
  return (origin, security, limits) => new UndiciTransport(origin, security, limits)
}

/** Whether an endpoint sets how its certificate is verified, or which one the gateway has. */
export const hasTlsSettings = ({ verify, tls }: EndpointSecurity): boolean => !verify || tls !== undefined
