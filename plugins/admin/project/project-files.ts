import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { FOLDERS, isLayoutPath } from '../../../lib/definitions/files/configuration-files.js'
import type { ConfigurationSource } from '../../gateway/configuration/load-configuration.js'
import { FileNotAllowed, NotEditable, NotWritable, StaleFile, UnknownFile } from './refusals.js'

/** Bytes that a file may have to be edited. */
const MAX_EDITABLE = 1024 * 1024

/** A file of the configuration as it is on disk. */
export interface FileContent {
  readonly file: string
  readonly text: string
  /** Of its bytes: identifies this version. */
  readonly hash: string
}

/** A change of one file: its new text, null to remove it; and the version that was changed, null for a new file. */
export interface FileChange {
  readonly text: string | null
  readonly was: string | null
}
export type FileChanges = Readonly<Record<string, FileChange>>

/** The files of the running configuration, and those that may be added to it. All other paths are refused. */
export class ProjectFiles {
  readonly #sources: () => readonly ConfigurationSource[]

  /** @param sources where the running configuration was read from */
  constructor (sources: () => readonly ConfigurationSource[]) {
    this.#sources = sources
  }

  get files (): readonly string[] {
    return this.#sources().flatMap(({ files }) => files)
  }

  /** Whether the configuration can be written at all. @returns true, or why not */
  async isWritable (): Promise<true | string> {
    const paths = this.#sources().flatMap(({ path, baseDir }) => (path === undefined ? [] : [baseDir]))
    if (paths.length === 0) return 'the app gives the configuration: it has no files'
    for (const path of paths) {
      const isAllowed = await access(path, constants.W_OK).then(
        () => true,
        () => false
      )
      if (!isAllowed) return `the folder ${path} is read-only`
    }
    return true
  }

  /** @throws UnknownFile, NotEditable */
  async read (file: string): Promise<FileContent> {
    if (!this.files.includes(file)) throw new UnknownFile(file)
    const { size } = await stat(file)
    if (size > MAX_EDITABLE) throw new NotEditable(file, `it is larger than ${MAX_EDITABLE} bytes`)
    const bytes = await readFile(file)
    const text = bytes.toString('utf8')
    if (!Buffer.from(text).equals(bytes)) throw new NotEditable(file, 'it is not in UTF-8')
    if (/\r(?!\n)/.test(text) || (text.includes('\r\n') && /(?<!\r)\n/.test(text))) {
      throw new NotEditable(file, 'its lines end in different ways')
    }
    return { file, text, hash: hashOf(bytes) }
  }

  /** Checks that each file is one of the configuration, or may be added, and is as it was. @throws the first refusal */
  async verify (changes: FileChanges): Promise<void> {
    for (const [file, { was }] of Object.entries(changes)) {
      if (this.files.includes(file)) {
        if ((await hashOfFile(file)) !== was) throw new StaleFile(file)
      } else {
        await this.#verifyNew(file)
        if (was !== null) throw new UnknownFile(file)
        if ((await hashOfFile(file)) !== null) throw new StaleFile(file)
      }
    }
  }

  /**
   * Writes all changes or none: each file is replaced at once by a file that was written beside it.
   * @returns what puts the earlier files back
   * @throws NotWritable
   */
  async write (changes: FileChanges): Promise<() => Promise<void>> {
    const before = new Map<string, Buffer | null>()
    const putBack = async (): Promise<void> => {
      for (const [file, bytes] of before) await (bytes === null ? rm(file, { force: true }) : replace(file, bytes))
    }
    for (const [file, { text }] of Object.entries(changes)) {
      const earlier = await readFile(file).catch(() => null)
      try {
        if (text === null) await rm(file)
        else await replace(file, Buffer.from(text))
      } catch (error) {
        await putBack().catch(() => {})
        throw new NotWritable(
          file,
          error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : ''
        )
      }
      before.set(file, earlier)
    }
    return putBack
  }

  /** A new file must lie in a folder that the configuration reads, whatever links lead there. */
  async #verifyNew (file: string): Promise<void> {
    for (const { path, baseDir } of this.#sources()) {
      if (path !== baseDir || file !== join(baseDir, relative(baseDir, file))) continue
      const inside = relative(resolve(baseDir), resolve(file)).split(sep).join('/')
      if (!isLayoutPath(inside)) continue
      const root = await realpath(baseDir)
      // A folder of the layout that is not there yet is made.
      const folder = await realpath(dirname(file)).catch(() => dirname(join(root, inside)))
      if (folder === root || folder.startsWith(root + sep)) return
    }
    throw new FileNotAllowed(file, FOLDERS.join(', '))
  }
}

/** The hash by which versions of a file are distinguished. */
export const hashOf = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

/** Null: there is no such file. */
const hashOfFile = async (file: string): Promise<string | null> =>
  await readFile(file).then(hashOf, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })

/** A reader sees the earlier or the new file, never a part of it. Links are followed, the mode stays. */
async function replace (file: string, bytes: Buffer): Promise<void> {
  const target = await realpath(file).catch(() => file)
  const mode = await stat(target).then(
    found => found.mode & 0o7777,
    () => 0o644
  )
  const temporary = join(dirname(target), `.${hashOf(bytes).slice(0, 8)}.${process.pid}.tmp`)
  try {
    await mkdir(dirname(target), { recursive: true })
    await writeFile(temporary, bytes, { mode, flag: 'wx', flush: true })
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
