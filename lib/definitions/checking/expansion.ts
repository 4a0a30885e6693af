import type { PlaceholderSources } from '../../endpoints/settings/placeholders.js'
import type { Problem, SourceLocations } from '../model/problem.js'
import type { Config } from '../model/rewrite.js'

/** Documents by address: the text, or the error that reading it gave. */
export type Documents = ReadonlyMap<string, string | Error>

/** What endpoints are expanded with. */
export interface Expansion {
  readonly locations: SourceLocations
  readonly problems: Problem[]
  readonly sources: PlaceholderSources
}

/** Stands for an endpoint that could not be made, until all problems are known. */
export const UNRESOLVED: Config = { kind: 'default' }
