import type { Definitions } from './model.js'
import { ConfigurationError, type Problem } from './problem.js'

/**
 * The part of a configuration that can run: what spoils it is left out, then what cannot be built without that, until nothing is wrong
 * (Synapse: fail-safe mode of SynapseXMLConfigurationFactory).
 * @throws ConfigurationError if no part is to blame, or no proxy is left
 */
export function buildValidParts<T> ({ definitions, problems }: { definitions: Definitions, problems: readonly Problem[] }, build: (definitions: Definitions) => T): { built: T, leftOut: readonly Problem[] } {
  const leftOut: Problem[] = []
  let rest = definitions
  let wrong: readonly Problem[] = problems.filter(({ severity }) => severity === 'error')
  for (;;) {
    leftOut.push(...wrong)
    if (wrong.some(({ artefact }) => artefact === undefined)) throw new ConfigurationError(leftOut)
    rest = without(rest, wrong)
    if (leftOut.length > 0 && Object.keys(rest.proxies ?? {}).length === 0 && rest.sequences?.['main'] === undefined) throw new ConfigurationError(leftOut)
    try {
      return { built: build(rest), leftOut }
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      wrong = error.problems.filter(({ severity }) => severity === 'error')
      if (without(rest, wrong) === rest) throw new ConfigurationError([...leftOut, ...wrong])
    }
  }
}

/** The same, if nothing goes. */
function without (definitions: Definitions, problems: readonly Problem[]): Definitions {
  let rest = definitions
  for (const { artefact } of problems) {
    if (artefact === undefined || artefact.category === 'none' || !Object.hasOwn(rest[artefact.category] ?? {}, artefact.name)) continue
    const { [artefact.name]: _, ...others } = rest[artefact.category] as Record<string, unknown>
    rest = { ...rest, [artefact.category]: others }
  }
  return rest
}
