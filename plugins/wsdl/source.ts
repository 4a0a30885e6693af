import { constants, open, realpath } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { EndpointTlsOptions } from '../../lib/state/tls-material.js'
import { fetchDocument } from './fetch-document.js'
import { gather, MAX_DOCUMENT, textOfDocument, UnpublishableWsdl, type FoundDocument } from './document-text.js'

/**
 * Where relative addresses may begin: at the folder of the configuration, the home of the engine that it lies in
 * (what `repository` is in), the working folder.
 */
function beginningsOf (baseFolder: string): string[] {
  const folder = resolve(baseFolder)
  const home = (folder + sep).lastIndexOf(`${sep}repository${sep}`)
  return [folder, ...(home < 0 ? [] : [folder.slice(0, home) + sep]), process.cwd()]
}

/** The places that an address of the configuration may mean, in the order in which they are tried. */
export function placesOf (uri: string, baseFolder: string): URL[] {
  const places = beginningsOf(baseFolder).map(folder => {
    if (!URL.canParse(uri, asFolder(folder).href)) throw new UnpublishableWsdl('it is not an address')
    return new URL(uri, asFolder(folder))
  })
  if (!/^(file|https?):$/.test(places[0]!.protocol)) {
    throw new UnpublishableWsdl(`addresses that begin with ${places[0]!.protocol} are not supported`)
  }
  return places.filter((each, index) => places.findIndex(({ href }) => href === each.href) === index)
}

/**
 * Reads what the configuration names: a file, or from a server.
 * `tree` of what is found is the folder its own imports may not leave: that of the configuration, or its own if it
 * lies elsewhere.
 * @throws UnpublishableWsdl
 */
export async function readPlaces (
  places: readonly URL[],
  baseFolder: string,
  signal: AbortSignal,
  security?: EndpointTlsOptions
): Promise<FoundDocument> {
  const [first, ...others] = places
  try {
    const url = first!
    if (url.protocol !== 'file:') return await fetchDocument(url, signal, security)
    const path = await real(url)
    const folder = await realFolder(baseFolder)
    return {
      text: await readText(path),
      url: pathToFileURL(path),
      tree: isBelow(path, folder) ? folder : dirname(path)
    }
  } catch (error) {
    if (others.length > 0 && error instanceof Missing) return await readPlaces(others, baseFolder, signal, security)
    throw error
  }
}

/**
 * Reads what a document imports: a file of the same tree, or from the same server.
 * @throws UnpublishableWsdl
 */
export async function readImport (
  url: URL,
  from: { url: URL; tree: string },
  signal: AbortSignal
): Promise<FoundDocument> {
  if (url.protocol !== 'file:') return await fetchDocument(url, signal)
  const outside = new UnpublishableWsdl('it lies outside of the folder of the configuration')
  if (from.url.protocol !== 'file:' || url.host !== '' || !isBelow(pathOf(url), from.tree)) throw outside
  const path = await real(url)
  if (!isBelow(path, from.tree)) throw outside
  return { text: await readText(path), url, tree: from.tree }
}

/** Where documents begin that the configuration holds itself. */
export async function startOf (baseFolder: string): Promise<Omit<FoundDocument, 'text'>> {
  const tree = await realFolder(baseFolder)
  return { url: asFolder(tree), tree }
}

class Missing extends UnpublishableWsdl {}

const asFolder = (path: string): URL => pathToFileURL(resolve(path) + sep)
const realFolder = async (path: string): Promise<string> => await realpath(path).catch(() => resolve(path))

function isBelow (path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path
}

function pathOf (url: URL): string {
  try {
    return fileURLToPath(url)
  } catch {
    throw new UnpublishableWsdl('it is not the address of a file')
  }
}

const real = async (url: URL): Promise<string> => await realpath(pathOf(url)).catch(refuseFile)

const refuseFile = (error: NodeJS.ErrnoException): never => {
  if (error instanceof UnpublishableWsdl) throw error
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new Missing('there is no such file')
  throw new UnpublishableWsdl(
    error.code === 'EACCES' ? 'it may not be read' : `it cannot be read (${error.code ?? error.name})`
  )
}

async function readText (path: string): Promise<string> {
  // What is not a file, a pipe for one, must not be waited for.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(refuseFile)
  try {
    if (!(await handle.stat()).isFile()) throw new UnpublishableWsdl('it is not a file')
    return textOfDocument(await gather(handle.createReadStream({ autoClose: false, end: MAX_DOCUMENT })))
  } catch (error) {
    return refuseFile(error as NodeJS.ErrnoException)
  } finally {
    await handle.close()
  }
}
