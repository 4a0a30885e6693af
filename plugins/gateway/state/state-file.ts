import { rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Registry, StateChange } from '../../../lib/state/registry.js'
import { InvalidOption } from '../../errors.js'
import { BackOff, repeat } from '../../timing/back-off.js'
import { fileReader } from '../../files/read-small-file.js'
import { SavedSwitches } from './saved-switches.js'

/** Delays between attempts to write, in milliseconds. */
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 60_000

const paths = new WeakMap<Registry, string>()

/**
 * Keeps the switches of an app in a file: endpoints that are added get the state that they were switched to. A file
 * that cannot be read or written is reported, and traffic continues. Call it before endpoints are added.
 * @throws InvalidOption if the app keeps them in another file
 */
export async function keepSwitches (app: FastifyInstance, file: string | URL): Promise<void> {
  const { endpointRegistry: registry, log } = app
  const path = typeof file === 'string' ? resolve(file) : fileURLToPath(file)
  const known = paths.get(registry)
  if (known === path) return
  if (known !== undefined) {
    throw new InvalidOption([{ path: 'stateFile', message: `the app keeps its switches in ${known} already` }])
  }
  paths.set(registry, path)
  const stateFile = new StateFile(path, log)
  const switches = await stateFile.read()
  registry.knownHealth = endpoint => switches.get(endpoint)
  for (const endpoint of registry.endpoints.values()) registry.restore(endpoint)
  const onChange = ({ endpoint, to }: StateChange): void => {
    if (switches.note(endpoint, to)) stateFile.write(switches)
  }
  registry.on('stateChange', onChange)
  stateFile.write(switches)
  app.addHook('onClose', async () => {
    registry.off('stateChange', onChange)
    await stateFile.close()
  })
}

/** One file, replaced as a whole: a crash leaves the old content or the new one. */
class StateFile {
  readonly #path: string
  readonly #log: FastifyBaseLogger
  readonly #backOff = new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS)
  /** What is to be written; undefined: nothing. */
  #wanted: SavedSwitches | undefined
  #writing: Promise<void> | undefined
  #endRetries = (): void => {}
  #isFailing = false

  constructor (path: string, log: FastifyBaseLogger) {
    this.#path = path
    this.#log = log
  }

  /** Returns what the file contains; nothing, where it does not exist or is malformed. */
  async read (): Promise<SavedSwitches> {
    try {
      return SavedSwitches.parse(fileReader('.')(this.#path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') await this.#setAside(error as Error)
      return new SavedSwitches()
    }
  }

  async #setAside ({ message: cause }: Error): Promise<void> {
    const file = this.#path
    const text = `the state file ${file} cannot be used: endpoints that were off or draining receive messages again`
    const renamedTo = `${file}.broken`
    const isKept = await rename(file, renamedTo).then(
      () => true,
      () => false
    )
    this.#log.error({ file, cause, ...(isKept && { renamedTo }) }, text)
  }

  /** Writes as soon as possible; what is written last counts. */
  write (switches: SavedSwitches): void {
    this.#wanted = switches
    this.#endRetries()
    this.#writing ??= this.#run()
  }

  /** Resolves when what is wanted is written, or has failed once more. */
  async close (): Promise<void> {
    await this.#writing
    if (this.#wanted !== undefined) await this.#run()
    this.#endRetries()
  }

  async #run (): Promise<void> {
    while (this.#wanted !== undefined) {
      const switches = this.#wanted
      this.#wanted = undefined
      try {
        await replaceFile(this.#path, switches.text)
      } catch (error) {
        this.#wanted ??= switches
        this.#failed(error as Error)
        break
      }
      this.#backOff.reset()
      if (this.#isFailing) this.#log.info({ file: this.#path }, `switches by hand are kept in ${this.#path} again`)
      this.#isFailing = false
    }
    this.#writing = undefined
  }

  #failed ({ message: cause }: Error): void {
    const file = this.#path
    const text = `switches by hand cannot be kept in ${file}, and a restart forgets them: ${cause}`
    if (!this.#isFailing) this.#log.warn({ file, cause }, text)
    this.#isFailing = true
    this.#endRetries = repeat(async () => {
      this.#writing ??= this.#run()
      return undefined
    }, this.#backOff.next())
  }
}

/** Replaces a file as a whole. @throws Error of the file system */
async function replaceFile (path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}.next`
  try {
    await writeFile(next, text, { mode: 0o600, flush: true })
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true }).catch(() => {})
    throw error
  }
}
