import { constants, open, realpath } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { buildConnector } from 'undici'
import type { TlsOptions } from '../../lib/state/tls-material.js'
import { declaredIn } from '../../lib/xml/encoding.js'

/**
 * Why a document cannot be published. The text is safe for any client: it names places as the configuration does,
 * never as the server does.
 */
export class UnpublishableWsdl extends Error {}

/** A text, and the place it was found at: what its relative locations start from. */
export interface FoundDocument {
  readonly text: string
  readonly url: URL
  readonly tree: string
}

/** Bytes that one document may have. */
const LIMIT = 4 * 1024 * 1024
/** Milliseconds that a server may take for one. */
const FETCH_TIMEOUT_MS = 5_000

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
    if (!URL.canParse(uri, asFolder(folder).href)) throw new UnpublishableWsdl('it is no address')
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
 * @throws Unpublishable
 */
export async function readPlaces (
  places: readonly URL[],
  baseFolder: string,
  signal: AbortSignal,
  security?: TlsOptions
): Promise<FoundDocument> {
  const [first, ...others] = places
  try {
    const url = first!
    if (url.protocol !== 'file:') return { text: await fetchText(url, signal, security), url, tree: '' }
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
 * @throws Unpublishable
 */
export async function readImport (
  url: URL,
  from: { url: URL; tree: string },
  signal: AbortSignal
): Promise<FoundDocument> {
  if (url.protocol !== 'file:') return { text: await fetchText(url, signal), url, tree: '' }
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
    throw new UnpublishableWsdl('it is no address of a file')
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
  // What is no file, a pipe for one, must not be waited for.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(refuseFile)
  try {
    if (!(await handle.stat()).isFile()) throw new UnpublishableWsdl('it is no file')
    return decode(await gather(handle.createReadStream({ autoClose: false, end: LIMIT })))
  } catch (error) {
    return refuseFile(error as NodeJS.ErrnoException)
  } finally {
    await handle.close()
  }
}

async function fetchText (url: URL, signal: AbortSignal, security?: TlsOptions): Promise<string> {
  // Few configurations name a document on a server.
  const { Agent, request } = await import('undici')
  const late = AbortSignal.timeout(FETCH_TIMEOUT_MS)
  // Without TLS options of its own, a fetch uses the connections of all others.
  const connect = security && connectOptions(security)
  const agent = connect && new Agent({ connect })
  try {
    const { statusCode, body } = await request(url, {
      signal: AbortSignal.any([signal, late]),
      reset: true,
      ...agent !== undefined && { dispatcher: agent },
      headers: { accept: 'application/wsdl+xml, text/xml, application/xml, */*;q=0.1' }
    })
    if (statusCode !== 200) {
      await body.dump()
      throw new UnpublishableWsdl(`the server answers ${statusCode}`)
    }
    return decode(await gather(body))
  } catch (error) {
    if (error instanceof UnpublishableWsdl) throw error
    const { code, name } = error as NodeJS.ErrnoException
    throw new UnpublishableWsdl(
      late.aborted
        ? `the server takes longer than ${FETCH_TIMEOUT_MS / 1000} s`
        : `the server cannot be asked (${code ?? name})`
    )
  } finally {
    await agent?.close()
  }
}

/** Undefined: the defaults of undici. */
function connectOptions ({ verify, ...certificates }: TlsOptions): buildConnector.BuildOptions | undefined {
  if (verify && Object.keys(certificates).length === 0) return undefined
  return { rejectUnauthorized: verify, ...certificates }
}

async function gather (stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > LIMIT) throw new UnpublishableWsdl(`it is larger than ${LIMIT / 1024 / 1024} MiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** By the byte order mark, else by the XML declaration, else UTF-8 (XML 1.0, appendix F). */
function decode (bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex')
  const encoding = mark === 'feff' ? 'utf-16be' : mark === 'fffe' ? 'utf-16le' : (declaredIn(bytes) ?? 'utf-8')
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw new UnpublishableWsdl(`its characters are not ${encoding.slice(0, 40)}`)
  }
}
