import { buildPlan } from '../definitions/checking/build-plan.js'
import { compileApi } from './compile-api.js'
import { PartBuilder } from './part-builder.js'
import { jsonRulesOf } from './json-rules.js'
import { KnownMembers } from './known-members.js'
import { unreachableApis } from './unreachable-apis.js'
import type { Runtime } from './runtime.js'
import type { ApiResource, Definitions, Proxy } from '../definitions/model/model.js'
import { expandDefinitions } from '../definitions/checking/expand.js'
import type { Documents } from '../definitions/checking/expansion.js'
import { ConfigurationError, problemAt, type SourceLocations, type Problem } from '../definitions/model/problem.js'
import { ADVICE_FOR_REGEX, wrongJsonSetting } from '../definitions/model/json-settings.js'
import { unsetPlaceholders } from '../definitions/checking/unset-placeholders.js'
import { BUILT_IN_KINDS } from '../definitions/reading/read-xml.js'
import { completed, type Sliced } from '../slices/sliced-work.js'
import type { Kinds } from '../contracts/kind.js'
import type { JsonRules } from '../message/json-rules.js'
import { Registry } from '../state/registry.js'
import type { StateLease } from '../state/state-lease.js'
import type { ProxyService } from '../pipeline/service.js'
import { inApiOrder, type CompiledApi } from '../rest/api.js'

export type { Runtime } from './runtime.js'

/** Running services, made from validated definitions. */
export interface CompiledConfiguration {
  readonly services: ReadonlyMap<string, ProxyService>
  /** In the order in which they are tried. */
  readonly apis: readonly CompiledApi[]
  /** Handles requests to an API that has no resource for them: the sequence `_resource_mismatch_handler_`. */
  readonly apiFallback?: ProxyService | undefined
  /** Handles requests that belong to no proxy: the sequence `main`, where there is one. */
  readonly main?: ProxyService | undefined
  readonly definitions: Definitions
  /** The definitions with their templates expanded, and where each of their parts is. */
  readonly expanded: Definitions
  readonly locations: SourceLocations
  /** Names in the registry of the endpoints that were built, by their definitions in `expanded`. */
  readonly endpointNames: { get(definition: object): string | undefined }
  /** The state that it uses. Release it when the configuration is replaced. */
  readonly lease: StateLease
  /**
   * Builds it again upon another state. Nothing of this one changes. Discovered members are those of now.
   * @param onMediator called with the definition in `expanded` of each mediator that begins with a message
   */
  readonly copy: (
    registry: Registry,
    onMediator?: (definition: object) => void
  ) => Sliced<CompiledConfiguration>
  /** Places where messages will fail, or behave differently than in the real engines. */
  readonly warnings: readonly Problem[]
}

export interface CompileOptions {
  /** The state to continue with. Default: a new registry. */
  readonly registry?: Registry
  readonly locations?: SourceLocations
  readonly kinds?: Kinds
  /** A prefix of generated names, so that several configurations can share a registry. Default: none. */
  readonly scope?: string
  /** The WSDLs that endpoints name. */
  readonly documents?: Documents
  /** Called with the definition of each mediator that begins with a message. Default: none is. */
  readonly onMediator?: ((definition: object) => void) | undefined
}

/** @see WSO2: RESTConstants, NO_MATCHING_RESOURCE_HANDLER */
const API_FALLBACK = '_resource_mismatch_handler_'

/**
 * Compiles definitions. All names are resolved here, before the first request. State in the registry stays with
 * endpoints and groups that keep their names.
 * @throws ConfigurationError with all errors and warnings
 */
export const compile = (
  definitions: Definitions,
  runtime: Runtime,
  options?: CompileOptions
): CompiledConfiguration => completed(compileInSlices(definitions, runtime, options))

/** As `compile`, one artefact a slice. Work that ends early leaves no trace. */
export function * compileInSlices (
  definitions: Definitions,
  runtime: Runtime,
  options: CompileOptions = {}
): Sliced<CompiledConfiguration> {
  const { registry = new Registry(runtime.now), locations = new WeakMap(), scope = '', documents } = options
  const { kinds = BUILT_IN_KINDS, onMediator } = options
  const expanded = yield * expandDefinitions(definitions, locations, runtime, documents)
  const lease = registry.lease()
  const members = new KnownMembers(runtime.watchMembers)
  const watching = { ...runtime, watchMembers: members.watch }
  const plan = yield * buildPlan(expanded.definitions, locations)
  const parts = { lease, locations, kinds, scope, documents, onMediator, plan }
  const builder = new PartBuilder(expanded.definitions, { ...parts, runtime: watching })
  for (const problem of [...expanded.problems, ...plan.problems]) {
    ;(problem.severity === 'error' ? builder.problems : builder.warnings).push(problem)
  }
  let isComplete = false
  try {
    const built = yield * build(builder, expanded.definitions, jsonRulesFor(builder, expanded.definitions))
    if (kinds === BUILT_IN_KINDS) {
      builder.warnings.push(...(yield * unsetPlaceholders(expanded.definitions, locations)))
    }
    if (builder.problems.length > 0) throw new ConfigurationError([...builder.problems, ...builder.warnings])
    builder.warnings.push(...(yield * unreachableApis(built.apis, expanded.definitions, locations)))
    yield * lease.commitInSlices()
    isComplete = true
    return {
      ...built,
      definitions,
      expanded: expanded.definitions,
      locations,
      endpointNames: builder.endpointNames,
      lease,
      copy: (other, observer) =>
        compileInSlices(
          expanded.definitions,
          { ...runtime, watchMembers: members.report },
          { ...options, registry: other, onMediator: observer }
        ),
      warnings: builder.warnings
    }
  } finally {
    if (!isComplete) {
      for (const dispose of builder.disposers) dispose()
      registry.release(lease)
    }
  }
}

type Built = Pick<CompiledConfiguration, 'services' | 'apis' | 'apiFallback' | 'main'>

/** Definitions that were not read from a text may have settings that nothing has checked. */
function jsonRulesFor (builder: PartBuilder, { json }: Definitions): JsonRules | undefined {
  const problems = Object.entries(json ?? {}).flatMap(([name, value]) => {
    const reason = wrongJsonSetting(name, value)
    if (reason === undefined) return []
    return problemAt(undefined, 'invalid-value', `json.${name}: ${reason}`, ADVICE_FOR_REGEX)
  })
  builder.problems.push(...problems)
  return problems.length > 0 ? undefined : jsonRulesOf(json)
}

function * build (builder: PartBuilder, definitions: Definitions, jsonRules: JsonRules | undefined): Sliced<Built> {
  const { proxies = {}, apis = {}, sequences = {} } = definitions
  const service = (name: string, proxy: Proxy): ProxyService => ({ ...builder.service(name, proxy), jsonRules })
  const parts = { service, matchers: (resource: ApiResource) => builder.matchers(resource) }
  yield * builder.buildNamedParts()
  const services = new Map<string, ProxyService>()
  for (const [name, proxy] of Object.entries(proxies)) {
    services.set(name, service(name, proxy))
    yield
  }
  const compiledApis: CompiledApi[] = []
  for (const [name, api] of Object.entries(apis)) {
    compiledApis.push(compileApi(parts, name, api))
    yield
  }
  const apiFallback =
    sequences[API_FALLBACK] && service(API_FALLBACK, { in: [{ kind: 'sequence', key: API_FALLBACK }] })
  const main =
    sequences['main'] &&
    service('main', { in: [{ kind: 'sequence', key: 'main' }], out: [{ kind: 'sequence', key: 'main' }] })
  return { services, apis: inApiOrder(compiledApis), apiFallback, main }
}
