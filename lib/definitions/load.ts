import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describeMissing, filesIn, propertiesFor } from './files/configuration-files.js'
import { readRegistryResources, type RegistryAccess } from './files/registry-artefacts.js'
import { RegistryFiles } from './files/registry-files.js'
import { NO_OVERLAY, withOverlay, type Overlay } from './files/overlay.js'
import { proxiesWithoutTarget } from './checking/proxy-target.js'
import { circles } from './checking/circles.js'
import { assemble, violationsInSlices } from './checking/validate.js'
import { Definitions as Schema, modelOf, type Definitions } from './model/model.js'
import { documentText } from '../xml/document-text.js'
import { normalise } from '../xml/parse-xml.js'
import { ConfigurationError, problemAt, problemOfFile, type SourceLocations, type Problem } from './model/problem.js'
import { jsonTextOf, notJsonIn } from './reading/not-json.js'
import { readJson } from './reading/read-json.js'
import { readProperties } from './reading/read-properties.js'
import type { Kinds } from '../contracts/kind.js'
import { atOnce, completed, type RunSliced, type Sliced } from '../slices/sliced-work.js'
import { BUILT_IN_KINDS, readXml, type Reading } from './reading/read-xml.js'

/** A configuration that was read, with all problems that reading it found. */
export interface LoadedConfiguration {
  readonly definitions: Definitions
  readonly locations: SourceLocations
  readonly problems: readonly Problem[]
  /** Relative addresses are resolved against this folder. */
  readonly baseDir: string
  /** All files that it was read from. */
  readonly files: readonly string[]
}

/** Bytes. */
const MAX_FILE_SIZE = 16 * 1024 * 1024

/**
 * Reads a configuration: a file (XML or JSON), or a folder with its own `*.xml` and `*.json`, `synapse.xml` first, and
 * those in the folders of Synapse's layout, or with the artefacts of an unpacked Carbon application.
 * The first `synapse.properties` in `CONF_FOLDERS` is read, too. Problems are collected, not thrown; nothing is
 * compiled.
 * @param overlay texts that take the place of files
 * @param run runs what takes long. Default: at once
 * @throws Error if the path itself cannot be read
 */
export async function load (
  path: string,
  kinds: Kinds = BUILT_IN_KINDS,
  overlay: Overlay = NO_OVERLAY,
  run: RunSliced = atOnce
): Promise<LoadedConfiguration> {
  const isFolder = (await stat(path)).isDirectory()
  const baseDir = isFolder ? path : dirname(path)
  const listing = isFolder ? await filesIn(path) : { files: [path], problems: [] }
  const chosen = withOverlay(listing.files, overlay)
  const files = [...chosen, ...(await propertiesFor(baseDir))]
  const locations: SourceLocations = new WeakMap()
  const texts = await Promise.all(
    files.map(async file => ({ file, text: await readFileText(file, overlay.get(file)) }))
  )
  const readings = await run(readAll(texts, locations, kinds))
  const resources = await withRegistry(readings, { baseDir, locations, kinds, run })
  const loaded = await run(fromReadings([...readings, ...resources.readings], locations, kinds))
  const missing = chosen.length === 0 ? [await describeMissing(path)] : []
  const problems = [...missing, ...listing.problems, ...loaded.problems]
  return { ...loaded, problems, baseDir, files: [...files, ...resources.files] }
}

/** The registry resources that a configuration names. */
async function withRegistry (
  readings: readonly Reading[],
  { baseDir, ...access }: { baseDir: string } & Pick<RegistryAccess, 'locations' | 'kinds' | 'run'>
): ReturnType<typeof readRegistryResources> {
  const artefacts = readings.flatMap(each => each.artefacts)
  const registry = await RegistryFiles.around(baseDir)
  const problems: Problem[] = []
  for (const { value } of artefacts.filter(({ category }) => category === 'registry')) {
    if (typeof value === 'string' && !(await registry.addFolder(value, baseDir))) {
      problems.push(
        problemOfFile(
          value,
          'unreadable-file',
          `the root of the registry, ${value}, is not a folder`,
          'it is relative to the configuration, or to the folder that repository lies in',
          'warning'
        )
      )
    }
  }
  const text = async (file: string): Promise<string | Problem> => {
    const bytes = await bytesOf(file)
    if (!Buffer.isBuffer(bytes)) return bytes
    const decoded = documentText(bytes)
    return typeof decoded === 'string' ? decoded : problemOfFile(file, 'unreadable-file', decoded.reason)
  }
  const resources = await readRegistryResources(artefacts, { ...access, find: key => registry.find(key), text })
  return { ...resources, readings: [{ artefacts: [], problems }, ...resources.readings] }
}

/** Reads a text as a configuration: as XML where it begins with `<`, else as JSON. */
export function parse (text: string, file?: string, kinds?: Kinds): LoadedConfiguration {
  return completed(parseInSlices(text, file, kinds))
}

