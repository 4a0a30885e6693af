import { randomBytes } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type { ProxyServices } from '../../gateway/proxy-services.js'
import { ProcessRecording } from '../../recording/process-recording.js'
import { fingerprintOf, type RecorderSettings } from '../../recording/recorder.js'
import type { Recorded } from '../../recording/recorded-message.js'
import type { HandChange } from '../contract/hand-change.js'
import { messageDetail, messageSummary } from './message-summary.js'
import { MAX_BYTES, MAX_MESSAGES, MessageStore, type StoredMessage } from './message-store.js'
import type { MessageDetail, MessageSummary, RecordingView } from './message-views.js'

/** Messages that all processes together keep within a second; the rest is counted. */
const MAX_PER_SECOND = 200
/** What stays readable after the recording has stopped, in milliseconds. */
const KEPT_MS = 15 * 60_000
const MINUTE = 60_000

export interface RecordingOptions {
  readonly minutes: number
  /** Default: `all` */
  readonly only?: RecorderSettings['only'] | undefined
  /** Milliseconds; slower messages count as failed, too. */
  readonly slowerThan?: number | undefined
  /** Names of proxies. Default: all */
  readonly proxies?: readonly string[] | undefined
  /** Bytes of each body that are kept. Default: 0, only heads */
  readonly bytes?: number | undefined
  readonly by?: string | undefined
}

/** The other processes that serve clients. */
export interface RecordingWorkers {
  /** How many there are. */
  readonly size: number
  /** Starts to record in all of them, those that start later too; undefined: stops. */
  record (settings: RecorderSettings | undefined, keep: (pid: number, recorded: Recorded) => void): void
}

export interface RecordingParts {
  readonly proxyServices: ProxyServices
  readonly log: FastifyBaseLogger
  readonly workers: RecordingWorkers | undefined
  /** Names whose values are hidden besides those that look secret. */
  readonly hide: readonly string[]
  /** Called when a recording has ended. `who` has stopped it; undefined: its time is over. */
  readonly onStop: (reason: string, who: HandChange | undefined) => void
}

/**
 * Records messages for a time. While it is off, a message costs one test of a field, and one that meets endpoints that
 * are not ready notes why. What it keeps is bounded, and dropped some time after its end.
 */
export class Recording {
  readonly #parts: RecordingParts
  readonly #store = new MessageStore()
  /** Fingerprints of this process; each restart has others. */
  readonly #seed = [randomBytes(4).readInt32LE(), randomBytes(4).readInt32LE()] as const
  #options: RecordingOptions | undefined
  /** Of this process, where it serves clients itself. */
  readonly #own: ProcessRecording
  #endsAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor (parts: RecordingParts) {
    this.#parts = parts
    this.#own = new ProcessRecording(parts.proxyServices, parts.log)
  }

  start (options: RecordingOptions): void {
    this.#store.restart()
    this.#options = options
    this.#endsAt = Date.now() + options.minutes * MINUTE
    this.#record(this.#settingsOf(options))
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.stop('its time is over'), options.minutes * MINUTE).unref()
  }

  stop (reason: string, who?: HandChange): void {
    if (this.#options === undefined) return
    this.#options = undefined
    this.#record(undefined)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.clear(), KEPT_MS).unref()
    this.#parts.onStop(reason, who)
  }

  clear (): void {
    this.#kept.clear()
  }

  close (): void {
    this.#record(undefined)
    clearTimeout(this.#timer)
    this.clear()
  }

  view (): RecordingView {
    const { count, bytes, dropped } = this.#kept
    return {
      isRunning: this.#options !== undefined,
      endsAt: this.#options === undefined ? null : this.#endsAt,
      by: this.#options?.by ?? null,
      bodyBytes: this.#options?.bytes ?? 0,
      count,
      limit: MAX_MESSAGES,
      bytes,
      maxBytes: MAX_BYTES,
      dropped
    }
  }

  /** Newest first. @param after only those with a greater id @param before only those with a smaller id */
  list (after: number, limit: number, before?: number): MessageSummary[] {
    return this.#kept.list(after, limit, before).map(({ id, worker, message }) => messageSummary(id, worker, message))
  }

  find (id: number): StoredMessage | undefined {
    return this.#kept.find(id)
  }

  detail (id: number): MessageDetail | undefined {
    const stored = this.find(id)
    return stored && messageDetail(id, stored.worker, stored.message)
  }

  /** The fingerprint of a session by its id. */
  fingerprintOf (id: string): string {
    return fingerprintOf(id, this.#seed)
  }

  /** The messages that are kept, those that have just ended included. */
  get #kept (): MessageStore {
    this.#own.flush()
    return this.#store
  }

  #settingsOf ({ only = 'all', slowerThan, proxies, bytes = 0 }: RecordingOptions): RecorderSettings {
    const { workers, hide } = this.#parts
    return {
      only,
      slowerThan: slowerThan ?? null,
      proxies: proxies ?? null,
      bytes,
      hide,
      perSecond: Math.ceil(MAX_PER_SECOND / (workers?.size ?? 1)),
      seed: this.#seed
    }
  }

  /** Records by these settings where clients are served; undefined: stops. */
  #record (settings: RecorderSettings | undefined): void {
    const { workers } = this.#parts
    if (workers === undefined) this.#own.record(settings, each => this.#store.add(null, each))
    else workers.record(settings, (pid, recorded) => this.#store.add(pid, recorded))
  }
}
