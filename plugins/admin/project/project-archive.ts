import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { conversionOf } from '../../../lib/definitions/conversion.js'
import { isFile } from '../../../lib/definitions/files/configuration-files.js'
import type { Dispatcher } from '../../gateway/dispatcher.js'
import { inSlices } from '../../timing/in-slices.js'

/** `asIs`: the files as they lie. `json`, `xml`: all artefacts in one file. */
export type ArchiveForm = 'asIs' | 'json' | 'xml'

/** A project that `serve` runs: texts by path, with `/`. */
export interface ProjectArchive {
  readonly files: Readonly<Record<string, string>>
  /** Files that are named and not in it: certificates and keys, files elsewhere, files that are not text. */
  readonly leftOut: readonly string[]
  /** Paths of values that the chosen language cannot express. */
  readonly losses: readonly string[]
}

/** Files beside a configuration that it names: WSDLs and schemas, members, texts. */
const DOCUMENT = /\.(?:wsdl|xsd|xml|json|txt|xslt?|js)$/i
const PATH = /^(?:file:(?:\/\/)?)?(?!\/)[^\s:*?"<>|\\]+\.\w{1,8}$/i
const MAX_FILES = 1_000
const MAX_BYTES = 16 * 1024 * 1024

/** Returns a configuration with the documents that it names. Bounded in number and size. */
export async function projectArchive (
  { source, configuration }: Dispatcher,
  form: ArchiveForm
): Promise<ProjectArchive> {
  const { definitions } = configuration
  const collected = new CollectedFiles(source.baseDir)
  const losses: string[] = []
  if (form === 'asIs' && source.path !== undefined) for (const file of source.files) await collected.add(file)
  else if (form === 'xml') {
    const converted = await inSlices(conversionOf(definitions, 'xml'))
    collected.set('synapse.xml', `${converted.text}\n`)
    losses.push(...converted.losses)
  } else collected.set('configuration.json', `${JSON.stringify(definitions, null, 2)}\n`)
  for (const path of new Set(textsIn(definitions))) await collected.addNamed(path, source.baseDir)
  return { files: Object.fromEntries(collected.files), leftOut: [...collected.leftOut], losses }
}

/** All texts in a value. */
function * textsIn (value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) yield * textsIn(each)
}

/** Files below one folder, whatever links lead there. */
class CollectedFiles {
  readonly files = new Map<string, string>()
  readonly leftOut = new Set<string>()
  readonly #folder: string
  /** The folder without links; empty if it is gone. */
  readonly #root: Promise<string>
  #bytes = 0

  constructor (folder: string) {
    this.#folder = resolve(folder)
    this.#root = realpath(this.#folder).catch(() => '')
  }

  set (path: string, text: string): void {
    this.files.set(path, text)
  }

  async add (file: string): Promise<void> {
    const path = relative(this.#folder, resolve(file)).split(sep).join('/')
    if (this.files.has(path) || this.leftOut.has(path)) return
    const text = await this.#read(file)
    if (text === undefined) this.leftOut.add(path)
    else this.files.set(path, text)
  }

  /** Adds a file that a text names, and what that imports. Other texts are no paths. */
  async addNamed (text: string, base: string): Promise<void> {
    if (text.length > 500 || !PATH.test(text)) return
    const file = join(base, text.replace(/^file:(?:\/\/)?/i, ''))
    if (!await isFile(file)) return
    const path = relative(this.#folder, resolve(file)).split(sep).join('/')
    if (this.files.has(path)) return
    if (!DOCUMENT.test(file)) {
      this.leftOut.add(path)
      return
    }
    await this.add(file)
    for (const [, location] of (this.files.get(path) ?? '').matchAll(/[lL]ocation\s*=\s*["']([^"']+)["']/g)) {
      await this.addNamed(location!, dirname(file))
    }
  }

  /** Undefined: it lies elsewhere, is not text, or there is no more room. */
  async #read (file: string): Promise<string | undefined> {
    const [root, real] = await Promise.all([this.#root, realpath(file).catch(() => '')])
    if (root === '' || !real.startsWith(root + sep) || this.files.size >= MAX_FILES) return undefined
    const { size } = await stat(real)
    if (this.#bytes + size > MAX_BYTES) return undefined
    const bytes = await readFile(real)
    const text = bytes.toString('utf8')
    if (!Buffer.from(text).equals(bytes)) return undefined
    this.#bytes += size
    return text
  }
}
