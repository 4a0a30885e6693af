import type { CompiledConfiguration } from '../compiler/compile.js'
import type { ProxyService } from '../pipeline/service.js'
import { findResource, selectApi, type CompiledApi, type CompiledResource } from '../rest/api.js'
import { proxyTarget, requestTarget, type SampleTarget } from './sample-request.js'

/** What is explained: a proxy, the sequence `main`, or a resource of an API. */
export interface Subject {
  readonly name: string
  readonly service: ProxyService
  readonly target: SampleTarget
}

/**
 * Returns what a configuration serves. A file with a whole request means one resource of an API: the one that handles
 * it.
 */
export function subjectsOf (
  { main, services, apis }: CompiledConfiguration,
  file: Buffer | undefined
): Subject[] {
  const proxies = new Map([...(main === undefined ? [] : [['main', main] as const]), ...services])
  const wanted = file && requestTarget(file)
  const onlyResource = wanted && resourceOf(apis, wanted)
  return [
    ...[...proxies].map(([name, service]) => ({ name, service, target: proxyTarget(name) })),
    ...apis.flatMap(api =>
      api.resources
        .filter(resource => onlyResource === undefined || resource === onlyResource)
        .map(resource => ({ name: api.name, service: resource.service, target: sampleTarget(api, resource) }))
    )
  ]
}

interface Wanted {
  readonly method: string
  readonly target: string
}

function resourceOf (apis: readonly CompiledApi[], { method, target }: Wanted): CompiledResource | undefined {
  const { pathname: path, search: query } = new URL(target, 'http://localhost')
  const request = { method, path, query, host: 'localhost', protocol: 'http' }
  const api = apis.find(({ hostname, port, ...each }) => selectApi([each], request) !== undefined)
  const match = api && findResource(api, request)
  return match?.kind === 'resource' ? match.resource : undefined
}

/** A request that a resource handles: each variable has its name for a value. */
function sampleTarget ({ basePath }: CompiledApi, { methods, pattern = '/' }: CompiledResource): SampleTarget {
  const path = pattern
    .replace(/\{[?&][^{}]*\}/g, '')
    .replace(/\{[+#/]?([^{}*]+)\*?\}/g, '$1')
    .replace(/^\*\./, '/any.')
    .replace(/\/?\*$/, '')
  return { method: methods?.[0] ?? 'POST', base: basePath === '/' ? '' : basePath, path: path === '/' ? '' : path }
}
