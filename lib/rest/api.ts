import type { Message, Properties } from '../message/message.js'
import type { ProxyService } from '../pipeline/service.js'
import { uriTemplate, type Variables } from './uri-template.js'
import { urlMapping } from './url-mapping.js'

/** One resource of an API, ready to run. */
export interface CompiledResource {
  readonly service: ProxyService
  /** Undefined: all. */
  readonly methods?: readonly string[] | undefined
  readonly transports: readonly string[]
  /** The `uri-template` or `url-mapping`. Undefined: any path that no other resource takes. */
  readonly pattern?: string | undefined
  readonly template?: ReturnType<typeof uriTemplate> | undefined
  readonly mapping?: ReturnType<typeof urlMapping> | undefined
}

export type Matchers = Pick<CompiledResource, 'pattern' | 'template' | 'mapping'>
export type ApiName = Pick<CompiledApi, 'name' | 'basePath' | 'context' | 'version' | 'isVersioned'>

/** One REST API, ready to run. */
export interface CompiledApi {
  readonly name: string
  /** The path that all of its resources begin with, the version included. */
  readonly basePath: string
  readonly context: string
  readonly version: string
  /** Whether it is tried before those without a version. One with a version-type is, with or without a version. */
  readonly isVersioned: boolean
  readonly hostname?: string | undefined
  readonly port?: number | undefined
  readonly resources: readonly CompiledResource[]
}

/** The matchers of a resource. @throws Error for a malformed `uri-template` */
export function matchersOf (resource: { readonly uriTemplate?: string, readonly urlMapping?: string }): Matchers {
  return {
    pattern: resource.uriTemplate ?? resource.urlMapping,
    template: resource.uriTemplate === undefined ? undefined : uriTemplate(resource.uriTemplate),
    mapping: resource.urlMapping === undefined ? undefined : urlMapping(resource.urlMapping)
  }
}

/**
 * The name of an API, with the path that its resources begin with.
 * @see WSO2: ContextVersionStrategy (`{version}` in the context), URLBasedVersionStrategy (`/context/version`)
 */
export function apiNameOf (
  name: string, api: { readonly context: string, readonly version?: string, readonly versionType?: string }
): ApiName {
  const { version = '', versionType } = api
  const context = api.context.replaceAll('{version}', version)
  const basePath = versionType === 'url' ? `${context === '/' ? '' : context}/${version}` : context
  return {
    name,
    context,
    version,
    isVersioned: version !== '' || versionType !== undefined,
    basePath: basePath.length > 1 ? basePath.replace(/\/+$/, '') : basePath
  }
}

/** What decides which API and which resource handle a request. `path` is decoded by nothing, `query` has its `?`. */
export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly host: string
  readonly protocol: string
}

/** The resource of a request; or the status of its response, with the methods that a resource at this path has. */
export type ResourceMatch =
  | { readonly kind: 'resource', readonly resource: CompiledResource, readonly variables: Variables }
  | { readonly kind: 'not-found' | 'not-acceptable' }
  | { readonly kind: 'options' | 'method-not-allowed', readonly allow: readonly string[] }

/** The order in which APIs are tried: versions first, then by the length of their base path; `/` is the last. */
export const inApiOrder = (apis: readonly CompiledApi[]): CompiledApi[] => apis.toSorted((one, other) =>
  Number(other.isVersioned) - Number(one.isVersioned) || other.basePath.length - one.basePath.length)

/** The API that handles a request. @see WSO2: API.canProcess, ApiUtils.getSelectedAPI */
export const selectApi = (
  apis: readonly CompiledApi[], { path, host, protocol }: ApiRequest
): CompiledApi | undefined =>
  apis.find(({ basePath, hostname, port, resources }) =>
    (basePath === '/' || path === basePath || path.startsWith(`${basePath}/`)) &&
    (hostname === undefined || hostname === host.replace(/:\d*$/, '')) &&
    (port === undefined || port === Number(/:(\d+)$/.exec(host)?.[1] ?? (protocol === 'https' ? 443 : 80))) &&
    resources.length > 0)

