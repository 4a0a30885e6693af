import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { assemble, violations } from './check.js'
import { Definitions as Schema, modelOf, type Definitions } from './model.js'
import { ConfigurationError, type Origins, type Problem } from './problem.js'
import { readJson } from './read-json.js'
import { readProperties } from './read-properties.js'
import { OUR_KINDS, readXml, type Kinds, type Reading } from './read-xml.js'

/** A configuration as it was read, with everything that was noticed. */
export interface Loaded {
  readonly definitions: Definitions
  readonly origins: Origins
  readonly problems: readonly Problem[]
  /** What relative addresses are relative to. */
  readonly folder: string
  /** All files that it was read from. */
  readonly files: readonly string[]
}

/** The folders of Synapse's layout of many files, in the order in which they are read (Synapse: MultiXMLConfigurationBuilder). */
const FOLDERS = ['local-entries', 'endpoints', 'sequences', 'templates', 'proxy-services']
const LARGEST = 16 * 1024 * 1024

/**
 * Reads a file (XML or JSON) or a folder: its own `*.xml` and `*.json`, `synapse.xml` first, and those in Synapse's folders; and
 * `synapse.properties` beside it.
 * Everything that is wrong is among the problems; nothing is compiled yet.
 * @throws Error only if the path itself cannot be read
 */
export async function load (path: string, kinds: Kinds = OUR_KINDS): Promise<Loaded> {
  const isFolder = (await stat(path)).isDirectory()
  const folder = isFolder ? path : dirname(path)
  const own = isFolder ? await filesIn(path) : [path]
  const files = [...own, ...await listed(folder, ['synapse.properties'])]
  const origins: Origins = new WeakMap()
  const readings = await Promise.all(files.map(file => readOne(file, origins, kinds)))
  const loaded = fromReadings(readings, origins, kinds)
  const none = isFolder && own.length === 0 ? [noFiles(path)] : []
  return { ...loaded, problems: [...none, ...loaded.problems], folder, files }
}

/** A text as a configuration: XML where it begins with `<`, else JSON. */
export function parse (text: string, file = '(configuration)', kinds: Kinds = OUR_KINDS): Loaded {
  const origins: Origins = new WeakMap()
  return { ...fromReadings([readText(file, text, origins, kinds)], origins, kinds), folder: '.', files: [] }
}

/** The definitions, if nothing is wrong with them. @throws ConfigurationError */
export function sound ({ definitions, problems }: Pick<Loaded, 'definitions' | 'problems'>): Definitions {
  if (problems.some(({ severity }) => severity === 'error')) throw new ConfigurationError(problems)
  return definitions
}

function fromReadings (readings: readonly Reading[], origins: Origins, kinds: Kinds): Pick<Loaded, 'definitions' | 'origins' | 'problems'> {
  const { definitions, problems } = assemble(readings.flatMap(({ artefacts }) => artefacts), origins)
  const schema = kinds === OUR_KINDS ? Schema : modelOf(kinds as unknown as Parameters<typeof modelOf>[0]).Import('Definitions')
  return { definitions, origins, problems: [...readings.flatMap(reading => reading.problems), ...problems, ...violations(definitions, origins, schema)] }
}

async function readOne (file: string, origins: Origins, kinds: Kinds): Promise<Reading> {
  const { size } = await stat(file)
  if (size > LARGEST) return { artefacts: [], problems: [{ severity: 'error', artefact: { category: 'none', name: file }, file, line: 1, column: 1, message: `the file is larger than ${LARGEST} bytes` }] }
  return readText(file, await readFile(file, 'utf8'), origins, kinds)
}

const readText = (file: string, text: string, origins: Origins, kinds: Kinds): Reading =>
  file.endsWith('.properties') ? readProperties(file, text) : text.trimStart().startsWith('<') || file.endsWith('.xml') ? readXml(file, text, origins, kinds) : readJson(file, text, origins)

async function filesIn (folder: string): Promise<string[]> {
  const own = await listed(folder, ['.xml', '.json'])
  const first = own.filter(file => basename(file) === 'synapse.xml')
  const others = own.filter(file => !['synapse.xml', 'registry.xml', 'package.json', 'tsconfig.json'].includes(basename(file)))
  const inside = await Promise.all(FOLDERS.map(each => listed(join(folder, each), ['.xml'])))
  return [...first, ...others, ...inside.flat()]
}

async function listed (folder: string, endings: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter(entry => !entry.isDirectory() && endings.some(ending => entry.name.endsWith(ending))).map(entry => join(folder, entry.name)).sort()
}

const noFiles = (path: string): Problem =>
  ({ severity: 'error', file: path, line: 1, column: 1, message: 'the folder holds no configuration', hint: `*.xml or *.json, or the folders ${FOLDERS.join(', ')}` })
