import { attributeOf, readPositionedTree } from '../../../lib/xml/positioned-tree.js'

/** A file that an operator imports: its path in its archive, or its name. */
export interface ImportedFile {
  readonly path: string
  readonly text: string
}

/** Where imported files belong, by path below the folder of the configuration; and those that do not belong there. */
export interface Imported {
  readonly files: ReadonlyMap<string, string>
  readonly leftOut: readonly { readonly path: string, readonly reason: string }[]
}

/** Folders of Synapse's layout by the root of an artefact, and by its type in a Carbon application. */
const FOLDERS: Readonly<Record<string, string>> = {
  proxy: 'proxy-services',
  sequence: 'sequences',
  endpoint: 'endpoints',
  localEntry: 'local-entries',
  api: 'api',
  template: 'templates'
}
const DESCRIPTORS = /(?:^|\/)(?:artifacts?|metadata|pom)\.xml$/
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u

/**
 * Sorts files into the layout of a configuration by what they are: artefacts of a Carbon application, of Synapse's
 * layout wherever it lies in an archive, or single files.
 */
export function placeImportedFiles (imported: readonly ImportedFile[]): Imported {
  const files = new Map<string, string>()
  const leftOut: { path: string, reason: string }[] = []
  const leave = (path: string, reason: string): void => { leftOut.push({ path, reason }) }
  const reasons = unreadArtefacts(imported)
  for (const { path, text } of imported) {
    if (path.split('/').includes('..') || /^[/\\]|[\\\0]|^\w:/.test(path)) leave(path, 'its path leaves the archive')
    else if (DESCRIPTORS.test(path)) continue
    else {
      const placed = reasons.get(folderOf(path)) ?? placeOf(path, text)
      if (typeof placed === 'string') leave(path, placed)
      else if (files.has(placed.file)) leave(path, `"${placed.file}" is in it twice`)
      else files.set(placed.file, text)
    }
  }
  return { files, leftOut }
}

/** The place of one file, or why it has none. */
function placeOf (path: string, text: string): { readonly file: string } | string {
  const name = path.split('/').at(-1)!
  if (name.endsWith('.json')) return NAME.test(name) ? { file: name } : 'its name has other characters'
  if (!name.endsWith('.xml')) return 'it is neither XML nor JSON'
  const tree = readPositionedTree(Buffer.from(text), { maxDepth: 256, maxElements: 100_000 })
  if ('kind' in tree) return `it is not well-formed: ${tree.reason}`
  const { name: root } = tree.root
  if (root === 'definitions') return { file: 'synapse.xml' }
  const folder = FOLDERS[root]
  if (folder === undefined) return `<${root}> is not an artefact that is read: see what to do instead in "check"`
  const called = attributeOf(tree.root, 'name')?.value ?? attributeOf(tree.root, 'key')?.value ?? ''
  const file = `${NAME.test(called) ? called : name.replace(/(?:-\d[\d.]*)?\.xml$/, '')}.xml`
  return NAME.test(file) ? { file: `${folder}/${file}` } : 'its name has other characters'
}

const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/')

/** Folders of artefacts of a Carbon application that are of no use here, with why. */
function unreadArtefacts (imported: readonly ImportedFile[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { path, text } of imported) {
    if (!/(?:^|\/)artifact\.xml$/.test(path)) continue
    const tree = readPositionedTree(Buffer.from(text), { maxDepth: 32, maxElements: 1_000 })
    const type = 'kind' in tree ? undefined : attributeOf(tree.root, 'type')?.value
    if (type === undefined) found.set(folderOf(path), 'its artifact.xml cannot be read')
    else if (!type.startsWith('synapse/')) found.set(folderOf(path), `artefacts of type "${type}" are not read`)
  }
  return found
}
