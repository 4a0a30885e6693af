import type { Kinds } from '../contracts/kind.js'
import type { BuildPlan } from '../definitions/checking/build-plan.js'
import type { Documents } from '../definitions/checking/expansion.js'
import type { SourceLocations } from '../definitions/model/problem.js'
import type { StateLease } from '../state/state-lease.js'
import type { Runtime } from './runtime.js'

/** What a compiler works with, besides the definitions. */
export interface CompilerOptions {
  readonly runtime: Runtime
  readonly plan: BuildPlan
  readonly lease: StateLease
  readonly locations: SourceLocations
  readonly kinds: Kinds
  /** A prefix of generated names. */
  readonly scope: string
  /** The WSDLs that endpoints name, and the files of local entries. */
  readonly documents?: Documents | undefined
  /** Called with the definition of each mediator that begins with a message. Default: none is. */
  readonly onMediator?: ((definition: object) => void) | undefined
}
