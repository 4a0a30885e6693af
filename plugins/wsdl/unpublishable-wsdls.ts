import { isShaped } from '../../lib/definitions/checking/validate.js'
import type { LoadedConfiguration } from '../../lib/definitions/load.js'
import { problemAt, type Problem } from '../../lib/definitions/model/problem.js'
import { isGiven, load } from './load.js'
import { UnpublishableWsdl } from './document-text.js'

/** Milliseconds that the WSDL of one proxy may take, with all that it imports. */
const CHECK_TIMEOUT_MS = 15_000

/** The WSDLs of proxies that cannot be published, each at its place. They are read as they are when the proxies run. */
export async function unpublishableWsdls ({
  definitions: { proxies = {}, localEntries = {} },
  locations,
  baseDir
}: Pick<LoadedConfiguration, 'definitions' | 'locations' | 'baseDir'>): Promise<Problem[]> {
  const problems = Object.entries(proxies).map(async ([name, proxy]): Promise<Problem[]> => {
    if (!isShaped({ proxies: { [name]: proxy } }) || !isGiven(proxy.wsdl)) return []
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS)
    try {
      await load(proxy.wsdl, { baseFolder: baseDir, localEntry: key => entry(localEntries, key), signal })
      return []
    } catch (error) {
      if (!(error instanceof UnpublishableWsdl)) throw error
      const why = signal.aborted ? `reading it takes longer than ${CHECK_TIMEOUT_MS / 1000} s` : error.message
      return [
        problemAt(
          locations.get(proxy.wsdl) ?? locations.get(proxy),
          'unusable-wsdl',
          `the WSDL of ${name} cannot be published: ${why}`,
          'the proxy runs all the same, and ?wsdl answers 503'
        )
      ]
    }
  })
  return (await Promise.all(problems)).flat()
}

const entry = (localEntries: NonNullable<LoadedConfiguration['definitions']['localEntries']>, key: string) =>
  Object.hasOwn(localEntries, key) && isShaped({ localEntries: { [key]: localEntries[key] } })
    ? localEntries[key]
    : undefined
