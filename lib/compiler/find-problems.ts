import type { LoadedConfiguration } from '../definitions/load.js'
import { isShaped } from '../definitions/checking/validate.js'
import type { Definitions } from '../definitions/model/model.js'
import { ConfigurationError, type Problem } from '../definitions/model/problem.js'
import { completed, type Sliced } from '../slices/sliced-work.js'
import { compileInSlices, type CompileOptions, type Runtime } from './compile.js'

type ProblemOptions = Pick<CompileOptions, 'documents' | 'kinds'>
type Findings = Pick<LoadedConfiguration, 'definitions' | 'locations' | 'problems'>

/** All problems of a configuration, those of compiling it included, in document order. */
export const problemsOf = (loaded: Findings, runtime: Runtime, options?: ProblemOptions): readonly Problem[] =>
  completed(problemsInSlices(loaded, runtime, options))

/** As `problemsOf`. */
export function * problemsInSlices (
  { definitions, locations, problems }: Findings,
  runtime: Runtime,
  options: ProblemOptions = {}
): Sliced<readonly Problem[]> {
  const position = ({ file, line, column }: Problem): string => `${file}:${line}:${column}`
  const reported = new Set(problems.filter(({ severity }) => severity === 'error').map(position))
  const compiling = yield * problemsOfCompiling(definitions, runtime, { ...options, locations })
  return problemsInOrder([...problems, ...compiling.filter(problem => !reported.has(position(problem)))])
}

/** In document order. */
export const problemsInOrder = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column)

/**
 * The problems of compiling. Parts that do not have the shape of the model are replaced by placeholders of their names.
 */
function * problemsOfCompiling (
  definitions: Definitions,
  runtime: Runtime,
  options: CompileOptions
): Sliced<readonly Problem[]> {
  try {
    return (yield * compileInSlices(definitions, runtime, options)).warnings
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    if (isShaped(definitions)) throw error
    return yield * problemsOfCompiling(withPlaceholders(definitions), runtime, options)
  }
}

const PLACEHOLDERS = {
  proxies: { in: [] },
  apis: { context: '/', resources: [{}] },
  sequences: [],
  endpoints: { kind: 'default' },
  localEntries: { text: '' }
} as const
type PlaceholderCategory = keyof typeof PLACEHOLDERS

function withPlaceholders (definitions: Definitions): Definitions {
  const replaced = (Object.keys(PLACEHOLDERS) as PlaceholderCategory[]).map(category => {
    const parts = Object.entries(definitions[category] ?? {}).map(([name, value]) => [
      name,
      isShaped({ [category]: { [name]: value } }) ? value : PLACEHOLDERS[category]
    ])
    return [category, Object.fromEntries(parts)]
  })
  return { ...definitions, ...Object.fromEntries(replaced) }
}
