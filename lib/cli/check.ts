import { compile, type Runtime } from '../compiler/compile.js'
import { unpublishableWsdls } from '../../plugins/wsdl/check.js'
import { readDocuments } from '../../plugins/wsdl/endpoints.js'
import type { Documents } from '../definitions/expand.js'
import { load, type LoadedConfiguration } from '../definitions/load.js'
import { isShaped } from '../definitions/validate.js'
import type { Definitions } from '../definitions/model.js'
import { ConfigurationError, formatProblem, type SourceLocations, type Problem } from '../definitions/problem.js'
import { runtime } from '../../plugins/gateway/runtime.js'

/** Everything that is wrong with a configuration, in the order in which it stands there; that cannot be built included. */
export function problemsOf ({ definitions, locations: origins, problems }: LoadedConfiguration, within: Runtime = runtime, documents?: Documents): readonly Problem[] {
  const at = ({ file, line, column }: Problem): string => `${file}:${line}:${column}`
  const told = new Set(problems.filter(({ severity }) => severity === 'error').map(at))
  return inOrder([...problems, ...unbuildable(definitions, origins, within, documents).filter(problem => !told.has(at(problem)))])
}

const inOrder = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column)

/** What has too little of the shape of the model cannot be built at all: something harmless keeps its name for those that refer to it. */
function unbuildable (definitions: Definitions, origins: SourceLocations, within: Runtime, documents: Documents | undefined): readonly Problem[] {
  try {
    return compile(definitions, within, { locations: origins, ...documents && { documents } }).warnings
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    if (isShaped(definitions)) throw error
    return unbuildable(harmless(definitions), origins, within, documents)
  }
}

const HARMLESS = { proxies: { in: [] }, sequences: [], endpoints: { kind: 'default' }, localEntries: { text: '' } } as const

const harmless = (definitions: Definitions): Definitions =>
  Object.assign({ ...definitions }, Object.fromEntries((Object.keys(HARMLESS) as (keyof typeof HARMLESS)[]).map(category => [category,
    Object.fromEntries(Object.entries(definitions[category] ?? {}).map(([name, value]) => [name, isShaped({ [category]: { [name]: value } }) ? value : HARMLESS[category]]))])))

/** A configuration with everything that is wrong with it and with the documents that it names, in order. */
export async function examine (path: string): Promise<LoadedConfiguration> {
  const loaded = await load(path)
  const [documents, unpublished] = await Promise.all([readDocuments(loaded, runtime.environment), unpublishableWsdls(loaded)])
  return { ...loaded, problems: inOrder([...problemsOf(loaded, runtime, documents), ...unpublished]) }
}

/** `check`: every problem as `file:line:column message (hint)`. @returns 0, or 1 if anything is wrong */
export async function check (path: string): Promise<number> {
  const { definitions, problems } = await examine(path)
  for (const problem of problems) (problem.severity === 'hint' ? console.log : console.error)(formatProblem(problem))
  const errors = problems.filter(({ severity }) => severity !== 'hint').length
  if (errors > 0) {
    console.error(`${errors} problem${errors === 1 ? '' : 's'}`)
    return 1
  }
  const count = (what: object | undefined, name: string, plural: string): string[] => {
    const many = Object.keys(what ?? {}).length
    return many === 0 ? [] : [`${many} ${many === 1 ? name : plural}`]
  }
  const { proxies, sequences, endpoints, localEntries } = definitions
  const all = [...count(proxies, 'proxy', 'proxies'), ...count(sequences, 'sequence', 'sequences'), ...count(endpoints, 'endpoint', 'endpoints'), ...count(localEntries, 'local entry', 'local entries')]
  console.log(`${path} is sound: ${all.join(', ') || 'it is empty, and takes no messages'}`)
  return 0
}
