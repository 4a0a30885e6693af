import { Compiler, type Runtime } from './compiler.js'
import type { Definitions } from '../definitions/model.js'
import { expandDefinitions, type Documents } from '../definitions/expand.js'
import { ConfigurationError, problemAt, type SourceLocations, type Problem } from '../definitions/problem.js'
import { BUILT_IN_KINDS } from '../definitions/read-xml.js'
import type { Kinds } from '../contracts/kind.js'
import { Registry, type StateLease } from '../state/registry.js'
import type { ProxyService } from '../pipeline/service.js'

export type { Runtime } from './compiler.js'

/** Checked definitions as running services. */
export interface CompiledConfiguration {
  readonly services: ReadonlyMap<string, ProxyService>
  /** What messages go to that no proxy claims: the sequence `main`, where there is one. */
  readonly main?: ProxyService | undefined
  readonly definitions: Definitions
  /** What it holds of the registry; to be released when the program is over. */
  readonly lease: StateLease
  /** What runs although messages will fail there. */
  readonly warnings: readonly Problem[]
}

export interface CompileOptions {
  /** The state to go on with; a new one unless told. */
  readonly registry?: Registry
  readonly locations?: SourceLocations
  readonly kinds?: Kinds
  /** Goes before the names that are made here, so that two programs can share a registry. */
  readonly scope?: string
  /** The WSDLs that endpoints name. */
  readonly documents?: Documents
}

/** What runs before all other sequences (Synapse: SynapseConstants, MANDATORY_SEQUENCE_KEY). */
const MANDATORY = 'pre-mediate'

/**
 * Every name is resolved here, once, before the first request. State that is in the registry stays with those that keep their names.
 * @throws ConfigurationError with everything that cannot be built
 */
export function compile (definitions: Definitions, world: Runtime, { registry = new Registry(world.now), locations: origins = new WeakMap(), kinds = BUILT_IN_KINDS, scope = '', documents }: CompileOptions = {}): CompiledConfiguration {
  const claim = registry.lease()
  const lowered = expandDefinitions(definitions, origins, world.environment, documents)
  const compiler = new Compiler(lowered.definitions, world, claim, origins, kinds, scope)
  compiler.problems.push(...lowered.problems)
  const { proxies = {}, sequences = {}, endpoints = {} } = lowered.definitions
  for (const name of Object.keys(sequences)) compiler.sequence(name)
  if (Object.hasOwn(sequences, MANDATORY)) compiler.warnings.push(problemAt(origins.get(sequences[MANDATORY]!), `the real engines run the sequence ${MANDATORY} before all others; here it runs only where it is named`, `write <sequence key="${MANDATORY}"/> where it has to run`, 'warning'))
  for (const name of Object.keys(endpoints)) compiler.endpoint(name)
  const services = new Map(Object.entries(proxies).map(([name, proxy]) => [name, compiler.service(name, proxy)]))
  const main = sequences['main'] && compiler.service('main', { in: [{ kind: 'sequence', key: 'main' }], out: [{ kind: 'sequence', key: 'main' }] })
  if (compiler.problems.length > 0) {
    for (const end of compiler.disposers) end()
    registry.release(claim)
    throw new ConfigurationError([...compiler.problems, ...compiler.warnings])
  }
  claim.commit()
  return { services, main, definitions, lease: claim, warnings: compiler.warnings }
}