/** As `parse`. */
export function * parseInSlices (
  text: string,
  file = '(configuration)',
  kinds: Kinds = BUILT_IN_KINDS
): Sliced<LoadedConfiguration> {
  const locations: SourceLocations = new WeakMap()
  const reading = yield * readText(file, text, locations, kinds)
  return { ...(yield * fromReadings([reading], locations, kinds)), baseDir: '.', files: [] }
}

/** Reads definitions that are an object. Problems name paths in it. */
export function * parseObjectInSlices (value: object, kinds: Kinds = BUILT_IN_KINDS): Sliced<LoadedConfiguration> {
  const locations: SourceLocations = new WeakMap()
  const reading = yield * readObject(value, locations)
  return { ...(yield * fromReadings([reading], locations, kinds)), baseDir: '.', files: [] }
}

function * readObject (value: object, locations: SourceLocations): Sliced<Reading> {
  const wrong = yield * notJsonIn(value)
  if (wrong === undefined) {
    return yield * readJson('(definitions)', yield * jsonTextOf(value), locations, { paths: true })
  }
  const location = { source: { file: '(definitions)', text: '' }, offset: 0, path: wrong.path }
  const problem = problemAt(location, 'invalid-value', `${wrong.what} cannot be part of definitions`)
  return { artefacts: [], problems: [problem] }
}

/** The definitions of a configuration without errors. @throws ConfigurationError */
export function definitionsOrThrow ({
  definitions,
  problems
}: Pick<LoadedConfiguration, 'definitions' | 'problems'>): Definitions {
  if (problems.some(({ severity }) => severity === 'error')) throw new ConfigurationError(problems)
  return definitions
}

function * fromReadings (
  readings: readonly Reading[],
  locations: SourceLocations,
  kinds: Kinds
): Sliced<Pick<LoadedConfiguration, 'definitions' | 'locations' | 'problems'>> {
  const { definitions, problems } = assemble(
    readings.flatMap(({ artefacts }) => artefacts),
    locations
  )
  const schema = kinds === BUILT_IN_KINDS ? Schema : modelOf(kinds).Import('Definitions')
  const all = [
    ...readings.flatMap(reading => reading.problems),
    ...problems,
    ...(yield * violationsInSlices(definitions, locations, schema)),
    ...proxiesWithoutTarget(definitions, locations),
    ...circles(definitions, locations)
  ]
  return { definitions, locations, problems: all }
}

/** The text of a file, or the problem of reading it. */
async function readFileText (file: string, replacement: string | null | undefined): Promise<string | Problem> {
  const bytes = typeof replacement === 'string' ? Buffer.from(replacement) : await bytesOf(file)
  if (!Buffer.isBuffer(bytes)) return bytes
  const text = documentText(bytes)
  if (typeof text === 'string') return text
  const source = { file, text: normalise(bytes.toString('utf8')) }
  const location = { source, offset: text.offset, artefact: { category: 'none', name: file } } as const
  return problemAt(location, 'unreadable-file', text.reason)
}

function * readAll (
  texts: readonly { readonly file: string; readonly text: string | Problem }[],
  locations: SourceLocations,
  kinds: Kinds
): Sliced<Reading[]> {
  const readings: Reading[] = []
  for (const { file, text } of texts) {
    readings.push(
      typeof text === 'string' ? yield * readText(file, text, locations, kinds) : { artefacts: [], problems: [text] }
    )
    yield
  }
  return readings
}

/** The bytes of a file, or why it cannot be read. */
async function bytesOf (file: string): Promise<Buffer | Problem> {
  const unreadable = (message: string, hint?: string): Problem =>
    problemOfFile(file, 'unreadable-file', message, hint)
  const stats = await stat(file).catch((error: Error) => error)
  if (stats instanceof Error) return unreadable(`the file cannot be read: ${stats.message.split(',', 1)[0]}`)
  if (!stats.isFile()) return unreadable('it is not a file', 'a pipe, a socket or a device is not read')
  const { size } = stats
  if (size > MAX_FILE_SIZE) return unreadable(`the file is larger than ${MAX_FILE_SIZE} bytes`)
  const bytes = await readFile(file)
  return bytes.subarray(0, 4).toString('latin1') === 'PK\x03\x04'
    ? unreadable(
      'the file is an archive, not a configuration',
      'unpack it (unzip FILE -d FOLDER), and name the folder'
    )
    : bytes
}

/** Whether the text of a configuration is XML, rather than JSON. */
export const isXml = (text: string): boolean => text.trimStart().startsWith('<')

function * readText (file: string, text: string, locations: SourceLocations, kinds: Kinds): Sliced<Reading> {
  if (file.endsWith('.properties')) return readProperties(file, text)
  const read = isXml(text) || file.endsWith('.xml')
    ? readXml(file, text, locations, kinds)
    : readJson(file, text, locations)
  return yield * read
}
