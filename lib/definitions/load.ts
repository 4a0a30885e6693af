import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { artifactOf } from './carbon-application.js'
import { assemble, violations } from './validate.js'
import { Definitions as Schema, modelOf, type Definitions } from './model.js'
import { declaredIn, decode, encodingOf } from '../xml/encoding.js'
import { ConfigurationError, type SourceLocations, type Problem } from './problem.js'
import { readJson } from './read-json.js'
import { readProperties } from './read-properties.js'
import type { Kinds } from '../contracts/kind.js'
import { BUILT_IN_KINDS, readXml, type Reading } from './read-xml.js'

/** A configuration as it was read, with everything that was noticed. */
export interface LoadedConfiguration {
  readonly definitions: Definitions
  readonly locations: SourceLocations
  readonly problems: readonly Problem[]
  /** What relative addresses are relative to. */
  readonly baseDir: string
  /** All files that it was read from. */
  readonly files: readonly string[]
}

/** The folders of Synapse's layout of many files, in the order in which they are read (Synapse: MultiXMLConfigurationBuilder). */
const FOLDERS = ['local-entries', 'endpoints', 'sequences', 'templates', 'proxy-services']
/** Its other folders, with those of WSO2: what is in them is told. */
const OUTSIDE = ['api', 'apis', 'tasks', 'event-sources', 'events', 'priority-executors', 'message-stores', 'message-processors', 'inbound-endpoints', 'imports']
/** Files of a project beside its configuration (Maven, Integration Studio, npm). */
const NO_CONFIGURATION = ['pom.xml', 'artifact.xml', 'artifacts.xml', 'metadata.xml', 'package.json', 'package-lock.json', 'tsconfig.json']
/** Where projects and servers keep that layout. */
const MAX_DEPTH = ['src/main/wso2mi/artifacts', 'src/main/synapse-config', 'synapse-config', 'synapse-configs/default', 'repository/deployment/server/synapse-configs/default', 'repository/conf/synapse-config']
const MAX_FILE_SIZE = 16 * 1024 * 1024

/**
 * Reads a file (XML or JSON) or a folder: its own `*.xml` and `*.json`, `synapse.xml` first, and those in Synapse's folders; or the
 * artefacts of a Carbon application that was unpacked there; and `synapse.properties` beside it.
 * Everything that is wrong is among the problems; nothing is compiled yet.
 * @throws Error only if the path itself cannot be read
 */
export async function load (path: string, kinds: Kinds = BUILT_IN_KINDS): Promise<LoadedConfiguration> {
  const isFolder = (await stat(path)).isDirectory()
  const folder = isFolder ? path : dirname(path)
  const application = isFolder && await isFile(join(path, 'artifacts.xml')) ? await artifactsIn(path) : undefined
  const own = application?.flatMap(({ files }) => files) ?? (isFolder ? await filesIn(path) : [path])
  const files = [...own, ...await listed(folder, ['synapse.properties'])]
  const origins: SourceLocations = new WeakMap()
  const readings = await Promise.all(files.map(file => readOne(file, origins, kinds)))
  const loaded = fromReadings(readings, origins, kinds)
  const none = isFolder && own.length === 0 ? [await noFiles(path)] : []
  const told = application?.flatMap(({ problems }) => problems) ?? []
  return { ...loaded, problems: [...none, ...told, ...loaded.problems], baseDir: folder, files }
}

/** A text as a configuration: XML where it begins with `<`, else JSON. */
export function parse (text: string, file = '(configuration)', kinds: Kinds = BUILT_IN_KINDS): LoadedConfiguration {
  const origins: SourceLocations = new WeakMap()
  return { ...fromReadings([readText(file, text, origins, kinds)], origins, kinds), baseDir: '.', files: [] }
}

/** The definitions, if nothing is wrong with them. @throws ConfigurationError */
export function definitionsOrThrow ({ definitions, problems }: Pick<LoadedConfiguration, 'definitions' | 'problems'>): Definitions {
  if (problems.some(({ severity }) => severity === 'error')) throw new ConfigurationError(problems)
  return definitions
}

