import type { CompiledConfiguration } from '../../../lib/compiler/compile.js'
import { endpointsOfFlow } from '../../../lib/explain/outline-endpoints.js'
import { outlineOf } from '../../../lib/explain/proxy-outline.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'

type ProxiesByEndpoint = ReadonlyMap<string, readonly string[]>

/** Each configuration is read once. */
const known = new WeakMap<CompiledConfiguration, ProxiesByEndpoint>()

/** Names of the proxies that may send requests to an endpoint or a group, by its name in the registry. */
export const proxiesThatUse = (name: string, proxyServices: ProxyServices | undefined): readonly string[] =>
  [...(proxyServices ?? [])].flatMap(({ configuration }) => {
    const proxies = known.get(configuration) ?? proxiesByEndpoint(configuration)
    known.set(configuration, proxies)
    return proxies.get(name) ?? []
  })

function proxiesByEndpoint ({
  services,
  expanded: definitions,
  endpointNames
}: CompiledConfiguration): ProxiesByEndpoint {
  const found = new Map<string, string[]>()
  // Where the parts are is not shown, and costs time in a long file.
  const sources = { definitions, endpointNames, locations: new WeakMap(), withValues: false }
  for (const proxy of services.keys()) {
    const outline = outlineOf(proxy, sources)
    for (const { name } of outline === undefined ? [] : endpointsOfFlow(outline)) {
      const proxies = found.get(name)
      if (proxies === undefined) found.set(name, [proxy])
      else proxies.push(proxy)
    }
  }
  return found
}
