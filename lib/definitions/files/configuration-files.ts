import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CONF_FOLDERS } from '../../endpoints/settings/placeholders.js'
import { readArtifact } from './carbon-application.js'
import { problemOfFile, type Problem } from '../model/problem.js'

/** The folders of Synapse's layout of many files, in reading order. @see Synapse: MultiXMLConfigurationBuilder */
export const FOLDERS = ['local-entries', 'endpoints', 'sequences', 'templates', 'proxy-services', 'api', 'apis']
/**
 * Folders of that layout, and of WSO2's, whose artefacts are not supported: they are read so that `check` reports each.
 */
const UNSUPPORTED_FOLDERS = ['tasks', 'event-sources', 'events', 'priority-executors', 'message-stores',
  'message-processors', 'inbound-endpoints', 'imports']
/** Files of a project beside its configuration (Maven, Integration Studio, npm). */
const PROJECT_FILES = ['pom.xml', 'artifact.xml', 'artifacts.xml', 'metadata.xml', 'package.json', 'package-lock.json',
  'tsconfig.json']
/** Where the modules of Maven projects keep that layout. */
const PROJECT_LAYOUTS = ['src/main/wso2mi/artifacts', 'src/main/synapse-config']
/** Where projects and servers keep that layout. */
const NESTED_LAYOUTS = ['src/main/wso2mi/artifacts', 'src/main/synapse-config', 'synapse-config',
  'synapse-configs/default',
  'repository/deployment/server/synapse-configs/default', 'repository/conf/synapse-config']

/** Whether a configuration in a folder has this file: a path below the folder, with `/`. */
export function isLayoutPath (path: string): boolean {
  const [folder, name, ...deeper] = path.includes('/') ? path.split('/') : ['', path]
  if (name === undefined || deeper.length > 0 || !/^[\p{L}\p{N}_][^\p{C}/\\:]*$/u.test(name)) return false
  if (folder === '') return /\.(xml|json)$/.test(name) && !PROJECT_FILES.includes(name)
  return FOLDERS.includes(folder!) && name.endsWith('.xml')
}

/** The files of a folder that make up a configuration, with the problems of finding them. */
export interface FoundFiles { readonly files: readonly string[], readonly problems: readonly Problem[] }

/**
 * Finds the files of a folder: the artefacts of an unpacked Carbon application, else Synapse's layout, else a Maven
 * project or the projects below it.
 */
export async function filesIn (folder: string): Promise<FoundFiles> {
  if (await isFile(join(folder, 'artifacts.xml'))) {
    const artefacts = await artefactsIn(folder)
    if (artefacts.some(({ files, problems }) => files.length + problems.length > 0)) {
      return { files: artefacts.flatMap(({ files }) => files), problems: artefacts.flatMap(({ problems }) => problems) }
    }
  }
  const files = await layoutFilesIn(folder)
  return { files: files.length > 0 ? files : await projectFilesIn(folder), problems: [] }
}

/** The files of a Maven project, with or without a root of its own: those of its layout, and those of its modules. */
async function projectFilesIn (folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const modules = entries.filter(entry => entry.isDirectory()).map(({ name }) => join(folder, name)).sort()
  const roots = [folder, ...modules].flatMap(root => PROJECT_LAYOUTS.map(layout => join(root, layout)))
  return (await Promise.all(roots.map(layoutFilesIn))).flat()
}

/** The first `synapse.properties` of a configuration in this folder, if there is one. */
export async function propertiesFor (folder: string): Promise<string[]> {
  for (const confFolder of CONF_FOLDERS) {
    const file = join(folder, confFolder, 'synapse.properties')
    if (await exists(file)) return [file]
  }
  return []
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined

/** The problem of a folder without any configuration file; the hint names a folder below it that has some. */
export async function describeMissing (folder: string): Promise<Problem> {
  const deeper =
    await Promise.all(NESTED_LAYOUTS.map(async each =>
      (await layoutFilesIn(join(folder, each))).length > 0 ? each : []))
  const [nested] = deeper.flat()
  const hint = nested === undefined
    ? `expected *.xml or *.json, or the folders ${FOLDERS.join(', ')}`
    : `it is in ${join(folder, nested)}`
  return {
    ...problemOfFile(folder, 'empty-configuration', 'the folder holds no configuration', hint), artefact: undefined
  }
}

async function layoutFilesIn (folder: string): Promise<string[]> {
  const own = await listed(folder, ['.xml', '.json'])
  const first = own.filter(file => basename(file) === 'synapse.xml')
  const others = own.filter(file => !['synapse.xml', ...PROJECT_FILES].includes(basename(file)))
  const inFolders =
    await Promise.all([...FOLDERS, ...UNSUPPORTED_FOLDERS].map(each => listed(join(folder, each), ['.xml'])))
  return [...first, ...others, ...inFolders.flat()]
}

async function listed (folder: string, endings: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter(entry => !entry.isDirectory() && endings.some(ending => entry.name.endsWith(ending)))
    .map(entry => join(folder, entry.name)).sort()
}

/** The artefacts of a Carbon application: one folder each, in the order of their names. */
async function artefactsIn (folder: string): Promise<FoundFiles[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const folders = entries.filter(entry => entry.isDirectory()).map(entry => join(folder, entry.name)).sort()
  return await Promise.all(folders.map(async each => {
    const descriptor = join(each, 'artifact.xml')
    if (!await isFile(descriptor)) return { files: [], problems: [] }
    const { files, problems } = readArtifact(descriptor, await readFile(descriptor, 'utf8'))
    const exists = await Promise.all(files.map(async file => await isFile(join(each, file))))
    const missing = files.filter((_, index) => !exists[index])
      .map(file => problemOfFile(descriptor, 'unreadable-file', `the file ${file} that it names does not exist`))
    return {
      files: files.filter((_, index) => exists[index]).map(file => join(each, file)),
      problems: [...problems, ...missing]
    }
  }))
}

/** Whether a path is that of a file, whatever links lead there. */
export const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false
