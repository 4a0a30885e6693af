import { OwnTransport } from './own-transport.js'
import type { Transport } from './upstream-transport.js'

/** What sends the requests to endpoints: the project's own HTTP/1.1 client, or undici. */
export type UpstreamClientName = 'own' | 'undici'

/** Loads the connections by this client. Default: `own`. The package undici is loaded for `undici` only. */
export async function loadTransport (client: UpstreamClientName = 'own'): Promise<Transport> {
  return client === 'own' ? OwnTransport : (await import('./undici-transport.js')).UndiciTransport
}
