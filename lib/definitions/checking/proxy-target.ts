import type { Definitions } from '../model/model.js'
import { problemAt, type Problem, type SourceLocations } from '../model/problem.js'

/**
 * Returns a problem for each proxy that neither handles a request nor passes it on.
 * @see Synapse: ProxyServiceFactory
 */
export function proxiesWithoutTarget (
  { proxies = {} }: Definitions,
  locations: SourceLocations
): readonly Problem[] {
  return Object.values<unknown>(proxies).flatMap(proxy => {
    if (typeof proxy !== 'object' || proxy === null || 'in' in proxy || 'endpoint' in proxy) return []
    const message = 'a proxy needs an endpoint, a sequence for requests, or both'
    const hint = '<endpoint> and <inSequence> in its <target>; in JSON: endpoint and in'
    return [problemAt(locations.get(proxy), 'invalid-configuration', message, hint)]
  })
}
