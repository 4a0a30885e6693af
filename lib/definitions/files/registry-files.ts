import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readRegistryDescriptor, registryPath, type RegistryResource } from './registry.js'

/** Files of descriptors, and the folder beside each in which the files of its resources lie. */
const DESCRIPTORS = [
  ['artifact.xml', '.'],
  ['registry-info.xml', 'resources']
] as const
/** Where projects keep registry resources, and servers a registry of files. */
const PROJECT_FOLDERS = ['.', 'src/main/wso2mi/resources/registry', 'src/main/wso2mi/resources']
const SERVER_FOLDERS = [
  ['config', '/_system/config/'],
  ['governance', '/_system/governance/'],
  ['local', '/_system/local/']
] as const

/** A folder whose files are resources: the path of each begins with `path`. */
interface Root {
  readonly path: string
  readonly folder: string
}

/** Why a key has no usable resource. `outside`: its file lies outside of the registry. */
export type RegistryLookup = RegistryResource | 'missing' | 'outside'

/** The registries that belong to a configuration, as files. */
export class RegistryFiles {
  readonly #resources = new Map<string, RegistryResource & { readonly root: string }>()
  readonly #roots: Root[] = []

  /** Finds the registry resources of a project, a Carbon application or a server. @param folder of the configuration */
  static async around (folder: string): Promise<RegistryFiles> {
    const registry = new RegistryFiles()
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    const below = entries
      .filter(entry => entry.isDirectory())
      .map(({ name }) => join(folder, name))
      .sort()
    const project = /^(.*)[/\\]src[/\\]main[/\\]wso2mi[/\\]artifacts[/\\]?$/.exec(resolve(folder))?.[1]
    for (const each of [folder, ...below, ...(project === undefined ? [] : [project])]) {
      for (const projectFolder of PROJECT_FOLDERS) await registry.#addDescribed(join(each, projectFolder))
    }
    for (const home of homesOf(folder).slice(0, -1)) {
      for (const [name, path] of SERVER_FOLDERS) registry.#addRoot(join(home, 'registry', name), path)
    }
    return registry
  }

  /**
   * Adds a folder whose files have its keys without a prefix. @param address `file:…`, relative to the configuration
   */
  async addFolder (address: string, baseDir: string): Promise<boolean> {
    const path = address.replace(/^file:(?!\/\/)/, '')
    const roots = path.startsWith('file:')
      ? [fileURLToPath(path)]
      : homesOf(baseDir).map(home => resolve(home, path))
    for (const root of roots) {
      if (!(await isFolder(root))) continue
      this.#addRoot(root, '')
      return true
    }
    return false
  }

  /** Returns the resource of a key. */
  async find (key: string): Promise<RegistryLookup> {
    const path = registryPath(key)
    const known = path === undefined ? undefined : this.#resources.get(path)
    if (known !== undefined) return await within(known.root, known.file, known.properties)
    let last: RegistryLookup = 'missing'
    for (const { path: prefix, folder } of this.#roots) {
      const name = prefix === '' ? key : path?.startsWith(prefix) === true ? path.slice(prefix.length) : ''
      if (name === '' || name.includes('\0')) continue
      const resource = await within(folder, join(folder, name), {})
      if (typeof resource === 'object') return resource
      if (resource === 'outside') last = resource
    }
    return last
  }

  #addRoot (folder: string, path: string): void {
    this.#roots.push({ folder, path })
  }

  async #addDescribed (folder: string): Promise<void> {
    for (const [name, files] of DESCRIPTORS) {
      const text = await readFile(join(folder, name), 'utf8').catch(() => '')
      const { resources = [], collections = [] } = text === '' ? {} : (readRegistryDescriptor(text) ?? {})
      const root = join(folder, files)
      for (const { path, file, properties } of resources) {
        if (!this.#resources.has(path)) this.#resources.set(path, { file: join(root, file), properties, root })
      }
      for (const each of collections) {
        if (await isWithin(root, join(root, each.folder))) this.#addRoot(join(root, each.folder), each.path)
      }
    }
  }
}

/**
 * The folder of a configuration, the home of the engine that it lies in (what `repository` is in), the working
 * folder.
 */
function homesOf (folder: string): readonly string[] {
  const full = resolve(folder)
  const at = (full + sep).lastIndexOf(`${sep}repository${sep}`)
  return [full, ...(at < 0 ? [] : [full.slice(0, at) + sep]), resolve('.')]
}

async function within (
  root: string, file: string, properties: RegistryResource['properties']
): Promise<RegistryLookup> {
  if (!(await stat(file).catch(() => undefined))?.isFile()) {
    return resolve(file).startsWith(resolve(root) + sep) ? 'missing' : 'outside'
  }
  return (await isWithin(root, file)) ? { file, properties } : 'outside'
}

const isWithin = async (root: string, file: string): Promise<boolean> => {
  const [real, folder] = await Promise.all([file, root].map(each => realpath(each).catch(() => resolve(each))))
  return real === folder || dirname(real!) === folder || real!.startsWith(folder! + sep)
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false
