import { compile } from '../compile.js'
import { load, type Loaded } from '../definitions/load.js'
import { ConfigurationError, written, type Problem } from '../definitions/problem.js'
import { world } from './world.js'

/** Everything that is wrong with a configuration, that cannot be built included. */
export function problemsOf ({ definitions, origins, problems }: Loaded): readonly Problem[] {
  try {
    compile(definitions, world, { origins })
    return problems
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const told = new Set(problems.map(({ file, line, column }) => `${file}:${line}:${column}`))
    return [...problems, ...error.problems.filter(({ file, line, column }) => !told.has(`${file}:${line}:${column}`))]
  }
}

/** `check`: every problem as `file:line:column message (hint)`. @returns 0, or 1 if anything is wrong */
export async function check (path: string): Promise<number> {
  const loaded = await load(path)
  const problems = [...problemsOf(loaded)].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column)
  for (const problem of problems) (problem.severity === 'error' ? console.error : console.log)(written(problem))
  const errors = problems.filter(({ severity }) => severity === 'error').length
  if (errors > 0) {
    console.error(`${errors} problem${errors === 1 ? '' : 's'}`)
    return 1
  }
  const count = (what: object | undefined, name: string, plural: string): string[] => {
    const many = Object.keys(what ?? {}).length
    return many === 0 ? [] : [`${many} ${many === 1 ? name : plural}`]
  }
  const { proxies, sequences, endpoints, localEntries } = loaded.definitions
  const all = [...count(proxies, 'proxy', 'proxies'), ...count(sequences, 'sequence', 'sequences'), ...count(endpoints, 'endpoint', 'endpoints'), ...count(localEntries, 'local entry', 'local entries')]
  console.log(`${path} is sound: ${all.join(', ') || 'it is empty'}`)
  return 0
}
