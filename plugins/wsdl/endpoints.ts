import { documentAddresses, type Documents } from '../../lib/definitions/expand.js'
import type { LoadedConfiguration } from '../../lib/definitions/load.js'
import { placesOf, readPlaces } from './source.js'

/**
 * Reads the WSDLs that endpoints name and the files of local entries, each once; what a relative address is relative
 * to is the baseDir of the
 * configuration.
 * Never rejects: what cannot be read is an error in its place.
 */
export async function readDocuments (
  { definitions, baseDir }: Pick<LoadedConfiguration, 'definitions' | 'baseDir'>,
  environment: (name: string) => string | undefined
): Promise<Documents> {
  const { signal } = new AbortController()
  const read = async (address: string): Promise<[string, string | Error]> => {
    try {
      return [address, (await readPlaces(placesOf(address, baseDir), baseDir, signal)).text]
    } catch (error) {
      return [address, error instanceof Error ? error : new Error(String(error))]
    }
  }
  return new Map(await Promise.all([...documentAddresses(definitions, environment)].map(read)))
}
