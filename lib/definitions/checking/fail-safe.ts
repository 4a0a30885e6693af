import type { Definitions } from '../model/model.js'
import type { Sliced } from '../../slices/sliced-work.js'
import { ConfigurationError, type Problem } from '../model/problem.js'

/**
 * Builds the part of a configuration that can run: leaves out artefacts with errors, then those that cannot be built
 * without them, until nothing is wrong.
 * @see Synapse: SynapseXMLConfigurationFactory, fail-safe mode
 * @throws ConfigurationError if an error belongs to no artefact, or if no proxy is left
 */
export function * buildValidParts<T> (
  { definitions, problems }: { definitions: Definitions; problems: readonly Problem[] },
  build: (definitions: Definitions) => Sliced<T>
): Sliced<{ built: T; leftOut: readonly Problem[] }> {
  const leftOut: Problem[] = []
  let rest = definitions
  let errors: readonly Problem[] = problems.filter(({ severity }) => severity === 'error')
  for (;;) {
    leftOut.push(...errors)
    if (errors.some(({ artefact }) => artefact === undefined)) throw new ConfigurationError(leftOut)
    rest = without(rest, errors)
    if (leftOut.length > 0 && isEmpty(rest)) throw new ConfigurationError([...leftOut, nothingLeft(leftOut)])
    try {
      return { built: yield * build(rest), leftOut }
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      errors = error.problems.filter(({ severity }) => severity === 'error')
      if (without(rest, errors) === rest) throw new ConfigurationError([...leftOut, ...errors])
    }
  }
}

const nothingLeft = (leftOut: readonly Problem[]): Problem => ({
  severity: 'error',
  code: 'empty-configuration',
  message: 'nothing is left to run: each proxy and API is invalid, or needs a part that is',
  hint: undefined,
  file: leftOut[0]!.file,
  line: 1,
  column: 1
})

const isEmpty = ({ proxies = {}, apis = {}, sequences = {} }: Definitions): boolean =>
  Object.keys(proxies).length + Object.keys(apis).length === 0 && sequences['main'] === undefined

/** The definitions without the artefacts of these problems; the same object, if there are none. */
function without (definitions: Definitions, problems: readonly Problem[]): Definitions {
  let rest = definitions
  for (const { artefact } of problems) {
    if (
      artefact === undefined ||
      artefact.category === 'none' ||
      !Object.hasOwn(rest[artefact.category] ?? {}, artefact.name)
    ) {
      continue
    }
    const { [artefact.name]: _, ...others } = rest[artefact.category] as Record<string, unknown>
    rest = { ...rest, [artefact.category]: others }
  }
  return rest
}
