import type { Effects } from '../../../lib/compiler/effects.js'
import { otherLanguageOf, type OtherLanguage } from '../../../lib/definitions/conversion.js'
import { BUILT_IN_KINDS } from '../../../lib/definitions/reading/read-xml.js'
import type { Problem } from '../../../lib/definitions/model/problem.js'
import type { Overlay } from '../../../lib/definitions/files/overlay.js'
import {
  mergedNames,
  namesIn,
  vocabularyOf,
  type ArtefactNames,
  type Vocabulary
} from '../../../lib/definitions/vocabulary.js'
import type { Dispatcher } from '../../gateway/dispatcher.js'
import type { ProxyServices, ReloadReport } from '../../gateway/proxy-services.js'
import { inSlices } from '../../timing/in-slices.js'
import { SerialQueue } from '../../timing/serial-queue.js'
import { projectArchive, type ArchiveForm, type ProjectArchive } from './project-archive.js'
import { ProjectFiles, type FileChanges } from './project-files.js'
import { ReloadHistory, type ReloadEntry } from './reload-history.js'
import {
  ChangeInProgress,
  NoUnconfirmedConfiguration,
  TooManyChecks,
  UnconfirmedConfigurationRuns
} from './refusals.js'

/** Checks at one time: one runs, and the others wait. */
const MAX_CHECKS = 4

/** A configuration that runs for a time, and is not written before an operator keeps it. */
export interface UnconfirmedConfiguration {
  /** When the earlier configuration comes back, in milliseconds since 1970. */
  readonly endsAt: number
  readonly files: readonly string[]
  readonly by: string | undefined
}

/** The result of a check. */
export interface CheckResult {
  readonly problems: readonly Problem[]
  /** Empty: it cannot run. */
  readonly effects: readonly Effects[]
  /** What the artefacts are called that others may name, those of the changes included. */
  readonly names: ArtefactNames
}

export interface ProjectEvents {
  /** A reload is over. */
  readonly reloaded: (entry: ReloadEntry) => void
  /** An unconfirmed configuration has begun to run, or has been kept or reverted. */
  readonly unconfirmed: (text: string) => void
}

/**
 * The configuration as a project that operators change: checked by the rules of a reload, then tried for a time, or
 * written and reloaded.
 */
export class Project {
  readonly files: ProjectFiles
  readonly history = new ReloadHistory()
  readonly #proxyServices: ProxyServices
  readonly #events: ProjectEvents
  #unconfirmed:
    | { readonly shown: UnconfirmedConfiguration; readonly changes: FileChanges; readonly timer: NodeJS.Timeout }
    | undefined

  readonly #checks = new SerialQueue(MAX_CHECKS, () => new TooManyChecks())
  /** One change after the other. */
  #isChanging = false

