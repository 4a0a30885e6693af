import { readFile } from 'node:fs/promises'
import { ConfigurationError, type Problem } from '../../../lib/definitions/model/problem.js'
import type { Overlay } from '../../../lib/definitions/files/overlay.js'
import { errorMessage } from '../../../lib/message/error-message.js'
import type { ReloadReport } from '../../gateway/proxy-services.js'

/** Reloads that are kept. */
const MAX_RELOADS = 20
/** Characters of all texts that are kept, so that the operator can go back to them. */
const MAX_TEXT = 8 * 1024 * 1024

/** One reload of the configuration, the first one included. */
export interface ReloadEntry {
  /** Rises by one with each reload of this process. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly reason: string
  /** `tried`: for a time only. */
  readonly outcome: 'ran' | 'refused' | 'tried'
  /** Names of proxies. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly problems: readonly Problem[]
  /** The first line of an error that is not about the configuration. */
  readonly error?: string
}

interface Kept {
  readonly entry: ReloadEntry
  /** Texts of its files; undefined if they were not kept. */
  texts: ReadonlyMap<string, string> | undefined
}

/** What was reloaded when and why, with the texts that ran. Bounded in number and memory. */
export class ReloadHistory {
  readonly #kept: Kept[] = []
  #next = 1

  get entries (): readonly ReloadEntry[] {
    return this.#kept.map(({ entry }) => entry)
  }

  /** The texts that a reload ran; undefined if they are not kept (any more). */
  textsOf (number: number): ReadonlyMap<string, string> | undefined {
    return this.#kept.find(({ entry }) => entry.number === number)?.texts
  }

  /** @param files of the configuration after the reload */
  async add ({ at, reason, overlay, outcome }: ReloadReport, files: readonly string[]): Promise<ReloadEntry> {
    const refused = 'error' in outcome
    const entry: ReloadEntry = {
      number: this.#next++,
      at,
      reason,
      outcome: refused ? 'refused' : overlay.size > 0 ? 'tried' : 'ran',
      added: refused ? [] : outcome.added,
      removed: refused ? [] : outcome.removed,
      problems: refused && outcome.error instanceof ConfigurationError ? outcome.error.problems : [],
      ...(refused && !(outcome.error instanceof ConfigurationError) && { error: firstLine(outcome.error) })
    }
    const kept: Kept = { entry, texts: undefined }
    this.#kept.push(kept)
    if (this.#kept.length > MAX_RELOADS) this.#kept.shift()
    if (!refused) kept.texts = await textsOf(files, overlay)
    this.#limitTexts()
    return entry
  }

  /** The oldest texts are dropped first. */
  #limitTexts (): void {
    let total = 0
    for (const kept of this.#kept.toReversed()) {
      for (const text of kept.texts?.values() ?? []) total += text.length
      if (total > MAX_TEXT) kept.texts = undefined
    }
  }
}

async function textsOf (files: readonly string[], overlay: Overlay): Promise<ReadonlyMap<string, string>> {
  const texts = files.map(
    async file => [file, overlay.get(file) ?? (await readFile(file, 'utf8').catch(() => ''))] as const
  )
  return new Map(await Promise.all(texts))
}

const firstLine = (error: unknown): string => errorMessage(error).split('\n')[0]!
