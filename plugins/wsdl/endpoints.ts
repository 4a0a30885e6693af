import { documentAddresses, type DocumentSecurity } from '../../lib/definitions/checking/expand.js'
import type { Documents } from '../../lib/definitions/checking/expansion.js'
import type { LoadedConfiguration } from '../../lib/definitions/load.js'
import type { PlaceholderSources } from '../../lib/endpoints/settings/placeholders.js'
import { tlsMaterialOf, type TlsContext } from '../../lib/endpoints/settings/tls-settings.js'
import { toError } from '../../lib/message/error-message.js'
import { tlsOptionsOf } from '../../lib/state/tls-material.js'
import { atOnce, type RunSliced } from '../../lib/slices/sliced-work.js'
import { placesOf, readPlaces } from './source.js'

/**
 * Reads the WSDLs that endpoints name and the files of local entries, each once; what a relative address is relative
 * to is the baseDir of the configuration. Never rejects: what cannot be read is an error in its place.
 */
export async function readDocuments (
  { definitions, baseDir }: Pick<LoadedConfiguration, 'definitions' | 'baseDir'>,
  sources: PlaceholderSources & TlsContext,
  run: RunSliced = atOnce
): Promise<Documents> {
  const { signal } = new AbortController()
  const read = async ([address, { verify, tls }]: [string, DocumentSecurity]): Promise<[string, string | Error]> => {
    try {
      const security = tlsOptionsOf({ verify, tls: tlsMaterialOf(tls, sources) })
      return [address, (await readPlaces(placesOf(address, baseDir), baseDir, signal, security)).text]
    } catch (error) {
      return [address, toError(error)]
    }
  }
  const addresses = await run(documentAddresses(definitions, sources))
  return new Map(await Promise.all([...addresses].map(read)))
}