  constructor (proxyServices: ProxyServices, events: ProjectEvents) {
    this.#proxyServices = proxyServices
    this.#events = events
    this.files = new ProjectFiles(() => [...proxyServices].map(({ source }) => source))
    proxyServices.on('reload', this.#onReload)
  }

  get unconfirmed (): UnconfirmedConfiguration | undefined {
    return this.#unconfirmed?.shown
  }

  /** Problems of what runs, and of the last reload if that was refused. */
  get problems (): readonly Problem[] {
    const last = this.history.entries.at(-1)
    if (last?.outcome === 'refused') return last.problems
    return [...this.#proxyServices].flatMap(({ source }) => source.problems)
  }

  /** What the artefacts of the running configuration are called. */
  get names (): ArtefactNames {
    return mergedNames([...this.#proxyServices].map(({ configuration }) => namesIn(configuration.definitions)))
  }

  /** What may be written in the files, kinds of the app included. */
  vocabulary (): Vocabulary {
    const [dispatcher] = this.#proxyServices
    return vocabularyOf(dispatcher?.source.kinds ?? BUILT_IN_KINDS)
  }

  /** Remembers the configuration that the gateway started with. */
  async start (): Promise<void> {
    const proxies = [...this.#proxyServices].flatMap(({ configuration }) => [...configuration.services.keys()])
    const at = this.#proxyServices.loadedAt
    await this.#remember({
      at,
      reason: 'start',
      overlay: new Map(),
      outcome: { proxies, added: proxies, removed: [] }
    })
  }

  close (): void {
    this.#endUnconfirmed()
    this.#proxyServices.off('reload', this.#onReload)
  }

  /** Checks changes without running them; one check at a time. @throws the refusal of a file; TooManyChecks */
  async check (changes: FileChanges): Promise<CheckResult> {
    return await this.#checks.run(async () => {
      await this.files.verify(changes)
      const examined = await this.#proxyServices.examine(overlayOf(changes))
      const effects = examined.flatMap(each => each.effects ?? [])
      const problems = examined.flatMap(each => each.problems)
      const names = mergedNames(examined.map(each => each.names))
      return { problems, effects: effects.length < examined.length ? [] : effects, names }
    })
  }

  /** Writes a text in the other language, in turn with the checks. @throws TooManyChecks */
  async convert (file: string, text: string): Promise<OtherLanguage> {
    return await this.#checks.run(async () => await inSlices(otherLanguageOf(text, file)))
  }

  /** The running configuration with the documents that it names, in turn with the checks. @throws TooManyChecks */
  async archive (dispatcher: Dispatcher, form: ArchiveForm): Promise<ProjectArchive> {
    return await this.#checks.run(async () => await projectArchive(dispatcher, form))
  }

  /**
   * Runs changes for this many milliseconds; then the files run again, unless `keep` has written them.
   * @returns problems that prevent it; none: it runs
   */
  async try (changes: FileChanges, duration: number, by: string | undefined): Promise<readonly Problem[]> {
    return await this.#change(changes, async () => {
      await this.#proxyServices.reload({ overlay: overlayOf(changes), reason: 'tried' })
      const timer = setTimeout(() => {
        void this.#revert('reverted: its time is over')
      }, duration)
      this.#unconfirmed = { shown: { endsAt: Date.now() + duration, files: Object.keys(changes), by }, changes, timer }
      this.#events.unconfirmed(`an unconfirmed configuration runs for ${Math.round(duration / 1000)} s`)
    })
  }

  /**
   * Writes changes and reloads. If the reload is refused, the files are as before. @returns problems that prevent it
   */
  async save (changes: FileChanges): Promise<readonly Problem[]> {
    return await this.#change(changes, async () => {
      await this.#writeAndReload(changes, 'saved')
    })
  }

  /** Writes the unconfirmed configuration. @throws NoUnconfirmedConfiguration, StaleFile */
  async keep (): Promise<void> {
    const unconfirmed = this.#unconfirmed
    if (unconfirmed === undefined) throw new NoUnconfirmedConfiguration()
    await this.#exclusively(async () => {
      await this.files.verify(unconfirmed.changes)
      await this.#writeAndReload(unconfirmed.changes, 'kept')
    })
  }

  /** Runs the files again. @throws NoUnconfirmedConfiguration */
  async revert (): Promise<void> {
    if (this.#unconfirmed === undefined) throw new NoUnconfirmedConfiguration()
    await this.#revert('reverted by hand')
  }

  async #revert (reason: string): Promise<void> {
    this.#endUnconfirmed()
    // A refused reload is in the history: the unconfirmed configuration runs on.
    await this.#proxyServices.reload({ reason }).catch(() => {})
  }

  async #change (changes: FileChanges, run: () => Promise<void>): Promise<readonly Problem[]> {
    if (this.#unconfirmed !== undefined) throw new UnconfirmedConfigurationRuns()
    return await this.#exclusively(async () => {
      const { problems, effects } = await this.check(changes)
      if (effects.length === 0) return problems
      await this.files.verify(changes)
      await run()
      return []
    })
  }

  async #exclusively<T>(run: () => Promise<T>): Promise<T> {
    if (this.#isChanging) throw new ChangeInProgress()
    this.#isChanging = true
    try {
      return await run()
    } finally {
      this.#isChanging = false
    }
  }

  async #writeAndReload (changes: FileChanges, reason: string): Promise<void> {
    const putBack = await this.files.write(changes)
    try {
      await this.#proxyServices.reload({ reason })
    } catch (error) {
      await putBack()
      throw error
    }
  }

  readonly #onReload = (report: ReloadReport): void => {
    // A reload of the files, for whatever reason, replaces the unconfirmed configuration.
    if (report.overlay.size === 0 && !('error' in report.outcome)) this.#endUnconfirmed()
    void this.#remember(report)
  }

  async #remember (report: ReloadReport): Promise<void> {
    this.#events.reloaded(await this.history.add(report, this.files.files))
  }

  #endUnconfirmed (): void {
    if (this.#unconfirmed === undefined) return
    clearTimeout(this.#unconfirmed.timer)
    this.#unconfirmed = undefined
    this.#events.unconfirmed('no unconfirmed configuration runs any more')
  }
}

const overlayOf = (changes: FileChanges): Overlay =>
  new Map(Object.entries(changes).map(([file, { text }]) => [file, text]))