function fromReadings (readings: readonly Reading[], origins: SourceLocations, kinds: Kinds): Pick<LoadedConfiguration, 'definitions' | 'locations' | 'problems'> {
  const { definitions, problems } = assemble(readings.flatMap(({ artefacts }) => artefacts), origins)
  const schema = kinds === BUILT_IN_KINDS ? Schema : modelOf(kinds).Import('Definitions')
  return { definitions, locations: origins, problems: [...readings.flatMap(reading => reading.problems), ...problems, ...violations(definitions, origins, schema)] }
}

async function readOne (file: string, origins: SourceLocations, kinds: Kinds): Promise<Reading> {
  const { size } = await stat(file)
  if (size > MAX_FILE_SIZE) return { artefacts: [], problems: [wrong(file, `the file is larger than ${MAX_FILE_SIZE} bytes`)] }
  const bytes = await readFile(file)
  if (bytes.subarray(0, 4).toString('latin1') === 'PK\x03\x04') return { artefacts: [], problems: [wrong(file, 'this is an archive, and no configuration', 'unpack it (unzip FILE -d FOLDER), and name the folder')] }
  return readText(file, textOf(bytes), origins, kinds)
}

/** By the XML declaration, else UTF-8. */
function textOf (bytes: Buffer): string {
  const encoding = encodingOf(declaredIn(bytes) ?? 'utf-8')
  return encoding === undefined || encoding === 'utf-16' ? bytes.toString('utf8') : decode(bytes, 0, bytes.length, encoding)
}

const readText = (file: string, text: string, origins: SourceLocations, kinds: Kinds): Reading =>
  file.endsWith('.properties') ? readProperties(file, text) : text.trimStart().startsWith('<') || file.endsWith('.xml') ? readXml(file, text, origins, kinds) : readJson(file, text, origins)

async function filesIn (folder: string): Promise<string[]> {
  const own = await listed(folder, ['.xml', '.json'])
  const first = own.filter(file => basename(file) === 'synapse.xml')
  const others = own.filter(file => !['synapse.xml', ...NO_CONFIGURATION].includes(basename(file)))
  const inside = await Promise.all([...FOLDERS, ...OUTSIDE].map(each => listed(join(folder, each), ['.xml'])))
  return [...first, ...others, ...inside.flat()]
}

async function listed (folder: string, endings: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter(entry => !entry.isDirectory() && endings.some(ending => entry.name.endsWith(ending))).map(entry => join(folder, entry.name)).sort()
}

/** The artefacts of a Carbon application, one folder each, in the order of their folders. */
async function artifactsIn (folder: string): Promise<{ files: readonly string[], problems: readonly Problem[] }[]> {
  const inside = (await readdir(folder, { withFileTypes: true })).filter(entry => entry.isDirectory()).map(entry => join(folder, entry.name)).sort()
  return await Promise.all(inside.map(async each => {
    const described = join(each, 'artifact.xml')
    if (!await isFile(described)) return { files: [], problems: [] }
    const { files, problems } = artifactOf(described, await readFile(described, 'utf8'))
    const found = await Promise.all(files.map(async file => await isFile(join(each, file))))
    const missing = files.filter((_, index) => !found[index]).map(file => wrong(described, `the file ${file}, which it names, is not there`))
    return { files: files.filter((_, index) => found[index]).map(file => join(each, file)), problems: [...problems, ...missing] }
  }))
}

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() ?? false

const wrong = (file: string, message: string, hint?: string): Problem => ({ severity: 'error', artefact: { category: 'none', name: file }, file, line: 1, column: 1, message, hint })

async function noFiles (path: string): Promise<Problem> {
  const deeper = await Promise.all(MAX_DEPTH.map(async each => (await filesIn(join(path, each))).length > 0 ? each : []))
  const [found] = deeper.flat()
  return { severity: 'error', file: path, line: 1, column: 1, message: 'the folder holds no configuration', hint: found === undefined ? `*.xml or *.json, or the folders ${FOLDERS.join(', ')}` : `it is in ${join(path, found)}` }
}
