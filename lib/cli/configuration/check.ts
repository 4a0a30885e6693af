import { problemsInOrder, problemsOf } from '../../compiler/find-problems.js'
import { unpublishableWsdls } from '../../../plugins/wsdl/unpublishable-wsdls.js'
import { readDocuments } from '../../../plugins/wsdl/endpoints.js'
import { load, type LoadedConfiguration } from '../../definitions/load.js'
import type { Definitions } from '../../definitions/model/model.js'
import { formatProblem, type Problem } from '../../definitions/model/problem.js'
import { fileReader } from '../../../plugins/files/read-small-file.js'
import { runtime } from '../../../plugins/gateway/configuration/runtime.js'
import type { ParsedOptions } from '../command-line/usage.js'

/** Loads a configuration with all of its problems, in order; the WSDLs that it names are read. */
export async function examine (path: string): Promise<LoadedConfiguration> {
  const loaded = await load(path)
  const readFile = fileReader(loaded.baseDir)
  const [documents, unpublishable] = await Promise.all([
    readDocuments(loaded, { ...runtime, readFile }),
    unpublishableWsdls(loaded)
  ])
  const problems = problemsOf(loaded, { ...runtime, readFile }, { documents })
  return { ...loaded, problems: problemsInOrder([...problems, ...unpublishable]) }
}

/**
 * `check`: prints every problem as `file:line:column message (hint)`, or with `--json` as JSON.
 * What does not decide the exit code goes to stdout, the rest to stderr.
 * @returns 0, or 1 if there are errors; with `--strict`, also if there are warnings
 */
export async function check (path: string, { json, strict }: ParsedOptions = {}): Promise<number> {
  const { definitions, problems } = await examine(path)
  const counts = ({ severity }: Problem): boolean =>
    severity === 'error' || (strict === true && severity === 'warning')
  const count = problems.filter(counts).length
  if (json === true) {
    console.log(JSON.stringify({ problems: problems.map(withoutArtefact) }, null, 2))
    return count > 0 ? 1 : 0
  }
  for (const problem of problems) {
    const print = counts(problem) ? console.error : console.log
    print(formatProblem(problem))
  }
  if (count > 0) {
    console.error(`${count} problem${count === 1 ? '' : 's'}`)
    return 1
  }
  console.log(`${path} is valid: ${summaryOf(definitions)}${summaryOfWarnings(problems)}`)
  return 0
}

const withoutArtefact = ({ severity, code, message, hint, file, line, column }: Problem) => ({
  severity,
  code,
  message,
  hint,
  file,
  line,
  column
})

function summaryOfWarnings (problems: readonly Problem[]): string {
  const count = problems.filter(({ severity }) => severity === 'warning').length
  return count === 0 ? '' : `; ${count} warning${count === 1 ? '' : 's'}`
}

function summaryOf ({ proxies, apis, sequences, endpoints, localEntries }: Definitions): string {
  const count = (parts: object | undefined, name: string, plural: string): string[] => {
    const size = Object.keys(parts ?? {}).length
    return size === 0 ? [] : [`${size} ${size === 1 ? name : plural}`]
  }
  const counts = [
    ...count(proxies, 'proxy', 'proxies'),
    ...count(apis, 'API', 'APIs'),
    ...count(sequences, 'sequence', 'sequences'),
    ...count(endpoints, 'endpoint', 'endpoints'),
    ...count(localEntries, 'local entry', 'local entries')
  ]
  return counts.join(', ') || 'it is empty, and takes no messages'
}
