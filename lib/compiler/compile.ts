import { Compiler, type BuildableKinds, type World } from './compiler.js'
import type { Definitions } from '../definitions/model.js'
import { lower, type Documents } from '../definitions/expand.js'
import { ConfigurationError, problemAt, type Origins, type Problem } from '../definitions/problem.js'
import { OUR_KINDS } from '../definitions/read-xml.js'
import { Registry, type Claim } from '../state/registry.js'
import type { Service } from '../pipeline/service.js'

export type { BuildableKinds, World } from './compiler.js'

/** Checked definitions as running services. */
export interface Program {
  readonly services: ReadonlyMap<string, Service>
  /** What messages go to that no proxy claims: the sequence `main`, where there is one. */
  readonly main?: Service | undefined
  readonly definitions: Definitions
  /** What it holds of the registry; to be released when the program is over. */
  readonly claim: Claim
  /** What runs although messages will fail there. */
  readonly warnings: readonly Problem[]
}

export interface CompileOptions {
  /** The state to go on with; a new one unless told. */
  readonly registry?: Registry
  readonly origins?: Origins
  readonly kinds?: BuildableKinds
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
export function compile (definitions: Definitions, world: World, { registry = new Registry(world.now), origins = new WeakMap(), kinds = OUR_KINDS as unknown as BuildableKinds, scope = '', documents }: CompileOptions = {}): Program {
  const claim = registry.claim()
  const lowered = lower(definitions, origins, world.environment, documents)
  const compiler = new Compiler(lowered.definitions, world, claim, origins, kinds, scope)
  compiler.problems.push(...lowered.problems)
  const { proxies = {}, sequences = {}, endpoints = {} } = lowered.definitions
  for (const name of Object.keys(sequences)) compiler.sequence(name)
  if (Object.hasOwn(sequences, MANDATORY)) compiler.warnings.push(problemAt(origins.get(sequences[MANDATORY]!), `the real engines run the sequence ${MANDATORY} before all others; here it runs only where it is named`, `write <sequence key="${MANDATORY}"/> where it has to run`, 'warning'))
  for (const name of Object.keys(endpoints)) compiler.endpoint(name)
  const services = new Map(Object.entries(proxies).map(([name, proxy]) => [name, compiler.service(name, proxy)]))
  const main = sequences['main'] && compiler.service('main', { in: [{ kind: 'sequence', key: 'main' }], out: [{ kind: 'sequence', key: 'main' }] })
  if (compiler.problems.length > 0) {
    for (const end of compiler.ends) end()
    registry.release(claim)
    throw new ConfigurationError([...compiler.problems, ...compiler.warnings])
  }
  claim.commit()
  return { services, main, definitions, claim, warnings: compiler.warnings }
}