/** The path below an API, at least `/`. */
export const subPathOf = ({ basePath }: CompiledApi, path: string): string =>
  (basePath === '/' ? path : path.slice(basePath.length)) || '/'

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH']

/**
 * The resource that handles a request. URL mappings precede templates, and both precede resources without a pattern;
 * among templates the first one wins.
 * @see WSO2: API.process, URLMappingBasedDispatcher, URITemplateBasedDispatcher, DefaultDispatcher
 */
export function findResource (api: CompiledApi, request: ApiRequest): ResourceMatch {
  const { method, protocol } = request
  const takes = ({ methods }: CompiledResource): boolean =>
    method === 'OPTIONS' || methods === undefined || methods.includes(method)
  const acceptable = api.resources.filter(each => each.transports.includes(protocol) && takes(each))
  const found = dispatch(acceptable, subPathOf(api, request.path), request.query)
  if (found !== undefined) {
    const { methods } = found.resource
    const isAutomatic = method === 'OPTIONS' && methods?.includes('OPTIONS') !== true
    return isAutomatic ? { kind: 'options', allow: methods ?? METHODS } : { kind: 'resource', ...found }
  }
  const other = dispatch(api.resources, subPathOf(api, request.path), request.query)
  if (other === undefined) return { kind: 'not-found' }
  return takes(other.resource)
    ? { kind: 'not-acceptable' }
    : { kind: 'method-not-allowed', allow: other.resource.methods ?? METHODS }
}

interface Dispatched { readonly resource: CompiledResource, readonly variables: Variables }

/** The resource that handles a path below its API among those that take its method. */
export function dispatch (resources: readonly CompiledResource[], path: string, query: string): Dispatched | undefined {
  const mapped = mappedResource(resources, path)
  if (mapped !== undefined) return { resource: mapped, variables: {} }
  for (const resource of resources) {
    const variables = resource.template?.(path, query)
    if (variables !== undefined) return { resource, variables }
  }
  const fallback = resources.find(({ pattern }) => pattern === undefined)
  return fallback && { resource: fallback, variables: {} }
}

/** An exact mapping precedes the longest prefix, and that precedes an extension. */
function mappedResource (resources: readonly CompiledResource[], path: string): CompiledResource | undefined {
  const rankOf = ({ mapping }: CompiledResource): number => {
    const match = mapping?.(path)
    if (match === undefined) return 0
    return match.kind === 'exact' ? Infinity : match.kind === 'prefix' ? 1 + match.segments : 1
  }
  let best: CompiledResource | undefined
  let bestRank = 0
  for (const resource of resources) {
    const rank = rankOf(resource)
    if (rank > bestRank) [best, bestRank] = [resource, rank]
  }
  return best
}

/**
 * The properties that a request has in the sequences of its resource: `uri.var.*`, `query.param.*` and `REST_*`.
 * @see WSO2: API.process, Resource.process, ApiUtils.populateQueryParamsToMessageContext
 */
export function restProperties (api: ApiName, { pattern, template }: Matchers, request: Message): Properties {
  const { path, query, method } = request
  const subPath = path === '' ? '/' : path
  return {
    SYNAPSE_REST_API: api.name,
    SYNAPSE_REST_API_VERSION: api.version,
    REST_API_CONTEXT: api.context,
    REST_FULL_REQUEST_PATH: `${api.basePath === '/' ? '' : api.basePath}${path}${query}`,
    REST_SUB_REQUEST_PATH: `${subPath}${query}`,
    REST_METHOD: method,
    ...pattern !== undefined && { REST_URL_PATTERN: pattern },
    ...prefixed('uri.var.', Object.entries(template?.(subPath, query) ?? {})),
    ...prefixed('query.param.', new URLSearchParams(query))
  }
}

const prefixed = (prefix: string, entries: Iterable<[string, string]>): Record<string, string> =>
  Object.fromEntries([...entries].map(([name, value]) => [`${prefix}${name}`, value]))
